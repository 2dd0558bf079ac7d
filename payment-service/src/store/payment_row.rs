//! A payment as its row holds it.

use crate::{
    domain::{Payment, State, reason_from_text},
    origin::Origin,
};
use contracts::{Money, PaymentId};
use time::OffsetDateTime;
use uuid::Uuid;

/// A payment with what only the jobs and the views need.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) payment: Payment,
    /// The order's number, for people.
    pub(crate) order_number: i64,
    /// The key of its charge at the provider.
    pub(crate) provider_key: String,
    /// Calls begun so far.
    pub(crate) attempts: i32,
    /// The number of its last change, and of that change's event.
    pub(crate) version: i64,
    pub(crate) origin: Origin,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) updated_at: OffsetDateTime,
}

pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) order_id: Uuid,
    pub(super) customer_id: Uuid,
    pub(super) order_number: i64,
    pub(super) currency: String,
    pub(super) total: i64,
    pub(super) method: Option<String>,
    pub(super) status: String,
    pub(super) captured: i64,
    pub(super) refunds_requested: i64,
    pub(super) refunded: i64,
    pub(super) provider_key: String,
    pub(super) provider_reference: Option<String>,
    pub(super) failure_reason: Option<String>,
    pub(super) cancelled_by: Option<Uuid>,
    pub(super) attempts: i32,
    pub(super) deadline: OffsetDateTime,
    pub(super) correlation_id: Uuid,
    pub(super) caused_by: Uuid,
    pub(super) traceparent: Option<String>,
    pub(super) version: i64,
    pub(super) created_at: OffsetDateTime,
    pub(super) updated_at: OffsetDateTime,
}

impl TryFrom<Row> for Stored {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        let id = PaymentId::from(row.id);
        let currency = row.currency.parse().map_err(|cause| sqlx::Error::Decode(Box::new(cause)))?;
        let state = match (row.status.as_str(), row.provider_reference) {
            ("created", _) => State::Created,
            ("unknown", _) => State::Unknown,
            ("cancelled", _) => State::Cancelled,
            ("failed", _) => State::Failed { reason: reason_from_text(&row.failure_reason.unwrap_or_default()) },
            ("captured", Some(reference)) => State::Captured { reference, amount: row.captured },
            (other, _) => {
                let text = format!("payment {id} has the status {other:?}, which this version does not know");
                return Err(sqlx::Error::Decode(text.into()));
            }
        };
        Ok(Self {
            payment: Payment {
                id,
                order_id: row.order_id.into(),
                customer_id: row.customer_id.into(),
                total: Money::new(row.total, currency),
                method: row.method,
                state,
                cancelled_by: row.cancelled_by.map(Into::into),
                refunds_requested: row.refunds_requested,
                refunded: row.refunded,
                deadline: row.deadline,
            },
            order_number: row.order_number,
            provider_key: row.provider_key,
            attempts: row.attempts,
            version: row.version,
            origin: Origin {
                correlation_id: row.correlation_id,
                caused_by: row.caused_by.into(),
                traceparent: row.traceparent,
            },
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Rows of whole payments: the query's beginning, the columns, the query's end, its arguments.
macro_rules! payment_rows {
    ($before:literal, $after:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            crate::store::payment_row::Row,
            $before + " id, order_id, customer_id, order_number, currency, total, method, status, captured,
                refunds_requested, refunded, provider_key, provider_reference, failure_reason, cancelled_by, attempts,
                deadline, correlation_id, caused_by, traceparent, version, created_at, updated_at " + $after
            $(, $argument)*
        )
    };
}
pub(super) use payment_rows;
