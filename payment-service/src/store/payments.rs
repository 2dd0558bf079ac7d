//! Payments. Whoever changes one holds its row lock, which also orders its events.
//!
//! A prepared statement's plan is made early, perhaps for an empty table, and kept: walking what was nothing then would
//! walk all payments later. `LIMIT cardinality($1)` beside an `unnest` changes no answer; it has the planner expect one
//! row, and so go by the index, whatever it thinks of the table.

pub(crate) use super::payment_row::Stored;
use super::{
    columns::{column, uuids},
    payment_row::{Row, payment_rows},
};
use crate::{
    domain::{Payment, State, reason_text},
    origin::Origin,
};
use contracts::{AccountId, EventId, Money, OrderId, PaymentId};
use service_kit::auth::Viewer;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// What an order tells of its payment when it is placed or cancelled.
#[derive(Clone, Debug)]
pub(crate) struct NewPayment {
    pub(crate) id: PaymentId,
    pub(crate) order_id: OrderId,
    pub(crate) customer_id: AccountId,
    pub(crate) order_number: i64,
    pub(crate) total: Money,
    /// None while nothing but the order's cancellation has arrived.
    pub(crate) method: Option<String>,
    /// The cancellation that came first: it is never charged.
    pub(crate) cancelled_by: Option<EventId>,
    pub(crate) provider_key: String,
    pub(crate) deadline: OffsetDateTime,
    pub(crate) origin: Origin,
    /// Until then it is the business of whoever stores it: its first call is about to be made.
    pub(crate) lease: Option<OffsetDateTime>,
}

impl NewPayment {
    /// As it is stored at `now`.
    pub(crate) fn stored(self, now: OffsetDateTime) -> Stored {
        let state = match (self.cancelled_by, self.lease) {
            (Some(_), _) => State::Cancelled,
            (None, Some(_)) => State::Unknown,
            (None, None) => State::Created,
        };
        Stored {
            attempts: self.attempts(),
            payment: Payment {
                id: self.id,
                order_id: self.order_id,
                customer_id: self.customer_id,
                total: self.total,
                method: self.method,
                state,
                cancelled_by: self.cancelled_by,
                refunds_requested: 0,
                refunded: 0,
                deadline: self.deadline,
            },
            order_number: self.order_number,
            provider_key: self.provider_key,
            version: 0,
            origin: self.origin,
            created_at: now,
            updated_at: now,
        }
    }

    fn next_at(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.cancelled_by.is_none().then(|| self.lease.unwrap_or(now))
    }

    fn attempts(&self) -> i32 {
        i32::from(self.cancelled_by.is_none() && self.lease.is_some())
    }
}

/// A payment that is asked about again.
#[derive(Clone, Debug)]
pub(crate) struct PutOff {
    pub(crate) id: PaymentId,
    pub(crate) next_at: OffsetDateTime,
    pub(crate) trouble: String,
}

/// Stores those whose order has no payment yet, which is one of an order at the most, and gives their ids. What is to be
/// charged is due at once, or its first call is about to be made: then this is the note of it that a call without an answer
/// is settled by, with the status and the attempt that a claim would have written.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    new: &[NewPayment],
    now: OffsetDateTime,
) -> Result<Vec<PaymentId>, sqlx::Error> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    // In one order for everybody: whoever inserts what another has not committed yet waits for it.
    let inserted = sqlx::query_scalar!(
        "INSERT INTO payments (id, order_id, customer_id, order_number, currency, total, method, cancelled_by,
             provider_key, deadline, correlation_id, caused_by, traceparent, next_at, attempts, status, created_at,
             updated_at)
         SELECT id, order_id,
             coalesce((SELECT account_id FROM guests_joined WHERE guest_id = new.customer_id), customer_id),
             order_number, currency, total, method, cancelled_by, provider_key, deadline, correlation_id, caused_by,
             traceparent, next_at, attempts, CASE WHEN new.cancelled_by IS NOT NULL THEN 'cancelled'
                            WHEN new.attempts > 0 THEN 'unknown' ELSE 'created' END, $16::timestamptz, $16
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::bigint[], $7::text[],
             $8::uuid[], $9::text[], $10::timestamptz[], $11::uuid[], $12::uuid[], $13::text[], $14::timestamptz[],
             $15::integer[])
             AS new (id, order_id, customer_id, order_number, currency, total, method, cancelled_by, provider_key,
                 deadline, correlation_id, caused_by, traceparent, next_at, attempts)
         ORDER BY new.order_id
         ON CONFLICT ON CONSTRAINT payments_order_unique DO NOTHING
         RETURNING id",
        &column(new, |new| new.id.uuid()),
        &column(new, |new| new.order_id.uuid()),
        &column(new, |new| new.customer_id.uuid()),
        &column(new, |new| new.order_number),
        &column(new, |new| new.total.currency.code()) as &[&str],
        &column(new, |new| new.total.amount),
        &column(new, |new| new.method.as_deref()) as &[Option<&str>],
        &column(new, |new| new.cancelled_by.map(Uuid::from)) as &[Option<Uuid>],
        &column(new, |new| new.provider_key.as_str()) as &[&str],
        &column(new, |new| new.deadline),
        &column(new, |new| new.origin.correlation_id),
        &column(new, |new| new.origin.caused_by.uuid()),
        &column(new, |new| new.origin.traceparent.as_deref()) as &[Option<&str>],
        &column(new, |new| new.next_at(now)) as &[Option<OffsetDateTime>],
        &column(new, NewPayment::attempts),
        now
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted.into_iter().map(PaymentId::from).collect())
}

