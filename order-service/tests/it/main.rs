//! order-service, built by its production `build`, on a real database; product-service is a stand-in that reserves.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod cancelling;
mod deadlines;
mod placing;
mod reading;
mod support;
mod surprises;
