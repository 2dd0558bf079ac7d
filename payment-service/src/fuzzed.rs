//! Doors for the fuzzers (`fuzz/`): what reads what comes over the network, without what surrounds it.

use crate::provider::{
    ChargeAnswer, RefundAnswer,
    http::{charge_answer, refund_answer, understood},
};
use contracts::Money;
use http::StatusCode;

/// What is made of a provider's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The money moved, under this name.
    Done(String),
    /// It did not and will not.
    Not,
    /// It did not so far.
    NotYet,
    /// Nothing is known; why.
    Unclear(String),
}

/// Of a charge over this amount.
#[must_use]
pub fn charged(status: StatusCode, body: &[u8], asked: Money) -> Heard {
    match charge_answer(understood(status, body), asked) {
        ChargeAnswer::Captured { reference } => Heard::Done(reference),
        ChargeAnswer::Declined { .. } | ChargeAnswer::Abandoned => Heard::Not,
        ChargeAnswer::NoSuchCharge => Heard::NotYet,
        ChargeAnswer::Unclear { trouble } => Heard::Unclear(trouble),
    }
}

/// Of a refund of this amount.
#[must_use]
pub fn refunded(status: StatusCode, body: &[u8], asked: Money) -> Heard {
    match refund_answer(understood(status, body), asked) {
        RefundAnswer::Completed { reference } => Heard::Done(reference),
        RefundAnswer::NoSuchRefund => Heard::NotYet,
        RefundAnswer::Unclear { trouble } => Heard::Unclear(trouble),
    }
}
