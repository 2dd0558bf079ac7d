//! A payment as it is shown.

use crate::{
    domain::{State, reason_text},
    store::payments::Stored,
};
use contracts::{AccountId, Money, OrderId, PaymentId, events::payment::FailureReason};
use serde::Serialize;
use service_kit::document::one_of;
use time::OffsetDateTime;
use utoipa::{ToSchema, openapi::Object};

#[derive(Serialize, ToSchema)]
pub(crate) struct PaymentView {
    id: PaymentId,
    order_id: OrderId,
    order_number: i64,
    customer_id: AccountId,
    /// What the order costs.
    total: Money,
    /// Null for an order that was cancelled before its payment began.
    method: Option<String>,
    /// `created`: not yet sent to the provider. `unknown`: sent, the answer is still missing (payment pending).
    /// `captured`: paid. `failed`: refused or given up. `cancelled`: the order ended before it was charged.
    #[schema(schema_with = statuses)]
    status: &'static str,
    authorised: Money,
    captured: Money,
    /// What has gone back so far.
    refunded: Money,
    /// `declined`, `unknown_method` or `unavailable` when it failed.
    #[schema(value_type = Option<FailureReason>)]
    failure_reason: Option<&'static str>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

fn statuses() -> Object {
    one_of(&["created", "unknown", "captured", "failed", "cancelled"])
}

impl From<Stored> for PaymentView {
    fn from(stored: Stored) -> Self {
        let payment = stored.payment;
        let money = |amount| Money::new(amount, payment.total.currency);
        let failure_reason = match payment.state {
            State::Failed { reason } => Some(reason_text(reason)),
            _ => None,
        };
        Self {
            id: payment.id,
            order_id: payment.order_id,
            order_number: stored.order_number,
            customer_id: payment.customer_id,
            total: payment.total,
            status: payment.state.as_str(),
            // The providers so far capture what they authorise, at once.
            authorised: money(payment.captured_amount()),
            captured: money(payment.captured_amount()),
            refunded: money(payment.refunded),
            method: payment.method,
            failure_reason,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}
