//! The back office: what staff does with orders, products and people. Each page is for whoever has its permission (see
//! [`Clerk`]), asks the services in their name, and decides nothing itself: what somebody may not do is refused there.

mod address;
mod audit;
mod categories;
mod clerk;
mod customers;
mod dead_letters;
mod events;
mod find;
mod mails;
mod orders;
mod part;
pub(crate) mod payments;
mod platform;
pub(crate) mod plot;
mod products;
pub(crate) mod sections;
mod start;
mod stock;
mod withdrawals;

use crate::state::App;
use axum::{
    Router,
    routing::{get, post},
};

pub(crate) use clerk::{Clerk, Colleague};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        // Whoever has any permission
        .route("/office", get(start::start))
        .route("/office/find", get(find::find))
        // Whoever runs the platform
        .route("/office/mails", get(mails::list).post(mails::resend))
        .route("/office/dead-letters", get(dead_letters::list))
        .route("/office/dead-letters/{id}", get(dead_letters::show).post(dead_letters::act))
        .route("/office/events", get(events::list))
        .route("/office/events/{id}", get(events::show))
        .route("/office/audit", get(audit::list))
        // orders:read; what is done there is for whoever may
        .route("/office/orders", get(orders::list::list).post(orders::list::fulfil))
        .route("/office/orders/find", post(orders::list::find))
        .route("/office/orders/{id}", get(orders::show::show).post(orders::show::act))
        .route("/office/withdrawals", get(withdrawals::list).post(withdrawals::close))
        // products:read; changing them is for whoever may
        .route("/office/products", get(products::list::list))
        .route("/office/products/new", get(products::add::ask).post(products::add::add))
        .route("/office/products/{id}", get(products::edit::show).post(products::edit::change))
        .route("/office/products/{id}/picture", post(products::picture::put))
        .route("/office/products/{id}/status", post(products::act::act))
        .route("/office/products/{id}/stock", post(products::adjust::adjust))
        .route("/office/categories", get(categories::list).post(categories::put))
        // stock:read
        .route("/office/stock", get(stock::list))
        // payments:read
        .route("/office/payments", get(payments::list::list))
        .route("/office/payments/{id}", get(payments::show::show))
        // users:read
        .route("/office/customers", get(customers::list::list).post(customers::list::find))
        .route("/office/customers/{id}", get(customers::show::show).post(customers::show::act))
}
