//! Payments. Whoever changes one holds its row lock, which also orders its events.

pub(crate) use super::payment_row::Stored;
use super::{
    columns::{column, uuids},
    payment_row::Row,
};
use crate::{
    domain::{State, reason_text},
    origin::Origin,
};
use contracts::{AccountId, EventId, Money, OrderId, PaymentId};
use service_kit::auth::Viewer;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// Rows of whole payments: the query's beginning, the columns, the query's end, its arguments.
macro_rules! payment_rows {
    ($before:literal, $after:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Row,
            $before + " id, order_id, customer_id, order_number, currency, total, method, status, captured,
                refunds_requested, refunded, provider_key, provider_reference, failure_reason, cancelled_by, attempts,
                deadline, correlation_id, caused_by, traceparent, version, created_at, updated_at " + $after
            $(, $argument)*
        )
    };
}

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
}

/// A payment that is asked about again.
#[derive(Clone, Debug)]
pub(crate) struct PutOff {
    pub(crate) id: PaymentId,
    pub(crate) next_at: OffsetDateTime,
    pub(crate) trouble: String,
}

/// Stores those whose order has no payment yet, which is one of an order at the most, and gives their ids. What is to be
/// charged is due at once.
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
             provider_key, deadline, correlation_id, caused_by, traceparent, status, next_at, created_at, updated_at)
         SELECT new.*, CASE WHEN new.cancelled_by IS NULL THEN 'created' ELSE 'cancelled' END,
             CASE WHEN new.cancelled_by IS NULL THEN $14::timestamptz END, $14, $14
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::bigint[], $7::text[],
             $8::uuid[], $9::text[], $10::timestamptz[], $11::uuid[], $12::uuid[], $13::text[])
             AS new (id, order_id, customer_id, order_number, currency, total, method, cancelled_by, provider_key,
                 deadline, correlation_id, caused_by, traceparent)
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
        now
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted.into_iter().map(PaymentId::from).collect())
}

/// What cancelled orders would have been paid with: told to those that were cancelled before they were known.
pub(crate) async fn learn_methods(
    connection: &mut PgConnection,
    told: &[(OrderId, String)],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE payments SET method = told.method FROM unnest($1::uuid[], $2::text[]) AS told (order_id, method)
         WHERE payments.order_id = told.order_id AND payments.method IS NULL",
        &column(told, |(order_id, _)| order_id.uuid()),
        &column(told, |(_, method)| method.as_str()) as &[&str]
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes up to `limit` payments that are due, who waited longest first, for one piece of work with the provider. From now
/// on their charges may exist: the status says so, and the attempt is counted, before anything is sent. The lease keeps
/// others away.
pub(crate) async fn claim(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    lease: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Stored>, sqlx::Error> {
    let rows = payment_rows!(
        "UPDATE payments SET status = 'unknown', attempts = attempts + 1, next_at = $2
         WHERE id = ANY (ARRAY (
             SELECT id FROM payments WHERE status IN ('created', 'unknown') AND next_at <= $1
             ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED))
         RETURNING",
        "",
        now,
        lease,
        limit
    );
    rows.fetch_all(connection).await?.into_iter().map(Stored::try_from).collect()
}

/// The calls gave no clear answer.
pub(crate) async fn put_off(connection: &mut PgConnection, unclear: &[PutOff]) -> Result<(), sqlx::Error> {
    if unclear.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE payments SET next_at = unclear.next_at, trouble = unclear.trouble
         FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS unclear (id, next_at, trouble)
         WHERE payments.id = unclear.id AND status = 'unknown'",
        &column(unclear, |one| one.id.uuid()),
        &column(unclear, |one| one.next_at),
        &column(unclear, |one| one.trouble.as_str()) as &[&str]
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes open payments due, and says how many of them are open.
pub(crate) async fn try_now(
    connection: &mut PgConnection,
    ids: &[PaymentId],
    now: OffsetDateTime,
) -> Result<u64, sqlx::Error> {
    let result = sqlx::query!(
        "UPDATE payments SET next_at = $2 WHERE id = ANY ($1) AND status IN ('created', 'unknown')",
        &uuids(ids),
        now
    );
    Ok(result.execute(connection).await?.rows_affected())
}

/// Takes the rows' locks, in the order of their ids.
pub(crate) async fn lock(connection: &mut PgConnection, ids: &[PaymentId]) -> Result<Vec<Stored>, sqlx::Error> {
    let rows = payment_rows!("SELECT", "FROM payments WHERE id = ANY ($1) ORDER BY id FOR UPDATE", &uuids(ids));
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
    let rows =
        payment_rows!("SELECT", "FROM payments WHERE order_id = ANY ($1) ORDER BY id FOR UPDATE", &uuids(orders));
    rows.fetch_all(connection).await?.into_iter().map(Stored::try_from).collect()
}

/// The orders' payments, without their locks.
pub(crate) async fn of_orders(connection: &mut PgConnection, orders: &[OrderId]) -> Result<Vec<Stored>, sqlx::Error> {
    let rows = payment_rows!("SELECT", "FROM payments WHERE order_id = ANY ($1)", &uuids(orders));
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
         FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[],
             $8::uuid[], $9::bigint[])
             AS changed (id, status, captured, refunds_requested, refunded, provider_reference, failure_reason,
                 cancelled_by, version)
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
    let row = payment_rows!(
        "SELECT",
        "FROM payments WHERE id = $1 AND ($2::uuid IS NULL OR customer_id = $2)",
        id.uuid(),
        viewer.owner().map(Uuid::from)
    );
    row.fetch_optional(connection).await?.map(Stored::try_from).transpose()
}

pub(crate) async fn find_by_order(
    connection: &mut PgConnection,
    viewer: Viewer,
    order_id: OrderId,
) -> Result<Option<Stored>, sqlx::Error> {
    let row = payment_rows!(
        "SELECT",
        "FROM payments WHERE order_id = $1 AND ($2::uuid IS NULL OR customer_id = $2)",
        order_id.uuid(),
        viewer.owner().map(Uuid::from)
    );
    row.fetch_optional(connection).await?.map(Stored::try_from).transpose()
}

/// Newest first, from below `before`. Two queries, so that each walks its own index whatever the planner thinks.
pub(crate) async fn list(
    connection: &mut PgConnection,
    viewer: Viewer,
    before: Option<PaymentId>,
    limit: i64,
) -> Result<Vec<Stored>, sqlx::Error> {
    let before = before.map_or(Uuid::max(), Uuid::from);
    let rows = match viewer {
        Viewer::Staff => {
            payment_rows!("SELECT", "FROM payments WHERE id < $1 ORDER BY id DESC LIMIT $2", before, limit)
                .fetch_all(connection)
                .await?
        }
        Viewer::Customer(owner) => {
            payment_rows!(
                "SELECT",
                "FROM payments WHERE customer_id = $3 AND id < $1 ORDER BY id DESC LIMIT $2",
                before,
                limit,
                owner.uuid()
            )
            .fetch_all(connection)
            .await?
        }
    };
    rows.into_iter().map(Stored::try_from).collect()
}
