//! product-service's behaviour, against the real database.
#![expect(clippy::unwrap_used, reason = "a test's helper that cannot go on fails the test by panicking")]

mod access;
mod announcing_stock;
mod browsing;
mod bucket;
mod changing_nothing;
mod expiring_reservations;
mod following_orders;
mod keeping_answers;
mod managing_products;
mod offers;
mod openapi;
mod permissions;
mod pictures;
mod plans;
mod reserving;
mod seeding;
mod stock_keeping;
mod stock_outs;
mod support;
