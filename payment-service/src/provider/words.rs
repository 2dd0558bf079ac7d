//! What is said to a provider, and what it answers. Every order to move money carries a key; an answer that is missing or
//! makes no sense is [`ChargeAnswer::Unclear`], never an error: the money may have moved.

use contracts::{Money, OrderId, events::payment::FailureReason};

/// What is to be charged, or was.
#[derive(Clone, Debug)]
pub(crate) struct ChargeOrder {
    /// Stored before the first call, the same for ever: the provider charges a key once.
    pub(crate) key: String,
    pub(crate) amount: Money,
    pub(crate) method: String,
    pub(crate) reference: OrderId,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ChargeAnswer {
    /// Exactly the amount asked for was taken.
    Captured {
        reference: String,
    },
    Declined {
        reason: FailureReason,
    },
    /// Nothing was taken and nothing ever will be under this key.
    Abandoned,
    /// Nothing was taken so far.
    NoSuchCharge,
    /// What happened is not known; `trouble` is for operators.
    Unclear {
        trouble: String,
    },
}

/// What is to be given back, or was.
#[derive(Clone, Debug)]
pub(crate) struct RefundOrder {
    /// The same for ever, too: (order, causing event).
    pub(crate) key: String,
    /// The provider's id of the charge.
    pub(crate) charge: String,
    pub(crate) amount: Money,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RefundAnswer {
    Completed { reference: String },
    NoSuchRefund,
    Unclear { trouble: String },
}
