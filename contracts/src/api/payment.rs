//! Payments as shoppers and staff see them, and the books behind them as staff see them.

use crate::{AccountId, Money, OrderId, PaymentId, RefundId, events::payment::FailureReason};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Not yet sent to the provider.
    Created,
    /// Sent; the answer is still missing.
    Unknown,
    /// Paid.
    Captured,
    /// Refused or given up.
    Failed,
    /// The order ended before it was charged.
    Cancelled,
}

impl PaymentStatus {
    /// All there are.
    pub const ALL: [Self; 5] = [Self::Created, Self::Unknown, Self::Captured, Self::Failed, Self::Cancelled];

    /// As on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Unknown => "unknown",
            Self::Captured => "captured",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A payment, which an order has one of.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentView {
    /// What it is.
    pub id: PaymentId,
    /// What it pays for.
    pub order_id: OrderId,
    /// For people.
    pub order_number: i64,
    /// Who pays.
    pub customer_id: AccountId,
    /// What the order costs.
    pub total: Money,
    /// Null for an order that was cancelled before its payment began.
    pub method: Option<String>,
    /// `created`: not yet sent to the provider. `unknown`: sent, the answer is still missing (payment pending).
    /// `captured`: paid. `failed`: refused or given up. `cancelled`: the order ended before it was charged.
    pub status: PaymentStatus,
    /// What may be taken.
    pub authorised: Money,
    /// What was taken.
    pub captured: Money,
    /// What has gone back so far.
    pub refunded: Money,
    /// `declined`, `unknown_method` or `unavailable` when it failed.
    #[schema(value_type = Option<FailureReason>)]
    pub failure_reason: Option<String>,
    /// When the order told of it.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was changed last.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// A payment with what was given back of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentWithRefundsView {
    /// The payment.
    #[serde(flatten)]
    pub payment: PaymentView,
    /// Oldest first.
    pub refunds: Vec<RefundView>,
}

/// Money that goes back.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RefundView {
    /// What it is.
    pub id: RefundId,
    /// How much.
    pub amount: Money,
    /// `requested`, `unknown` (sent, the answer is still missing) or `completed`.
    #[schema(pattern = "^(requested|unknown|completed)$")]
    pub status: String,
    /// When it was asked for.
    #[serde(with = "time::serde::rfc3339")]
    pub requested_at: OffsetDateTime,
    /// When the provider had done it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub completed_at: Option<OffsetDateTime>,
}

/// Answer of `GET /payments/{id}/ledger`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentLedger)]
pub struct LedgerView {
    /// What was booked for the payment and its refunds, oldest first.
    pub items: Vec<BookedView>,
}

/// A transaction of the ledger: its entries sum to zero.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = LedgerTransaction)]
pub struct BookedView {
    /// What it is.
    pub id: Uuid,
    /// `capture` or `refund`.
    #[schema(pattern = "^(capture|refund)$")]
    pub kind: String,
    /// The payment that was captured, or the refund that was completed.
    pub source_id: Uuid,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub booked_at: OffsetDateTime,
    /// Debits first.
    pub entries: Vec<BookedEntryView>,
}

/// One side of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = LedgerEntry)]
pub struct BookedEntryView {
    /// `provider_clearing` or `customer_prepayments`.
    pub account: String,
    /// Debits are positive, credits negative.
    pub amount: Money,
}