/// What cancelled orders would have been paid with: told to those that were cancelled before they were known. What is
/// known stays.
pub(crate) async fn learn_methods(
    connection: &mut PgConnection,
    told: &[(OrderId, String)],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE payments SET method = coalesce(payments.method, told.method)
         FROM (SELECT * FROM unnest($1::uuid[], $2::text[]) AS told (order_id, method) LIMIT cardinality($1)) AS told
         WHERE payments.order_id = told.order_id",
        &column(told, |(order_id, _)| order_id.uuid()),
        &column(told, |(_, method)| method.as_str()) as &[&str]
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether there is anything to be claimed that came to be due after `since`.
pub(crate) async fn is_due(
    connection: &mut PgConnection,
    since: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    // The first of the index; whether something is due could be asked of every open payment.
    let first = sqlx::query_scalar!(
        r#"SELECT next_at AS "next_at!" FROM payments WHERE status IN ('created', 'unknown') AND next_at > $1
           ORDER BY next_at LIMIT 1"#,
        since
    );
    Ok(first.fetch_optional(connection).await?.is_some_and(|first| first <= now))
}

/// Takes up to `limit` payments that came to be due after `since`, who waited longest first, for one piece of work with the provider. From now
/// on their charges may exist: the status says so, and the attempt is counted, before anything is sent. The lease keeps
/// others away. By where the rows lie and at most 64: so the plan is right for any number of payments.
pub(crate) async fn claim(
    connection: &mut PgConnection,
    since: OffsetDateTime,
    now: OffsetDateTime,
    lease: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Stored>, sqlx::Error> {
    let rows = payment_rows!(
        "WITH due AS (
             SELECT ctid, next_at FROM payments WHERE status IN ('created', 'unknown') AND next_at <= $1
                 AND next_at > $4
             ORDER BY next_at LIMIT 64 FOR UPDATE SKIP LOCKED
         )
         UPDATE payments SET status = 'unknown', attempts = attempts + 1, next_at = $2
         FROM (SELECT ctid FROM due ORDER BY next_at LIMIT $3) AS taken WHERE payments.ctid = taken.ctid
         RETURNING",
        "",
        now,
        lease,
        limit,
        since
    );
    rows.fetch_all(connection).await?.into_iter().map(Stored::try_from).collect()
}

/// The calls gave no clear answer.
pub(crate) async fn put_off(connection: &mut PgConnection, unclear: &[PutOff]) -> Result<(), sqlx::Error> {
    if unclear.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE payments SET next_at = ($2::timestamptz[])[array_position($1, id)],
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

/// Makes open payments due, and says how many of them are open. `status || ''`: planned for few, the index of those that are
/// open would be walked through for these.
pub(crate) async fn try_now(
    connection: &mut PgConnection,
    ids: &[PaymentId],
    now: OffsetDateTime,
) -> Result<u64, sqlx::Error> {
    let result = sqlx::query!(
        "UPDATE payments SET next_at = $2 WHERE id = ANY ($1) AND status || '' IN ('created', 'unknown')",
        &uuids(ids),
        now
    );
    Ok(result.execute(connection).await?.rows_affected())
}

/// Takes the rows' locks, in the order of their ids.
pub(crate) async fn lock(connection: &mut PgConnection, ids: &[PaymentId]) -> Result<Vec<Stored>, sqlx::Error> {
    let rows = payment_rows!(
        "SELECT",
        "FROM (SELECT one FROM unnest($1::uuid[]) AS wanted (one) LIMIT cardinality($1)) AS wanted
         JOIN payments ON id = one ORDER BY id FOR UPDATE OF payments",
        &uuids(ids)
    );
    rows.fetch_all(connection).await?.into_iter().map(Stored::try_from).collect()
}

/// Takes the locks of the orders' payments, in the order of their ids.
pub(crate) async fn lock_by_orders(
    connection: &mut PgConnection,
    orders: &[OrderId],
) -> Result<Vec<Stored>, sqlx::Error> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let rows = payment_rows!(
        "SELECT",
        "FROM (SELECT one FROM unnest($1::uuid[]) AS wanted (one) LIMIT cardinality($1)) AS wanted
         JOIN payments ON order_id = one ORDER BY id FOR UPDATE OF payments",
        &uuids(orders)
    );
    rows.fetch_all(connection).await?.into_iter().map(Stored::try_from).collect()
}

/// The orders' payments, without their locks.
pub(crate) async fn of_orders(connection: &mut PgConnection, orders: &[OrderId]) -> Result<Vec<Stored>, sqlx::Error> {
    let rows = payment_rows!(
        "SELECT",
        "FROM (SELECT one FROM unnest($1::uuid[]) AS wanted (one) LIMIT cardinality($1)) AS wanted
         JOIN payments ON order_id = one",
        &uuids(orders)
    );
    rows.fetch_all(connection).await?.into_iter().map(Stored::try_from).collect()
}

/// Stores what was learned of locked payments.
pub(crate) async fn save(
    connection: &mut PgConnection,
    changed: &[&Stored],
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    if changed.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE payments SET status = changed.status, authorised = changed.captured, captured = changed.captured,
             refunds_requested = changed.refunds_requested, refunded = changed.refunded,
             provider_reference = changed.provider_reference, failure_reason = changed.failure_reason,
             cancelled_by = changed.cancelled_by,
             next_at = CASE WHEN changed.status IN ('created', 'unknown') THEN next_at END,
             trouble = CASE WHEN changed.status IN ('created', 'unknown') THEN trouble END,
             version = changed.version, updated_at = $10
         FROM (SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[],
                   $7::text[], $8::uuid[], $9::bigint[])
                   AS changed (id, status, captured, refunds_requested, refunded, provider_reference, failure_reason,
                       cancelled_by, version)
               LIMIT cardinality($1)) AS changed
         WHERE payments.id = changed.id",
        &column(changed, |one| one.payment.id.uuid()),
        &column(changed, |one| one.payment.state.as_str()) as &[&str],
        &column(changed, |one| one.payment.captured_amount()),
        &column(changed, |one| one.payment.refunds_requested),
        &column(changed, |one| one.payment.refunded),
        &column(changed, |one| reference(&one.payment.state)) as &[Option<&str>],
        &column(changed, |one| failure(&one.payment.state)) as &[Option<&str>],
        &column(changed, |one| one.payment.cancelled_by.map(Uuid::from)) as &[Option<Uuid>],
        &column(changed, |one| one.version),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn reference(state: &State) -> Option<&str> {
    if let State::Captured { reference, .. } = state { Some(reference) } else { None }
}

fn failure(state: &State) -> Option<&'static str> {
    if let State::Failed { reason } = state { Some(reason_text(*reason)) } else { None }
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    viewer: Viewer,
    id: PaymentId,
) -> Result<Option<Stored>, sqlx::Error> {
    let row = payment_rows!("SELECT", "FROM payments WHERE id = $1", id.uuid()).fetch_optional(connection).await?;
    shown(row, viewer)
}

pub(crate) async fn find_by_order(
    connection: &mut PgConnection,
    viewer: Viewer,
    order_id: OrderId,
) -> Result<Option<Stored>, sqlx::Error> {
    let row = payment_rows!("SELECT", "FROM payments WHERE order_id = $1", order_id.uuid());
    shown(row.fetch_optional(connection).await?, viewer)
}

/// Another customer's payment is not there.
fn shown(row: Option<Row>, viewer: Viewer) -> Result<Option<Stored>, sqlx::Error> {
    let stored = row.map(Stored::try_from).transpose()?;
    Ok(stored.filter(|stored| viewer.owner().is_none_or(|owner| owner == stored.payment.customer_id)))
}
