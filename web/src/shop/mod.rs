//! What people see who buy, or come to. They call the services' public APIs as anybody does.

mod basket;
mod cart;
mod checkout;
mod customer;
mod design;
mod developers;
mod guests;
mod home;
mod order_events;
mod orders;
mod product;
pub(crate) mod products;
mod robots;
mod seen;
pub(crate) mod shelf;
mod watchers;
mod withdrawal;

use crate::state::App;
use axum::{Router, routing::get};

pub(crate) use orders::address_lines;
pub(crate) use watchers::Watchers;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        // Anybody
        .route("/", get(home::home))
        .route("/products", get(products::products))
        .route("/products/{sku}", get(product::product))
        .route("/cart", get(cart::show).post(cart::change))
        .route("/withdrawal", get(withdrawal::ask).post(withdrawal::declare))
        .route("/developers", get(developers::developers))
        // Programs that look for pages
        .route("/robots.txt", get(robots::robots))
        .route("/sitemap.xml", get(robots::sitemap))
        // Whoever changes a page, in development
        .route("/design", get(design::design))
        // Who is logged in, and who ordered in this browser without an account
        .route("/checkout", get(checkout::ask).post(checkout::order))
        .route("/orders", get(orders::list))
        .route("/orders/{id}", get(orders::show).post(orders::act))
        .route("/orders/{id}/events", get(order_events::events))
}
