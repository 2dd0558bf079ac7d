//! What payment-service announces.

use crate::{AccountId, Money, OrderId, PaymentId, RefundId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The provider captured the order's total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentCompleted)]
pub struct Completed {
    /// The payment.
    pub payment_id: PaymentId,
    /// What was paid.
    pub order_id: OrderId,
    /// Whose order it is.
    pub customer_id: AccountId,
    /// What was captured.
    pub amount: Money,
    /// The provider's word for how it was paid, e.g. `card`.
    pub method: String,
}

/// The order's payment was refused or given up; no money was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentFailed)]
pub struct Failed {
    /// The payment.
    pub payment_id: PaymentId,
    /// What was to be paid.
    pub order_id: OrderId,
    /// Whose order it is.
    pub customer_id: AccountId,
    /// Why.
    pub reason: FailureReason,
}

/// Why a payment failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
    /// The provider said no.
    Declined,
    /// The method is none the provider knows.
    UnknownMethod,
    /// The provider could not be reached, or never took the charge, before we gave up.
    Unavailable,
    /// A reason of a newer version than this one.
    #[serde(other)]
    Other,
}

/// Captured money was given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentRefunded)]
pub struct Refunded {
    /// The payment the money came from.
    pub payment_id: PaymentId,
    /// The refund.
    pub refund_id: RefundId,
    /// What was paid.
    pub order_id: OrderId,
    /// Whose order it is.
    pub customer_id: AccountId,
    /// What this refund gave back.
    pub amount: Money,
}

/// The receipt of `user.erased`: payment-service keeps nothing of that person any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentPersonErased)]
pub struct PersonErased {
    /// The account that was.
    pub account_id: AccountId,
    /// How many rows held something of theirs.
    pub rows: i64,
}
