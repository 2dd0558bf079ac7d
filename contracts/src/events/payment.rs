//! What payment-service announces.

use crate::{AccountId, Money, OrderId, PaymentId, RefundId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentCompleted)]
pub struct Completed {
    pub payment_id: PaymentId,
    pub order_id: OrderId,
    pub customer_id: AccountId,
    /// What was captured.
    pub amount: Money,
    pub method: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentFailed)]
pub struct Failed {
    pub payment_id: PaymentId,
    pub order_id: OrderId,
    pub customer_id: AccountId,
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

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentRefunded)]
pub struct Refunded {
    pub payment_id: PaymentId,
    pub refund_id: RefundId,
    pub order_id: OrderId,
    pub customer_id: AccountId,
    /// What this refund gave back.
    pub amount: Money,
}
