//! What may happen to a payment. Pure: no HTTP, no SQL, no clock.

mod amounts;
mod backoff;
mod keys;
mod payment;
#[cfg(test)]
mod properties;

pub(crate) use amounts::{Posting, capture_postings, refund_postings};
pub(crate) use backoff::pause_after;
pub(crate) use keys::{charge_key, refund_key};
pub(crate) use payment::{Change, Effect, Fact, Payment, State, Step, reason_from_text, reason_text};
