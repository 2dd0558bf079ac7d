//! What people see who buy, or come to. They call the services' public APIs as anybody does.

mod basket;
mod cart;
mod checkout;
mod orders;
mod product;
pub(crate) mod products;
mod start;

use crate::state::App;
use axum::{Router, routing::get};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        // Anybody
        .route("/", get(start::start))
        .route("/products", get(products::products))
        .route("/products/{sku}", get(product::product))
        .route("/cart", get(cart::show).post(cart::change))
        // Who is logged in
        .route("/checkout", get(checkout::ask).post(checkout::order))
        .route("/orders", get(orders::list))
        .route("/orders/{id}", get(orders::show).post(orders::act))
}
