//! Refunds. Whoever completes one holds the lock of its payment first.

use super::columns::{column, uuids};
use crate::origin::Origin;
use contracts::{EventId, Money, OrderId, PaymentId, RefundId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Clone, Debug)]
pub(crate) struct NewRefund {
    pub(crate) id: RefundId,
    pub(crate) payment_id: PaymentId,
    pub(crate) order_id: OrderId,
    pub(crate) cause: EventId,
    pub(crate) amount: Money,
    pub(crate) provider_key: String,
    pub(crate) correlation_id: Uuid,
    pub(crate) traceparent: String,
}

/// A refund to be carried out.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub(crate) id: RefundId,
    pub(crate) payment_id: PaymentId,
    pub(crate) amount: Money,
    pub(crate) provider_key: String,
    /// The provider's id of the charge that is refunded.
    pub(crate) charge_reference: String,
    /// Calls begun so far.
    pub(crate) attempts: i32,
    pub(crate) origin: Origin,
}

struct Row {
    id: Uuid,
    payment_id: Uuid,
    amount: i64,
    currency: String,
    provider_key: String,
    attempts: i32,
    cause: Uuid,
    correlation_id: Uuid,
    traceparent: Option<String>,
    charge_reference: String,
}

impl TryFrom<Row> for Claimed {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        let currency = row.currency.parse().map_err(|cause| sqlx::Error::Decode(Box::new(cause)))?;
        Ok(Self {
            id: row.id.into(),
            payment_id: row.payment_id.into(),
            amount: Money::new(row.amount, currency),
            provider_key: row.provider_key,
            charge_reference: row.charge_reference,
            attempts: row.attempts,
            origin: Origin {
                correlation_id: row.correlation_id,
                caused_by: row.cause.into(),
                traceparent: row.traceparent,
            },
        })
    }
}

/// A refund that is tried again.
#[derive(Clone, Debug)]
pub(crate) struct PutOff {
    pub(crate) id: RefundId,
    pub(crate) next_at: OffsetDateTime,
    pub(crate) trouble: String,
}

/// A refund as it is shown.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) id: Uuid,
    pub(crate) amount: i64,
    pub(crate) status: String,
    pub(crate) requested_at: OffsetDateTime,
    pub(crate) completed_at: Option<OffsetDateTime>,
}

/// Stores what is to be given back, due at once, before anything is sent.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    new: &[NewRefund],
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    if new.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO refunds (id, payment_id, order_id, cause, amount, currency, provider_key, correlation_id,
             traceparent, status, next_at, requested_at)
         SELECT new.*, 'requested', $10::timestamptz, $10
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::text[],
             $8::uuid[], $9::text[]) AS new",
        &column(new, |new| new.id.uuid()),
        &column(new, |new| new.payment_id.uuid()),
        &column(new, |new| new.order_id.uuid()),
        &column(new, |new| new.cause.uuid()),
        &column(new, |new| new.amount.amount),
        &column(new, |new| new.amount.currency.code()) as &[&str],
        &column(new, |new| new.provider_key.as_str()) as &[&str],
        &column(new, |new| new.correlation_id),
        &column(new, |new| new.traceparent.as_str()) as &[&str],
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether there is anything to be claimed.
pub(crate) async fn is_due(connection: &mut PgConnection, now: OffsetDateTime) -> Result<bool, sqlx::Error> {
    let first = sqlx::query_scalar!(
        r#"SELECT next_at AS "next_at!" FROM refunds WHERE status IN ('requested', 'unknown') ORDER BY next_at LIMIT 1"#
    );
    Ok(first.fetch_optional(connection).await?.is_some_and(|first| first <= now))
}

/// Takes up to `limit` refunds that are due, who waited longest first; like [`super::payments::claim`].
pub(crate) async fn claim(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    lease: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Claimed>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"WITH due AS (
               UPDATE refunds SET status = 'unknown', attempts = attempts + 1, next_at = $2
               WHERE id = ANY (ARRAY (
                   SELECT id FROM refunds WHERE status IN ('requested', 'unknown') AND next_at <= $1
                   ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED))
               RETURNING *
           )
           SELECT due.id, payment_id, amount, due.currency, due.provider_key, due.attempts, cause, due.correlation_id,
                  due.traceparent, payments.provider_reference AS "charge_reference!"
           FROM due
           JOIN LATERAL (SELECT provider_reference FROM payments WHERE id = payment_id OFFSET 0) AS payments ON true"#,
        now,
        lease,
        limit
    );
    rows.fetch_all(connection).await?.into_iter().map(Claimed::try_from).collect()
}

/// The calls gave no clear answer.
pub(crate) async fn put_off(connection: &mut PgConnection, unclear: &[PutOff]) -> Result<(), sqlx::Error> {
    if unclear.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE refunds SET next_at = ($2::timestamptz[])[array_position($1, id)],
             trouble = ($3::text[])[array_position($1, id)]
         WHERE id = ANY (ARRAY (SELECT unnest($1::uuid[]))) AND status || '' = 'unknown'",
        &column(unclear, |one| one.id.uuid()),
        &column(unclear, |one| one.next_at),
        &column(unclear, |one| one.trouble.as_str()) as &[&str]
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes open refunds due, and says how many of them are open.
pub(crate) async fn try_now(
    connection: &mut PgConnection,
    ids: &[RefundId],
    now: OffsetDateTime,
) -> Result<u64, sqlx::Error> {
    let result = sqlx::query!(
        "UPDATE refunds SET next_at = $2 WHERE id = ANY ($1) AND status || '' IN ('requested', 'unknown')",
        &uuids(ids),
        now
    );
    Ok(result.execute(connection).await?.rows_affected())
}

/// Takes down the provider's own ids of refunds, and gives those that were not completed before.
pub(crate) async fn complete(
    connection: &mut PgConnection,
    done: &[(RefundId, &str)],
    now: OffsetDateTime,
) -> Result<Vec<RefundId>, sqlx::Error> {
    if done.is_empty() {
        return Ok(Vec::new());
    }
    let completed = sqlx::query_scalar!(
        "UPDATE refunds SET status = 'completed', provider_reference = done.reference, completed_at = $3, next_at = NULL,
             trouble = NULL
         FROM unnest($1::uuid[], $2::text[]) AS done (id, reference)
         WHERE refunds.id = done.id AND refunds.id = ANY (ARRAY (SELECT unnest($1::uuid[]))) AND status <> 'completed'
         RETURNING refunds.id",
        &column(done, |(id, _)| id.uuid()),
        &column(done, |(_, reference)| *reference) as &[&str],
        now
    )
    .fetch_all(connection)
    .await?;
    Ok(completed.into_iter().map(RefundId::from).collect())
}

/// All refunds of one payment, oldest first: a handful at the most.
pub(crate) async fn list(connection: &mut PgConnection, payment_id: PaymentId) -> Result<Vec<Shown>, sqlx::Error> {
    sqlx::query_as!(
        Shown,
        "SELECT id, amount, status, requested_at, completed_at FROM refunds WHERE payment_id = $1 ORDER BY id",
        payment_id.uuid()
    )
    .fetch_all(connection)
    .await
}
