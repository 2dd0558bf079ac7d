//! The route table, grouped by who may call.

mod cancel_order;
mod expire_checkout;
mod fulfil_order;
mod list_orders;
mod order_view;
mod place_order;
mod place_order_body;
mod show_order;
mod show_timeline;

pub(crate) use place_order_body::PlaceOrderBody;

use crate::state::App;
use service_kit::Routes;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> Routes<App> {
    Routes {
        public: OpenApiRouter::new()
            // Customers, each for their own orders; staff for all
            .routes(routes!(place_order::place_order, list_orders::list_orders))
            .routes(routes!(show_order::show_order))
            .routes(routes!(cancel_order::cancel_order))
            .routes(routes!(show_timeline::show_timeline))
            // Staff
            .routes(routes!(fulfil_order::fulfil_order)),
        internal: OpenApiRouter::new()
            // product-service
            .routes(routes!(expire_checkout::expire_checkout)),
    }
}

/// The OpenAPI document of this service.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    routes().document(contracts::ServiceName::Order)
}

#[cfg(test)]
mod tests;
