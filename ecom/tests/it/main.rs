//! The whole shop: five services, front door and payment provider as `ecom up` puts them together, on real databases,
//! over the local bus and over RabbitMQ.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails by panicking")]

mod audit;
mod broker;
mod chaos;
mod commands;
mod connections;
mod damage;
mod data_folder;
mod dead_letters;
mod doctor;
mod documents;
mod events;
mod flow;
mod front_door;
mod guests;
mod hung_up;
mod journey;
mod keys;
mod keys_rotate;
mod logs;
mod model;
mod payments;
mod personal_data;
mod process;
mod program;
mod races;
mod redelivery;
mod repair;
mod restored;
mod rotation;
mod shape;
mod shopping;
mod support;
mod timeline;
mod traces;
mod withdrawals;
