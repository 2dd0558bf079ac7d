//! The five services by name.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use utoipa::ToSchema;

/// One of the five services. On the wire its folder's name, e.g. `order-service`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum ServiceName {
    /// Accounts, logins and the keys of tokens.
    #[serde(rename = "user-service")]
    User,
    /// The catalogue, its prices and the stock.
    #[serde(rename = "product-service")]
    Product,
    /// Orders and where they stand.
    #[serde(rename = "order-service")]
    Order,
    /// Payments, refunds and the ledger.
    #[serde(rename = "payment-service")]
    Payment,
    /// Mails to people.
    #[serde(rename = "notify-service")]
    Notify,
}

impl ServiceName {
    /// In the order of their ports.
    pub const ALL: [Self; 5] = [Self::User, Self::Product, Self::Order, Self::Payment, Self::Notify];

    /// The folder's and the process's name: `order-service`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user-service",
            Self::Product => "product-service",
            Self::Order => "order-service",
            Self::Payment => "payment-service",
            Self::Notify => "notify-service",
        }
    }

    /// The word used on the command line and in variable names: `order`, as in `ORDER_SERVICE_URL`.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Product => "product",
            Self::Order => "order",
            Self::Payment => "payment",
            Self::Notify => "notify",
        }
    }

    /// The port it listens on unless `PORT` says otherwise.
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::User => 8081,
            Self::Product => 8082,
            Self::Order => 8083,
            Self::Payment => 8084,
            Self::Notify => 8085,
        }
    }

    /// The name of its database.
    #[must_use]
    pub const fn database(self) -> &'static str {
        match self {
            Self::User => "user_db",
            Self::Product => "product_db",
            Self::Order => "order_db",
            Self::Payment => "payment_db",
            Self::Notify => "notification_db",
        }
    }

    /// As whom it works with its database, unless it is told another: a user who owns nothing there.
    #[must_use]
    pub const fn database_user(self) -> &'static str {
        match self {
            Self::User => "user_runtime",
            Self::Product => "product_runtime",
            Self::Order => "order_runtime",
            Self::Payment => "payment_runtime",
            Self::Notify => "notify_runtime",
        }
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ServiceName {
    type Err = String;

    /// Takes both `order-service` and `order`.
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|name| name.as_str() == text || name.short() == text)
            .ok_or_else(|| format!("no service is called {text:?}; there are user, product, order, payment and notify"))
    }
}
