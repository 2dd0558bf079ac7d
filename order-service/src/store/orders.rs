//! Orders as they are changed: inserted once, locked, saved.

use crate::{
    Error,
    domain::{Address, Status},
};
use contracts::{
    AccountId, CheckoutId, Money, OrderId,
    api::{order::OrderStatus, product::ReservedLine},
    events::order::CancelReason,
};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// An order under its row's lock, ready for a transition.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: OrderId,
    pub(crate) number: i64,
    pub(crate) customer_id: AccountId,
    pub(crate) checkout_id: CheckoutId,
    pub(crate) total: Money,
    pub(crate) refunded: Money,
    pub(crate) status: Status,
    /// The sequence of its last event.
    pub(crate) version: i64,
}

pub(crate) struct Insert<'a> {
    pub(crate) id: OrderId,
    pub(crate) customer_id: AccountId,
    pub(crate) checkout_id: CheckoutId,
    pub(crate) payment_method: &'a str,
    pub(crate) total: Money,
    pub(crate) shipping_address: &'a Address,
    pub(crate) deadline: OffsetDateTime,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) lines: &'a [ReservedLine],
}

/// Stores a pending order with its lines in one statement; gives its number.
pub(crate) async fn insert(connection: &mut PgConnection, new: &Insert<'_>) -> Result<i64, Error> {
    let lines = new.lines;
    let address = serde_json::to_value(new.shipping_address).map_err(|cause| Error::Corrupt(cause.to_string()))?;
    let product_ids: Vec<Uuid> = lines.iter().map(|line| line.product_id.uuid()).collect();
    let variant_ids: Vec<Uuid> = lines.iter().map(|line| line.variant_id.uuid()).collect();
    let skus: Vec<String> = lines.iter().map(|line| line.sku.clone()).collect();
    let names: Vec<String> = lines.iter().map(|line| line.name.clone()).collect();
    let quantities: Vec<i32> = lines.iter().map(|line| line.quantity.get()).collect();
    let unit_prices: Vec<i64> = lines.iter().map(|line| line.unit_price.amount).collect();
    let number = sqlx::query_scalar!(
        "WITH placed AS (
             INSERT INTO orders (id, customer_id, checkout_id, status, payment_method, currency, total,
                 shipping_address, deadline, created_at, updated_at, version)
             VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9, $9, 1)
             RETURNING id, number
         ), lines AS (
             INSERT INTO order_lines (order_id, position, product_id, variant_id, sku, name, quantity, unit_price)
             SELECT placed.id, line.position, line.product_id, line.variant_id, line.sku, line.name, line.quantity,
                 line.unit_price
             FROM placed, unnest($10::uuid[], $11::uuid[], $12::text[], $13::text[], $14::int[], $15::bigint[])
                 WITH ORDINALITY AS line (product_id, variant_id, sku, name, quantity, unit_price, position)
         )
         SELECT number FROM placed",
        new.id.uuid(),
        new.customer_id.uuid(),
        new.checkout_id.uuid(),
        new.payment_method,
        new.total.currency.code(),
        new.total.amount,
        address,
        new.deadline,
        new.created_at,
        &product_ids,
        &variant_ids,
        &skus,
        &names,
        &quantities,
        &unit_prices
    )
    .fetch_one(connection)
    .await?;
    Ok(number)
}

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

/// Takes the row's lock. With `owner`, only an order of that customer.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    id: OrderId,
    owner: Option<AccountId>,
) -> Result<Option<Order>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, number, customer_id, checkout_id, status, currency, total, refunded, deadline, payment_id, paid_at,
             fulfilled_at, cancelled_at, cancel_reason, version
         FROM orders WHERE id = $1 AND ($2::uuid IS NULL OR customer_id = $2) FOR UPDATE",
        id.uuid(),
        owner.map(AccountId::uuid)
    )
    .fetch_optional(connection)
    .await?;
    row.map(Order::try_from).transpose()
}

/// The order of a checkout, under its row's lock.
pub(crate) async fn lock_by_checkout(
    connection: &mut PgConnection,
    checkout_id: CheckoutId,
) -> Result<Option<Order>, Error> {
    let id = sqlx::query_scalar!("SELECT id FROM orders WHERE checkout_id = $1", checkout_id.uuid())
        .fetch_optional(&mut *connection)
        .await?;
    match id {
        Some(id) => lock(connection, id.into(), None).await,
        None => Ok(None),
    }
}

/// Stores the new status and takes the next version for its event.
pub(crate) async fn save(connection: &mut PgConnection, order: &mut Order, now: OffsetDateTime) -> Result<(), Error> {
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
    order.version += 1;
    sqlx::query!(
        "UPDATE orders SET status = $2, payment_id = $3, paid_at = $4, fulfilled_at = $5, cancelled_at = $6,
             cancel_reason = $7, refunded = $8, updated_at = $9, version = $10 WHERE id = $1",
        order.id.uuid(),
        order.status.name().as_str(),
        paid.map(|(payment, _)| payment.uuid()),
        paid.map(|(_, at)| at),
        fulfilled_at,
        cancelled.map(|(_, at)| at),
        cancelled.map(|(reason, _)| reason),
        order.refunded.amount,
        now,
        order.version
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives an order back the number it had.
pub(crate) async fn renumber(connection: &mut PgConnection, id: OrderId, number: i64) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE orders SET number = $2 WHERE id = $1", id.uuid(), number).execute(connection).await?;
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
    id: OrderId,
    until: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE orders SET cancel_again_at = $2 WHERE id = $1", id.uuid(), until).execute(connection).await?;
    Ok(())
}

/// Where the order of a checkout stands.
pub(crate) async fn status_of_checkout(
    connection: &mut PgConnection,
    id: CheckoutId,
) -> Result<Option<OrderStatus>, Error> {
    let status = sqlx::query_scalar!("SELECT status FROM orders WHERE checkout_id = $1", id.uuid());
    let status = status.fetch_optional(connection).await?;
    status.map(|name| parse_status(&name).ok_or(Error::Corrupt(name))).transpose()
}

pub(crate) fn parse_status(name: &str) -> Option<OrderStatus> {
    use OrderStatus::{Cancelled, Completed, Fulfilled, Paid, Pending};
    [Pending, Paid, Fulfilled, Completed, Cancelled].into_iter().find(|status| status.as_str() == name)
}

pub(crate) fn reason_name(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::Requested => "requested",
        CancelReason::PaymentDeclined => "payment_declined",
        CancelReason::PaymentOverdue => "payment_overdue",
        CancelReason::ReservationExpired => "reservation_expired",
        CancelReason::Other => "other",
    }
}

pub(crate) const REASONS: [CancelReason; 5] = [
    CancelReason::Requested,
    CancelReason::PaymentDeclined,
    CancelReason::PaymentOverdue,
    CancelReason::ReservationExpired,
    CancelReason::Other,
];

fn parse_reason(name: &str) -> Option<CancelReason> {
    REASONS.into_iter().find(|reason| reason_name(*reason) == name)
}
