//! The node against a real client. Needs RabbitMQ's programs on this machine.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod guard;
mod node;
