//! The pages over stand-ins for the services, and the process that serves them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod account;
mod flow;
mod pages;
mod process;
mod products;
mod services;
mod shop;
mod stand_in;
