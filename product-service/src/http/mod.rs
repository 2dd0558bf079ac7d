//! The route table, grouped by who may call.

pub(crate) mod adjust_stock;
mod archive_product;
pub(crate) mod changing;
pub(crate) mod create_product;
mod kept;
mod keyed;
mod list_categories;
mod list_products;
mod product;
mod put_category;
mod put_picture;
pub(crate) mod reserve;
mod show_picture;
mod show_product;
mod show_stock;
mod stock;
mod update_product;

use crate::state::App;
use service_kit::Routes;
use utoipa_axum::{router::OpenApiRouter, routes};

#[must_use]
pub(crate) fn routes() -> Routes<App> {
    Routes {
        public: OpenApiRouter::new()
            // Anybody (staff sees more)
            .routes(routes!(list_products::list_products))
            .routes(routes!(show_product::show_product))
            .routes(routes!(show_product::show_product_by_sku))
            .routes(routes!(show_picture::show_picture))
            .routes(routes!(show_picture::show_picture_of_product))
            .routes(routes!(list_categories::list_categories))
            // Staff
            .routes(routes!(create_product::create_product))
            .routes(routes!(update_product::update_product))
            .routes(routes!(archive_product::archive_product))
            .routes(routes!(put_picture::put_picture))
            .routes(routes!(put_category::put_category))
            .routes(routes!(show_stock::show_stock))
            .routes(routes!(adjust_stock::adjust_stock)),
        internal: OpenApiRouter::new()
            // order-service
            .routes(routes!(reserve::reserve)),
    }
}

/// The OpenAPI document of this service.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    routes().document(contracts::ServiceName::Product)
}
