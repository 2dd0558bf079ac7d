//! `payment_db`: payments, refunds and the ledger.

use super::{moment::Moment, reading::Reading};
use crate::doctor::Invariant;
use sqlx::FromRow;
use std::collections::HashSet;
use uuid::Uuid;

#[derive(Clone, Debug, Default)]
pub(crate) struct Payments {
    pub(crate) payments: Vec<Payment>,
    pub(crate) refunds: Vec<Refund>,
    pub(crate) transactions: Vec<LedgerTransaction>,
    pub(crate) entries: Vec<LedgerEntry>,
    /// Keys at the provider that no payment has, since a backup was restored, and that an operator took note of.
    pub(crate) acknowledged: HashSet<String>,
}

#[derive(FromRow)]
struct Acknowledged {
    target: String,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Payment {
    pub(crate) id: Uuid,
    pub(crate) order_id: Uuid,
    pub(crate) customer_id: Uuid,
    pub(crate) order_number: i64,
    pub(crate) currency: String,
    pub(crate) total: i64,
    pub(crate) method: Option<String>,
    pub(crate) status: String,
    pub(crate) captured: i64,
    pub(crate) refunds_requested: i64,
    pub(crate) refunded: i64,
    pub(crate) provider_key: String,
    pub(crate) provider_reference: Option<String>,
    pub(crate) failure_reason: Option<String>,
    pub(crate) cancelled_by: Option<Uuid>,
    pub(crate) attempts: i32,
    pub(crate) next_at: Option<Moment>,
    pub(crate) deadline: Moment,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    pub(crate) version: i64,
}

impl Refund {
    /// Whether the money is still to go back.
    pub(crate) fn is_open(&self) -> bool {
        self.status != "completed"
    }
}

impl Payment {
    /// Whether what becomes of it is still to be learned.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "created" | "unknown")
    }
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Refund {
    pub(crate) id: Uuid,
    pub(crate) payment_id: Uuid,
    pub(crate) order_id: Uuid,
    pub(crate) cause: Uuid,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) status: String,
    pub(crate) provider_key: String,
    pub(crate) provider_reference: Option<String>,
    pub(crate) next_at: Option<Moment>,
    pub(crate) requested_at: Moment,
    pub(crate) completed_at: Option<Moment>,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct LedgerTransaction {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) source_id: Uuid,
    pub(crate) payment_id: Uuid,
    pub(crate) order_id: Uuid,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct LedgerEntry {
    pub(crate) transaction_id: Uuid,
    pub(crate) account: String,
    pub(crate) currency: String,
    pub(crate) amount: i64,
}

pub(super) async fn read(reading: &mut Reading) -> anyhow::Result<Payments> {
    let payments = "SELECT id, order_id, customer_id, order_number, currency, total, method, status, captured,
                        refunds_requested, refunded, provider_key, provider_reference, failure_reason, cancelled_by, attempts, next_at, deadline,
                        created_at, updated_at, version
                    FROM payments WHERE order_id >= $1 OR status IN ('created', 'unknown') ORDER BY id";
    let refunds = "SELECT id, payment_id, order_id, cause, amount, currency, status, provider_key, provider_reference,
                       next_at, requested_at, completed_at
                   FROM refunds WHERE order_id >= $1 OR status <> 'completed' ORDER BY id";
    let transactions = "SELECT id, kind, source_id, payment_id, order_id FROM ledger_transactions
                        WHERE order_id >= $1";
    let entries = "SELECT transaction_id, account, currency, amount
                   FROM ledger_entries LEFT JOIN ledger_transactions ON ledger_transactions.id = transaction_id
                   WHERE order_id IS NULL OR order_id >= $1";
    let acknowledged = "SELECT target FROM operator_log WHERE action = 'acknowledged'";
    let acknowledged: Vec<Acknowledged> = reading.rows(Invariant::Reconciliation, "operator_log", acknowledged).await?;
    Ok(Payments {
        payments: reading.rows(Invariant::Money, "payments", payments).await?,
        refunds: reading.rows(Invariant::Money, "refunds", refunds).await?,
        transactions: reading.rows(Invariant::Ledger, "ledger_transactions", transactions).await?,
        entries: reading.rows(Invariant::Ledger, "ledger_entries", entries).await?,
        acknowledged: acknowledged.into_iter().map(|one| one.target).collect(),
    })
}
