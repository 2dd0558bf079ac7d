//! What order-service announces.

use crate::{AccountId, CheckoutId, Money, OrderId, Quantity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderCreated)]
pub struct Created {
    pub order_id: OrderId,
    pub customer_id: AccountId,
    /// For people: counts from 1001.
    pub number: i64,
    pub checkout_id: CheckoutId,
    pub lines: Vec<Line>,
    pub total: Money,
    pub payment_method: String,
}

/// One line of an order as it was when placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderEventLine)]
pub struct Line {
    pub sku: String,
    pub name: String,
    pub quantity: Quantity,
    pub unit_price: Money,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderPaid)]
pub struct Paid {
    pub order_id: OrderId,
    pub customer_id: AccountId,
    pub number: i64,
    pub checkout_id: CheckoutId,
    pub total: Money,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderCancelled)]
pub struct Cancelled {
    pub order_id: OrderId,
    pub customer_id: AccountId,
    pub number: i64,
    pub checkout_id: CheckoutId,
    pub total: Money,
    pub reason: CancelReason,
    /// Whether the order had been paid, so that money goes back.
    pub was_paid: bool,
}

/// Why an order was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// Its owner, or staff for them, asked for it.
    Requested,
    /// The provider refused the payment.
    PaymentDeclined,
    /// No payment arrived before the deadline.
    PaymentOverdue,
    /// The stock was given back before the payment arrived.
    ReservationExpired,
    /// A reason of a newer version than this one.
    #[serde(other)]
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderFulfilled)]
pub struct Fulfilled {
    pub order_id: OrderId,
    pub customer_id: AccountId,
    pub number: i64,
    pub checkout_id: CheckoutId,
}
