//! Payments. Whoever changes one holds its row lock, which also orders its events.

pub(crate) use super::payment_row::Stored;
use super::{Viewer, payment_row::Row};
use crate::{
    domain::{Payment, State, charge_key, reason_text},
    origin::Origin,
};
use contracts::{AccountId, EventId, Money, OrderId, PaymentId};
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
                deadline, correlation_id, caused_by, traceparent, created_at, updated_at " + $after
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
    pub(crate) deadline: OffsetDateTime,
    pub(crate) origin: Origin,
}

/// Stores what is to be charged, due at once. False when the order has a payment, or is known to be cancelled.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    new: &NewPayment,
    method: &str,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    // A row without a method is the trace of a cancellation that came first: it learns the method and stays cancelled.
    let status = sqlx::query_scalar!(
        "INSERT INTO payments (id, order_id, customer_id, order_number, currency, total, method, status, provider_key,
             next_at, deadline, correlation_id, caused_by, traceparent, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'created', $8, $9, $10, $11, $12, $13, $9, $9)
         ON CONFLICT ON CONSTRAINT payments_order_unique DO UPDATE SET method = excluded.method
             WHERE payments.method IS NULL
         RETURNING status",
        new.id.uuid(),
        new.order_id.uuid(),
        new.customer_id.uuid(),
        new.order_number,
        new.total.currency.code(),
        new.total.amount,
        method,
        charge_key(new.order_id),
        now,
        new.deadline,
        new.origin.correlation_id,
        new.origin.caused_by.uuid(),
        new.origin.traceparent
    )
    .fetch_optional(connection)
    .await?;
    Ok(status.as_deref() == Some(State::Created.as_str()))
}

/// Marks an order as cancelled that no payment is known for: the `order.created` that comes later is never charged.
/// False when there is a payment already.
pub(crate) async fn insert_cancelled(
    connection: &mut PgConnection,
    new: &NewPayment,
    cancelled_by: EventId,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "INSERT INTO payments (id, order_id, customer_id, order_number, currency, total, status, provider_key,
             cancelled_by, deadline, correlation_id, caused_by, traceparent, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'cancelled', $7, $8, $9, $10, $11, $12, $13, $13)
         ON CONFLICT ON CONSTRAINT payments_order_unique DO NOTHING",
        new.id.uuid(),
        new.order_id.uuid(),
        new.customer_id.uuid(),
        new.order_number,
        new.total.currency.code(),
        new.total.amount,
        charge_key(new.order_id),
        cancelled_by.uuid(),
        new.deadline,
        new.origin.correlation_id,
        new.origin.caused_by.uuid(),
        new.origin.traceparent,
        now
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Takes the payment that has waited longest and is due, for one piece of work with the provider. From now on a charge
/// may exist: the status says so, and the attempt is counted, before anything is sent. The lease keeps others away.
pub(crate) async fn claim(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    lease: OffsetDateTime,
) -> Result<Option<Stored>, sqlx::Error> {
    let row = payment_rows!(
        "UPDATE payments SET status = 'unknown', attempts = attempts + 1, next_at = $2
         WHERE id = (
             SELECT id FROM payments WHERE status IN ('created', 'unknown') AND next_at <= $1
             ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING",
        "",
        now,
        lease
    );
    row.fetch_optional(connection).await?.map(Stored::try_from).transpose()
}

/// The call gave no clear answer: again at `next_at`.
pub(crate) async fn put_off(
    connection: &mut PgConnection,
    id: PaymentId,
    next_at: OffsetDateTime,
    trouble: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE payments SET next_at = $2, trouble = $3 WHERE id = $1 AND status = 'unknown'",
        id.uuid(),
        next_at,
        trouble
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes an open payment due. False when it is not open.
pub(crate) async fn try_now(
    connection: &mut PgConnection,
    id: PaymentId,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let result = sqlx::query!(
        "UPDATE payments SET next_at = $2 WHERE id = $1 AND status IN ('created', 'unknown')",
        id.uuid(),
        now
    );
    Ok(result.execute(connection).await?.rows_affected() == 1)
}

/// Takes the row's lock.
pub(crate) async fn lock(connection: &mut PgConnection, id: PaymentId) -> Result<Option<Stored>, sqlx::Error> {
    let row = payment_rows!("SELECT", "FROM payments WHERE id = $1 FOR UPDATE", id.uuid());
    row.fetch_optional(connection).await?.map(Stored::try_from).transpose()
}

/// Takes the lock of the order's payment.
pub(crate) async fn lock_by_order(
    connection: &mut PgConnection,
    order_id: OrderId,
) -> Result<Option<Stored>, sqlx::Error> {
    let row = payment_rows!("SELECT", "FROM payments WHERE order_id = $1 FOR UPDATE", order_id.uuid());
    row.fetch_optional(connection).await?.map(Stored::try_from).transpose()
}

/// Stores what was learned of a locked payment and gives the number of this change: the sequence of its event.
pub(crate) async fn save(
    connection: &mut PgConnection,
    payment: &Payment,
    now: OffsetDateTime,
) -> Result<i64, sqlx::Error> {
    let (mut reference, mut failure) = (None, None);
    match &payment.state {
        State::Captured { reference: given, .. } => reference = Some(given.as_str()),
        State::Failed { reason } => failure = Some(reason_text(*reason)),
        State::Created | State::Unknown | State::Cancelled => {}
    }
    sqlx::query_scalar!(
        "UPDATE payments SET status = $2, authorised = $3, captured = $3, refunds_requested = $4, refunded = $5,
             provider_reference = $6, failure_reason = $7, cancelled_by = $8,
             next_at = CASE WHEN $2 IN ('created', 'unknown') THEN next_at END,
             trouble = CASE WHEN $2 IN ('created', 'unknown') THEN trouble END,
             version = version + 1, updated_at = $9
         WHERE id = $1 RETURNING version",
        payment.id.uuid(),
        payment.state.as_str(),
        payment.captured_amount(),
        payment.refunds_requested,
        payment.refunded,
        reference,
        failure,
        payment.cancelled_by.map(Uuid::from),
        now
    )
    .fetch_one(connection)
    .await
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
        viewer.owner()
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
        viewer.owner()
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
        Viewer::Owner(owner) => {
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
