//! The whole shop: five services, front door and payment provider as `ecom up` puts them together, on real databases,
//! over the local bus and over RabbitMQ.

mod documents;
mod front_door;
mod journey;
mod payments;
mod process;
mod races;
mod redelivery;
mod support;
