//! user-service, built by its production `build`, on a real database; the tests stand in for notify-service and people.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod administrators;
mod documents;
mod introspecting;
mod links;
mod logging_in;
mod migrate;
mod names;
mod older_versions;
mod plans;
mod privacy;
mod process;
mod registering;
mod repeating;
mod restarting;
mod support;
mod throttling;
mod verifying;
mod who_am_i;
