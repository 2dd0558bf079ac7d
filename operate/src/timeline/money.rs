//! What payment-service knows: the payment, its refunds, and the books.

use super::{
    entry::{Entry, Gathered},
    order::Order,
};
use crate::reach::Reach;
use contracts::{Currency, Money, ServiceName};
use sqlx::PgPool;
use time::OffsetDateTime;

const WHO: &str = ServiceName::Payment.as_str();

/// The keys under which the provider was asked for something, by which its log is searched.
pub(super) async fn gather(reach: &Reach, order: &Order, into: &mut Gathered) -> anyhow::Result<Vec<String>> {
    let pool = reach.database(ServiceName::Payment);
    let mut keys = payment(pool, order, into).await?;
    keys.extend(refunds(pool, order, into).await?);
    ledger(pool, order, into).await?;
    Ok(keys)
}

#[derive(sqlx::FromRow)]
struct Payment {
    status: String,
    method: Option<String>,
    captured: i64,
    refunded: i64,
    attempts: i32,
    failure_reason: Option<String>,
    trouble: Option<String>,
    provider_key: String,
    traceparent: Option<String>,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

async fn payment(pool: &PgPool, order: &Order, into: &mut Gathered) -> anyhow::Result<Vec<String>> {
    let query = sqlx::query_as::<_, Payment>(
        "SELECT status, method, captured, refunded, attempts, failure_reason, trouble, provider_key, traceparent,
                created_at, updated_at
         FROM payments WHERE order_id = $1",
    );
    let Some(payment) = query.bind(order.id.uuid()).fetch_optional(pool).await? else { return Ok(Vec::new()) };
    let parent = payment.traceparent.as_deref();
    let stored = match &payment.method {
        Some(method) => format!("{} by {method}, key {}", order.total, payment.provider_key),
        None => "the order was cancelled before it was known: never to be charged".to_owned(),
    };
    into.entries.push(Entry::new(payment.created_at, WHO, "payment stored", stored).traced(parent));
    let money = |amount| Money::new(amount, order.total.currency);
    let mut details = format!("captured {}, refunded {}", money(payment.captured), money(payment.refunded));
    details = format!("{details}, {}", attempts(payment.attempts));
    for part in [payment.failure_reason, payment.trouble].into_iter().flatten() {
        details = format!("{details}: {part}");
    }
    let what = format!("payment is {}", payment.status);
    if matches!(payment.status.as_str(), "created" | "unknown") {
        into.open.push(format!("the {what} and is not settled"));
    }
    // Its last change, which for a refunded payment is the refund.
    into.entries.push(Entry::new(payment.updated_at, WHO, what, details).traced(parent));
    Ok(vec![payment.provider_key])
}

#[derive(sqlx::FromRow)]
struct Refund {
    amount: i64,
    currency: String,
    status: String,
    attempts: i32,
    trouble: Option<String>,
    provider_key: String,
    traceparent: Option<String>,
    requested_at: OffsetDateTime,
    completed_at: Option<OffsetDateTime>,
}

async fn refunds(pool: &PgPool, order: &Order, into: &mut Gathered) -> anyhow::Result<Vec<String>> {
    let query = sqlx::query_as::<_, Refund>(
        "SELECT amount, currency, status, attempts, trouble, provider_key, traceparent, requested_at, completed_at
         FROM refunds WHERE order_id = $1 ORDER BY id",
    );
    let mut keys = Vec::new();
    for refund in query.bind(order.id.uuid()).fetch_all(pool).await? {
        let parent = refund.traceparent.as_deref();
        let amount = shown(refund.amount, &refund.currency);
        let details = format!("{amount}, key {}", refund.provider_key);
        into.entries.push(Entry::new(refund.requested_at, WHO, "refund stored", details).traced(parent));
        if let Some(at) = refund.completed_at {
            let details = format!("{amount}, {}", attempts(refund.attempts));
            into.entries.push(Entry::new(at, WHO, "refund completed", details).traced(parent));
        } else {
            let trouble = refund.trouble.map(|trouble| format!(": {trouble}")).unwrap_or_default();
            let (status, attempts) = (&refund.status, attempts(refund.attempts));
            into.open.push(format!("the refund of {amount} is {status}, {attempts}{trouble}"));
        }
        keys.push(refund.provider_key);
    }
    Ok(keys)
}

async fn ledger(pool: &PgPool, order: &Order, into: &mut Gathered) -> anyhow::Result<()> {
    let query = sqlx::query_as::<_, (OffsetDateTime, String, String, Vec<String>, Vec<i64>)>(
        "SELECT booked_at, kind, currency, array_agg(account ORDER BY account DESC),
                array_agg(amount ORDER BY account DESC)
         FROM ledger_transactions JOIN ledger_entries ON transaction_id = id
         WHERE (kind, source_id) IN (
             SELECT 'capture', id FROM payments WHERE order_id = $1
             UNION ALL SELECT 'refund', id FROM refunds WHERE order_id = $1)
         GROUP BY id, booked_at, kind, currency ORDER BY booked_at, id",
    );
    for (at, kind, currency, accounts, amounts) in query.bind(order.id.uuid()).fetch_all(pool).await? {
        let sides = accounts.iter().zip(amounts);
        let sides: Vec<_> = sides.map(|(account, amount)| format!("{account} {}", shown(amount, &currency))).collect();
        into.entries.push(Entry::new(at, WHO, format!("booked the {kind}"), sides.join(", ")));
    }
    Ok(())
}

/// An amount with its currency; plain digits for a currency that is not known here.
fn shown(amount: i64, currency: &str) -> String {
    let known: Result<Currency, _> = currency.parse();
    known.map_or_else(|_| format!("{amount} {currency}"), |currency| Money::new(amount, currency).to_string())
}

fn attempts(count: i32) -> String {
    if count == 1 { "1 attempt".to_owned() } else { format!("{count} attempts") }
}
