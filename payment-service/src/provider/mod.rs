//! Payment providers, as payment-service sees them.

pub(crate) mod http;
mod words;

pub(crate) use words::{ChargeAnswer, ChargeOrder, RefundAnswer, RefundOrder};

use http::HttpProvider;
use std::time::Duration;
use url::Url;

#[derive(Clone)]
pub(crate) enum Provider {
    Http(HttpProvider),
}

impl Provider {
    /// # Errors
    /// No HTTP client can be made.
    pub(crate) fn http(url: &Url, deadline: Duration) -> anyhow::Result<Self> {
        Ok(Self::Http(HttpProvider::new(url, deadline)?))
    }

    /// Takes the money, once per key.
    pub(crate) async fn charge(&self, order: &ChargeOrder) -> ChargeAnswer {
        match self {
            Self::Http(provider) => provider.charge(order).await,
        }
    }

    /// What became of a charge.
    pub(crate) async fn find_charge(&self, order: &ChargeOrder) -> ChargeAnswer {
        match self {
            Self::Http(provider) => provider.find_charge(order).await,
        }
    }

    /// Sees to it that the key is never charged, or says what was charged under it.
    pub(crate) async fn abandon_charge(&self, order: &ChargeOrder) -> ChargeAnswer {
        match self {
            Self::Http(provider) => provider.abandon_charge(order).await,
        }
    }

    /// Gives money back, once per key.
    pub(crate) async fn refund(&self, order: &RefundOrder) -> RefundAnswer {
        match self {
            Self::Http(provider) => provider.refund(order).await,
        }
    }

    /// What became of a refund.
    pub(crate) async fn find_refund(&self, order: &RefundOrder) -> RefundAnswer {
        match self {
            Self::Http(provider) => provider.find_refund(order).await,
        }
    }
}
