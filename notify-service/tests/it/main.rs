//! notify-service as it runs in production: real database, real HTTP, a mail server that speaks SMTP.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails by panicking")]

mod access;
mod configuration;
mod dev_mails;
mod duplicates;
mod erasing;
mod guests;
mod handing_over;
mod inbox;
mod mail_server;
mod mails;
mod mending;
mod order_service;
mod plans;
mod resending;
mod safety;
mod sending;
mod slices;
mod support;
mod user_service;
mod withdrawals;
