//! The kit under a small service of its own, on a real database and a real RabbitMQ: what all five services stand on.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails by panicking")]

mod broker;
mod by_hand;
mod clock;
mod configuration;
mod connections;
mod database;
mod discovery;
mod failures;
mod flow;
mod given_up;
mod heads;
mod idempotency;
mod inbox;
mod jobs;
mod keys;
mod leaving;
mod listener;
mod migrations;
mod outbox;
mod overload;
mod paging;
mod peers;
mod permissions;
mod problems;
mod process;
mod rabbit;
mod reconnecting;
mod relay;
mod relay_takeover;
mod requests;
mod sample;
mod shutdown;
mod spans;
mod support;
mod tokens;
