//! The simulator over HTTP, as payment-service meets it.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

mod durability;
mod faults;
mod keys;
mod reading;
mod support;
