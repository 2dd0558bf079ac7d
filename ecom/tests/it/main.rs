//! The whole shop: five services, front door and payment provider as `ecom up` puts them together, on real databases,
//! over the local bus and over RabbitMQ.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails by panicking")]

mod documents;
mod front_door;
mod journey;
mod payments;
mod process;
mod races;
mod redelivery;
mod support;
