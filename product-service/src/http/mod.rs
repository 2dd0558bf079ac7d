//! The route table, grouped by who may call.

pub(crate) mod adjust_stock;
mod archive_product;
pub(crate) mod changing;
pub(crate) mod create_product;
mod kept;
mod keyed;
mod list_categories;
pub(crate) mod list_products;
mod list_stock;
mod product;
mod put_category;
mod put_picture;
pub(crate) mod reserve;
mod show_audit;
mod show_figures;
mod show_offers;
mod show_picture;
mod show_product;
mod show_stock;
mod stock;
pub(crate) mod update_product;

use crate::state::App;
use service_kit::{Routes, gated, operators};
use utoipa_axum::router::OpenApiRouter;

#[must_use]
pub(crate) fn routes() -> Routes<App> {
    Routes {
        public: OpenApiRouter::new()
            // Anybody (staff sees more)
            .routes(gated!(list_products::list_products))
            .routes(gated!(show_product::show_product))
            .routes(gated!(show_product::show_product_by_sku))
            .routes(gated!(show_picture::show_picture))
            .routes(gated!(show_picture::show_picture_of_product))
            .routes(gated!(list_categories::list_categories))
            // Staff
            .routes(gated!(create_product::create_product))
            .routes(gated!(update_product::update_product))
            .routes(gated!(archive_product::archive_product))
            .routes(gated!(put_picture::put_picture))
            .routes(gated!(put_category::put_category))
            .routes(gated!(list_stock::list_stock))
            .routes(gated!(show_figures::show_figures))
            .routes(gated!(show_stock::show_stock))
            .routes(gated!(adjust_stock::adjust_stock))
            .routes(gated!(show_audit::show_audit))
            .nest("/products", operators::routes()),
        internal: OpenApiRouter::new()
            // order-service
            .routes(gated!(reserve::reserve))
            .routes(gated!(show_offers::show_offers)),
    }
}

/// The OpenAPI document of this service.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    routes().document(contracts::ServiceName::Product)
}
