//! What the services' tests share: a database of their own per test, tokens, a recorder of events, and the service
//! itself, built by its production `build` and run on a free port.
//!
//! It panics where a test cannot go on: that is how a test fails.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up fails by panicking")]

mod access;
mod client;
mod collector;
mod database;
mod forgeries;
mod held;
mod keepalive;
mod plans;
mod recorder;
mod refusing;
mod running;
mod settings;
mod signer;
mod wait;

pub use access::check_access;
pub use client::{Answer, Client};
pub use collector::{Collector, Span};
pub use database::TestDatabase;
pub use forgeries::check_forgeries;
pub use held::Held;
pub use keepalive::KeptAlive;
pub use plans::Plans;
pub use recorder::Recorder;
pub use refusing::refusing_postgres;
pub use running::Running;
pub use settings::{event, settings};
pub use signer::Signer;
pub use wait::{until, wait_in_place};
