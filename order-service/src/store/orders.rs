//! Orders as they are changed: locked, saved.

use crate::{
    domain::{Order, Status, parse_reason, parse_status, reason_name},
    error::Error,
};
use contracts::{CheckoutId, Money, OrderId, api::order::OrderStatus};
use sqlx::PgConnection;
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

struct Row {
    id: Uuid,
    number: i64,
    customer_id: Uuid,
    checkout_id: Uuid,
    status: String,
    currency: String,
    total: i64,
    refunded: i64,
    deadline: OffsetDateTime,
    payment_id: Option<Uuid>,
    paid_at: Option<OffsetDateTime>,
    fulfilled_at: Option<OffsetDateTime>,
    cancelled_at: Option<OffsetDateTime>,
    cancel_reason: Option<String>,
    version: i64,
}

impl TryFrom<Row> for Order {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let corrupt = || Error::Corrupt(format!("order {} is {} without what belongs to it", row.id, row.status));
        let currency = row.currency.parse()?;
        let paid = row.payment_id.zip(row.paid_at);
        let status = match row.status.as_str() {
            "pending" => Status::Pending { deadline: row.deadline },
            "paid" => paid.map(|(payment, at)| Status::Paid { payment: payment.into(), at }).ok_or_else(corrupt)?,
            "fulfilled" => {
                let (payment, paid_at) = paid.ok_or_else(corrupt)?;
                let at = row.fulfilled_at.ok_or_else(corrupt)?;
                Status::Fulfilled { payment: payment.into(), paid_at, at }
            }
            "cancelled" => Status::Cancelled {
                reason: row.cancel_reason.as_deref().and_then(parse_reason).ok_or_else(corrupt)?,
                at: row.cancelled_at.ok_or_else(corrupt)?,
                paid: paid.map(|(payment, at)| (payment.into(), at)),
            },
            _ => return Err(corrupt()),
        };
        Ok(Self {
            id: row.id.into(),
            number: row.number,
            customer_id: row.customer_id.into(),
            checkout_id: row.checkout_id.into(),
            total: Money::new(row.total, currency),
            refunded: Money::new(row.refunded, currency),
            status,
            version: row.version,
        })
    }
}

/// Takes the rows' locks, in the order of their keys.
pub(crate) async fn lock(connection: &mut PgConnection, ids: &[OrderId]) -> Result<Vec<Order>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, number, customer_id, checkout_id, status, currency, total, refunded, deadline, payment_id, paid_at,
             fulfilled_at, cancelled_at, cancel_reason, version
         FROM orders WHERE id = ANY($1) ORDER BY id FOR UPDATE",
        &ids
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Order::try_from).collect()
}

/// The orders of checkouts, under their rows' locks, in the order of their ids: as text, which is the same and offers no plan
/// that walks through all orders.
pub(crate) async fn lock_by_checkout(
    connection: &mut PgConnection,
    checkouts: &[CheckoutId],
) -> Result<Vec<Order>, Error> {
    let checkouts: Vec<Uuid> = checkouts.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, number, customer_id, checkout_id, status, currency, total, refunded, deadline, payment_id, paid_at,
             fulfilled_at, cancelled_at, cancel_reason, version
         FROM orders WHERE checkout_id = ANY (ARRAY (SELECT unnest($1::uuid[])))
         ORDER BY id::text COLLATE \"C\" FOR UPDATE",
        &checkouts
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Order::try_from).collect()
}

/// The columns of `orders` that change.
#[derive(Default)]
struct Columns {
    ids: Vec<Uuid>,
    statuses: Vec<&'static str>,
    payment_ids: Vec<Option<Uuid>>,
    paid_at: Vec<Option<OffsetDateTime>>,
    fulfilled_at: Vec<Option<OffsetDateTime>>,
    cancelled_at: Vec<Option<OffsetDateTime>>,
    cancel_reasons: Vec<Option<&'static str>>,
    refunded: Vec<i64>,
    versions: Vec<i64>,
}

impl Columns {
    fn add(&mut self, order: &Order) {
        let (mut paid, mut fulfilled_at, mut cancelled) = (None, None, None);
        match order.status {
            Status::Pending { .. } => {}
            Status::Paid { payment, at } => paid = Some((payment, at)),
            Status::Fulfilled { payment, paid_at, at } => {
                paid = Some((payment, paid_at));
                fulfilled_at = Some(at);
            }
            Status::Cancelled { reason, at, paid: before } => {
                paid = before;
                cancelled = Some((reason_name(reason), at));
            }
        }
        self.ids.push(order.id.uuid());
        self.statuses.push(order.status.name().as_str());
        self.payment_ids.push(paid.map(|(payment, _)| payment.uuid()));
        self.paid_at.push(paid.map(|(_, at)| at));
        self.fulfilled_at.push(fulfilled_at);
        self.cancelled_at.push(cancelled.map(|(_, at)| at));
        self.cancel_reasons.push(cancelled.map(|(reason, _)| reason));
        self.refunded.push(order.refunded.amount);
        self.versions.push(order.version);
    }
}

/// Stores orders that are locked as they are now. None may come twice.
pub(crate) async fn save(
    connection: &mut PgConnection,
    orders: &[&Order],
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let mut columns = Columns::default();
    for order in orders {
        columns.add(order);
    }
    sqlx::query!(
        "UPDATE orders
         SET status = changed.status, payment_id = changed.payment_id, paid_at = changed.paid_at,
             fulfilled_at = changed.fulfilled_at, cancelled_at = changed.cancelled_at,
             cancel_reason = changed.cancel_reason, refunded = changed.refunded, updated_at = $10,
             version = changed.version
         FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
                 $7::text[], $8::bigint[], $9::bigint[])
             AS changed (id, status, payment_id, paid_at, fulfilled_at, cancelled_at, cancel_reason, refunded, version)
         WHERE orders.id = changed.id AND orders.id = ANY (ARRAY (SELECT unnest($1::uuid[])))",
        &columns.ids,
        &columns.statuses as &[&str],
        &columns.payment_ids as &[Option<Uuid>],
        &columns.paid_at as &[Option<OffsetDateTime>],
        &columns.fulfilled_at as &[Option<OffsetDateTime>],
        &columns.cancelled_at as &[Option<OffsetDateTime>],
        &columns.cancel_reasons as &[Option<&str>],
        &columns.refunded,
        &columns.versions,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Pending orders whose deadline has passed, oldest first, without those that were put off.
pub(crate) async fn overdue(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<OrderId>, sqlx::Error> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM orders
         WHERE status = 'pending' AND deadline <= $1 AND (cancel_again_at IS NULL OR cancel_again_at <= $1)
         ORDER BY deadline LIMIT $2",
        now,
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(OrderId::from).collect())
}

/// Lets the other overdue orders go first until then.
pub(crate) async fn put_off(
    connection: &mut PgConnection,
    ids: &[OrderId],
    until: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    sqlx::query!("UPDATE orders SET cancel_again_at = $2 WHERE id = ANY($1)", &ids, until).execute(connection).await?;
    Ok(())
}

/// Where the orders of checkouts stand; a checkout without an order is not among them.
pub(crate) async fn status_of_checkouts(
    connection: &mut PgConnection,
    ids: &[CheckoutId],
) -> Result<HashMap<CheckoutId, OrderStatus>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!("SELECT checkout_id, status FROM orders WHERE checkout_id = ANY($1)", &ids)
        .fetch_all(connection)
        .await?;
    let status = |name: String| parse_status(&name).ok_or(Error::Corrupt(name));
    rows.into_iter().map(|row| Ok((row.checkout_id.into(), status(row.status)?))).collect()
}
