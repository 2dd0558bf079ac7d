//! What product-service asks order-service before it lets a reservation expire.

use crate::CheckoutId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Answer of `POST /internal/checkouts/{checkout_id}/expire`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckoutExpiry {
    /// The checkout that was asked about.
    pub checkout_id: CheckoutId,
    /// True: no live order holds the checkout's reservation, and none ever will.
    pub expired: bool,
}

/// Where an order stands: `pending` → `paid` → `fulfilled` → `completed`, or `cancelled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Placed; its payment is awaited.
    Pending,
    /// Its money was captured.
    Paid,
    /// It has left the warehouse.
    Fulfilled,
    /// Over: nothing more happens to it.
    Completed,
    /// It will not be fulfilled.
    Cancelled,
}

impl OrderStatus {
    /// As on the wire and in the database.
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
