//! payment-service as it runs in production: a real database, the real simulator, events over the local bus.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

mod access;
mod asking;
mod cancelling;
mod charging;
mod joining;
mod ledger;
mod openapi;
mod outages;
mod plans;
mod reading;
mod support;
mod telling;
