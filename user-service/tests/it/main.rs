//! user-service, built by its production `build`, on a real database; the tests stand in for notify-service and people.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod access;
mod address_book;
mod administrators;
mod api_keys;
mod auditing;
mod authenticator;
mod changing_email;
mod documents;
mod erasing;
mod exporting;
mod guests;
mod introspecting;
mod links;
mod logging_in;
mod migrate;
mod names;
mod oauth;
mod older_versions;
mod outside;
mod passkey_proofs;
mod passkeys;
mod passwords;
mod plans;
mod privacy;
mod process;
mod registering;
mod repeating;
mod restarting;
mod second_factor;
mod sessions;
mod staff;
mod support;
mod throttling;
mod verifying;
mod who_am_i;
