//! What order-service announces.

use crate::{AccountId, CheckoutId, Money, OrderId, Quantity, WithdrawalId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// An order was placed; its stock is reserved and its payment may begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderCreated)]
pub struct Created {
    /// The order.
    pub order_id: OrderId,
    /// Whose order it is.
    pub customer_id: AccountId,
    /// For people: counts from 1001.
    pub number: i64,
    /// The try to check out that holds its stock.
    pub checkout_id: CheckoutId,
    /// At least one, at most one per SKU.
    pub lines: Vec<Line>,
    /// The sum of its lines.
    pub total: Money,
    /// The provider's word for how it is paid, e.g. `card`.
    pub payment_method: String,
}

/// One line of an order as it was when placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderEventLine)]
pub struct Line {
    /// What was bought.
    pub sku: String,
    /// Its name at that moment.
    pub name: String,
    /// How many pieces.
    pub quantity: Quantity,
    /// What one piece cost at that moment.
    pub unit_price: Money,
}

/// The order's money has been captured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderPaid)]
pub struct Paid {
    /// The order.
    pub order_id: OrderId,
    /// Whose order it is.
    pub customer_id: AccountId,
    /// The number people know it by: counts from 1001.
    pub number: i64,
    /// The try to check out that holds its stock.
    pub checkout_id: CheckoutId,
    /// What was captured: the sum of its lines.
    pub total: Money,
}

/// The order will not be fulfilled: stock and money go back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderCancelled)]
pub struct Cancelled {
    /// The order.
    pub order_id: OrderId,
    /// Whose order it is.
    pub customer_id: AccountId,
    /// The number people know it by: counts from 1001.
    pub number: i64,
    /// The try to check out that held its stock.
    pub checkout_id: CheckoutId,
    /// The sum of its lines.
    pub total: Money,
    /// Why.
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

/// The order has left the warehouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderFulfilled)]
pub struct Fulfilled {
    /// The order.
    pub order_id: OrderId,
    /// Whose order it is.
    pub customer_id: AccountId,
    /// The number people know it by: counts from 1001.
    pub number: i64,
    /// The try to check out whose stock is shipped.
    pub checkout_id: CheckoutId,
}

/// Somebody declared that they withdraw from a contract. Who they are, and where the receipt goes, is asked for when it is
/// sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WithdrawalDeclared)]
pub struct WithdrawalDeclared {
    /// The declaration.
    pub withdrawal_id: WithdrawalId,
    /// The customer: who declared it, where they were logged in; else whose order it names, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<AccountId>,
    /// The order it names, where it is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// The number it names, where it is written as ours are: whether there is such an order or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// When it was received.
    #[serde(with = "time::serde::rfc3339")]
    pub received_at: OffsetDateTime,
}

/// The receipt of `user.erased`: order-service keeps nothing of that person any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderPersonErased)]
pub struct PersonErased {
    /// The account that was.
    pub account_id: AccountId,
    /// How many rows held something of theirs.
    pub rows: i64,
}
