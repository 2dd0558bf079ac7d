//! The route table, grouped by who may call.

mod cancel_order;
mod expire_checkout;
mod fulfil_order;
mod list_orders;
mod order_view;
mod place_order;
mod place_order_body;
mod show_audit;
mod show_order;
mod show_timeline;

pub(crate) use list_orders::OrderFilter;
pub(crate) use place_order_body::PlaceOrderBody;

use crate::state::App;
use service_kit::{Routes, gated};
use utoipa_axum::router::OpenApiRouter;

pub(crate) fn routes() -> Routes<App> {
    Routes {
        public: OpenApiRouter::new()
            // Customers, each for their own orders; staff for all
            .routes(gated!(place_order::place_order, list_orders::list_orders))
            .routes(gated!(show_order::show_order))
            .routes(gated!(cancel_order::cancel_order))
            .routes(gated!(show_timeline::show_timeline))
            // Staff
            .routes(gated!(fulfil_order::fulfil_order))
            .routes(gated!(show_audit::show_audit)),
        internal: OpenApiRouter::new()
            // product-service
            .routes(gated!(expire_checkout::expire_checkout)),
    }
}

/// The OpenAPI document of this service.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    routes().document(contracts::ServiceName::Order)
}

#[cfg(test)]
mod tests;
