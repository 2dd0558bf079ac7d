//! What product-service asks order-service before it lets a reservation expire.

use crate::CheckoutId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Answer of `POST /internal/checkouts/{checkout_id}/expire`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckoutExpiry {
    pub checkout_id: CheckoutId,
    /// True: no live order holds the checkout's reservation, and none ever will.
    pub expired: bool,
}

/// Where an order stands: `pending` → `paid` → `fulfilled` → `completed`, or `cancelled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    Pending,
    Paid,
    Fulfilled,
    Completed,
    Cancelled,
}

impl OrderStatus {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Fulfilled => "fulfilled",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}
