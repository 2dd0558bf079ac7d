//! The route table, grouped by who may call.

mod list_payments;
mod payment_view;
mod show_audit;
mod show_ledger;
mod show_payment;

use crate::state::App;
use service_kit::{Routes, gated, operators};
use utoipa_axum::router::OpenApiRouter;

#[must_use]
pub(crate) fn routes() -> Routes<App> {
    Routes {
        public: OpenApiRouter::new()
            // Who is logged in: their own. Staff: everybody's.
            .routes(gated!(list_payments::list_payments))
            .routes(gated!(show_payment::show_payment))
            // Staff
            .routes(gated!(show_ledger::show_ledger))
            .routes(gated!(show_audit::show_audit))
            .nest("/payments", operators::routes()),
        internal: OpenApiRouter::new(),
    }
}

/// The OpenAPI document of this service.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    routes().document(contracts::ServiceName::Payment)
}
