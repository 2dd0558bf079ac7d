//! order-service, built by its production `build`, on a real database; product-service is a stand-in that reserves.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod access;
mod append_only;
mod arrangements;
mod cancelling;
mod carts;
mod deadlines;
mod figures;
mod finding;
mod fulfilling;
mod guests;
mod lost_reply;
mod notes;
mod open_orders;
mod placing;
mod plans;
mod races;
mod reading;
mod refunds;
mod shape;
mod shopper;
mod support;
mod surprises;
mod telling;
mod withdrawals;
