//! What may happen to a payment. Pure: no HTTP, no SQL, no clock.

mod amounts;
mod keys;
mod payment;
#[cfg(test)]
mod properties;

pub(crate) use amounts::{Posting, capture_postings, refund_postings};
pub(crate) use keys::{charge_key, refund_key, restored_refund_key};
pub use payment::{Change, Effect, Fact, OverRefund, Payment, State, Step};
pub(crate) use payment::{reason_from_text, reason_text};
