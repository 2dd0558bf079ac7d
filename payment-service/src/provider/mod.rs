//! Payment providers, as payment-service sees them. Every order to move money carries a key; an answer that is missing
//! or makes no sense is [`ChargeAnswer::Unclear`], never an error: the money may have moved.

mod http;

use contracts::{Money, OrderId, events::payment::FailureReason};
use http::HttpProvider;
use std::time::Duration;
use url::Url;

#[derive(Clone)]
pub(crate) enum Provider {
    Http(HttpProvider),
}

/// What is to be charged, or was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChargeOrder<'a> {
    pub(crate) key: &'a str,
    pub(crate) amount: Money,
    pub(crate) method: &'a str,
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct RefundOrder<'a> {
    pub(crate) key: &'a str,
    /// The provider's id of the charge.
    pub(crate) charge: &'a str,
    pub(crate) amount: Money,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RefundAnswer {
    Completed { reference: String },
    NoSuchRefund,
    Unclear { trouble: String },
}

impl Provider {
    /// # Errors
    /// No HTTP client can be made.
    pub(crate) fn http(url: &Url, deadline: Duration) -> anyhow::Result<Self> {
        Ok(Self::Http(HttpProvider::new(url, deadline)?))
    }

    /// Takes the money, once per key.
    pub(crate) async fn charge(&self, order: &ChargeOrder<'_>) -> ChargeAnswer {
        match self {
            Self::Http(provider) => provider.charge(order).await,
        }
    }

    /// What became of a charge.
    pub(crate) async fn find_charge(&self, order: &ChargeOrder<'_>) -> ChargeAnswer {
        match self {
            Self::Http(provider) => provider.find_charge(order).await,
        }
    }

    /// Sees to it that the key is never charged, or says what was charged under it.
    pub(crate) async fn abandon_charge(&self, order: &ChargeOrder<'_>) -> ChargeAnswer {
        match self {
            Self::Http(provider) => provider.abandon_charge(order).await,
        }
    }

    /// Gives money back, once per key.
    pub(crate) async fn refund(&self, order: &RefundOrder<'_>) -> RefundAnswer {
        match self {
            Self::Http(provider) => provider.refund(order).await,
        }
    }

    /// What became of a refund.
    pub(crate) async fn find_refund(&self, order: &RefundOrder<'_>) -> RefundAnswer {
        match self {
            Self::Http(provider) => provider.find_refund(order).await,
        }
    }
}
