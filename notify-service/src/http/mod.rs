//! The route table, grouped by who may call.

mod delivery_view;
mod list_deliveries;
mod list_notifications;
mod mark_all_read;
mod mark_read;
mod resend_delivery;
mod show_audit;
mod unread_count;

use crate::state::App;
use service_kit::{Routes, gated, operators};
use utoipa_axum::router::OpenApiRouter;

#[must_use]
pub(crate) fn routes() -> Routes<App> {
    Routes {
        public: OpenApiRouter::new()
            // Who is logged in, on their own notifications
            .routes(gated!(list_notifications::list_notifications))
            .routes(gated!(unread_count::unread_count))
            .routes(gated!(mark_read::mark_read))
            .routes(gated!(mark_all_read::mark_all_read))
            // Staff
            .routes(gated!(list_deliveries::list_deliveries))
            .routes(gated!(resend_delivery::resend_delivery))
            .routes(gated!(show_audit::show_audit))
            .nest("/notifications", operators::routes()),
        internal: OpenApiRouter::new(),
    }
}

/// The OpenAPI document of this service.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    routes().document(contracts::ServiceName::Notify)
}
