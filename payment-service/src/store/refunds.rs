//! Refunds. Whoever completes one holds the lock of its payment first.

use crate::{domain::refund_key, origin::Origin};
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
    new: &NewRefund,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO refunds (id, payment_id, order_id, cause, amount, currency, status, provider_key, next_at,
             correlation_id, traceparent, requested_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'requested', $7, $8, $9, $10, $8)",
        new.id.uuid(),
        new.payment_id.uuid(),
        new.order_id.uuid(),
        new.cause.uuid(),
        new.amount.amount,
        new.amount.currency.code(),
        refund_key(new.order_id, new.cause),
        now,
        new.correlation_id,
        new.traceparent
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes the refund that has waited longest and is due; like [`super::payments::claim`].
pub(crate) async fn claim(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    lease: OffsetDateTime,
) -> Result<Option<Claimed>, sqlx::Error> {
    let row = sqlx::query!(
        r#"WITH due AS (
               UPDATE refunds SET status = 'unknown', attempts = attempts + 1, next_at = $2
               WHERE id = (
                   SELECT id FROM refunds WHERE status IN ('requested', 'unknown') AND next_at <= $1
                   ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
               RETURNING *
           )
           SELECT due.id, payment_id, amount, due.currency, due.provider_key, due.attempts, cause, due.correlation_id,
                  due.traceparent, payments.provider_reference AS "charge_reference!"
           FROM due JOIN payments ON payments.id = payment_id"#,
        now,
        lease
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let currency = row.currency.parse().map_err(|cause| sqlx::Error::Decode(Box::new(cause)))?;
    Ok(Some(Claimed {
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
    }))
}

/// The call gave no clear answer: again at `next_at`.
pub(crate) async fn put_off(
    connection: &mut PgConnection,
    id: RefundId,
    next_at: OffsetDateTime,
    trouble: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE refunds SET next_at = $2, trouble = $3 WHERE id = $1 AND status = 'unknown'",
        id.uuid(),
        next_at,
        trouble
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes an open refund due. False when it is completed.
pub(crate) async fn try_now(
    connection: &mut PgConnection,
    id: RefundId,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let result = sqlx::query!(
        "UPDATE refunds SET next_at = $2 WHERE id = $1 AND status IN ('requested', 'unknown')",
        id.uuid(),
        now
    );
    Ok(result.execute(connection).await?.rows_affected() == 1)
}

/// False when it was completed before.
pub(crate) async fn complete(
    connection: &mut PgConnection,
    id: RefundId,
    reference: &str,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let completed = sqlx::query!(
        "UPDATE refunds SET status = 'completed', provider_reference = $2, completed_at = $3, next_at = NULL,
             trouble = NULL
         WHERE id = $1 AND status <> 'completed'",
        id.uuid(),
        reference,
        now
    )
    .execute(connection)
    .await?;
    Ok(completed.rows_affected() == 1)
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
