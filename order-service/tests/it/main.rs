//! order-service, built by its production `build`, on a real database; product-service is a stand-in that reserves.

mod cancelling;
mod deadlines;
mod placing;
mod reading;
mod support;
mod surprises;
