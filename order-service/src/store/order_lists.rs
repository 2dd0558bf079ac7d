//! Orders with their lines, as they are read.

use crate::{domain::parse_status, error::Error};
use contracts::{AccountId, Money, OrderId, api::order::OrderStatus};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// An order with its lines.
#[derive(Clone, Debug)]
pub(crate) struct OrderRow {
    pub(crate) id: OrderId,
    pub(crate) number: i64,
    pub(crate) customer_id: AccountId,
    pub(crate) status: OrderStatus,
    pub(crate) cancel_reason: Option<String>,
    pub(crate) total: Money,
    pub(crate) refunded: Money,
    pub(crate) payment_method: String,
    pub(crate) shipping_address: Value,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) updated_at: OffsetDateTime,
    pub(crate) lines: Vec<LineRow>,
}

#[derive(Clone, Debug)]
pub(crate) struct LineRow {
    pub(crate) sku: String,
    /// As it was when the order was placed.
    pub(crate) name: String,
    pub(crate) quantity: i32,
    pub(crate) unit_price: Money,
}

/// Which orders a list holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter<'a> {
    /// Only these customers'.
    pub(crate) owners: Option<&'a [AccountId]>,
    /// In one of these; in any, where there is none.
    pub(crate) statuses: &'a [OrderStatus],
    /// With this among their lines.
    pub(crate) sku: Option<&'a str>,
    /// Not older than an order of this id.
    pub(crate) since: Uuid,
    /// Older than this one.
    pub(crate) before: Uuid,
}

/// Some of a list.
#[derive(Debug)]
pub(crate) struct Found {
    /// Newest first.
    pub(crate) orders: Vec<OrderRow>,
    /// It was looked no further than to this one, which may be none of them.
    pub(crate) looked_to: Option<OrderId>,
}

struct Row {
    id: Uuid,
    number: i64,
    customer_id: Uuid,
    status: String,
    cancel_reason: Option<String>,
    currency: String,
    total: i64,
    refunded: i64,
    payment_method: String,
    shipping_address: Value,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

/// One SELECT for all: only what follows differs. A macro, since checked queries are literals; and a statement for each
/// set of filters, since one for all of them (`$1 IS NULL OR …`) gets one plan, which reads every order.
macro_rules! orders {
    ($rest:literal $(+ $more:literal)*, $($argument:expr),+) => {
        sqlx::query_as!(
            Row,
            "SELECT id, number, customer_id, status, cancel_reason, currency, total, refunded, payment_method,
                 shipping_address, created_at, updated_at
             FROM orders " + $rest $(+ $more)*,
            $($argument),+
        )
    };
}

/// The order that people know by this number.
pub(crate) async fn id_of(connection: &mut PgConnection, number: i64) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!("SELECT id FROM orders WHERE number = $1", number).fetch_optional(connection).await
}

/// With `owner`, only an order of that customer.
pub(crate) async fn find(
    connection: &mut PgConnection,
    id: OrderId,
    owner: Option<AccountId>,
) -> Result<Option<OrderRow>, Error> {
    let found = find_all(connection, &[id]).await?;
    Ok(found.into_iter().find(|order| owner.is_none_or(|owner| owner == order.customer_id)))
}

/// In no order that one may rely on.
pub(crate) async fn find_all(connection: &mut PgConnection, ids: &[OrderId]) -> Result<Vec<OrderRow>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = orders!("WHERE id = ANY($1)", &ids).fetch_all(&mut *connection).await?;
    with_lines(connection, rows).await
}

/// Newest first, up to `limit`.
pub(crate) async fn list(connection: &mut PgConnection, filter: Filter<'_>, limit: i64) -> Result<Found, Error> {
    let Filter { owners, statuses, sku, since, before } = filter;
    let mut looked_to = None;
    let rows = match (owners, sku) {
        // One's own orders, as they are looked at most often.
        (Some([owner]), None) if statuses.is_empty() && since.is_nil() => {
            let orders =
                orders!("WHERE customer_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3", owner.uuid(), before, limit);
            orders.fetch_all(&mut *connection).await?
        }
        (Some(owners), _) => of_customers(connection, owners, filter, limit).await?,
        (None, Some(sku)) => {
            let floor = look_to(connection, since, before).await?;
            // Which of them have the status is seen at the orders themselves: some at a time.
            let most = if statuses.is_empty() { limit } else { limit.max(ORDERS_AT_ONCE) };
            let ids = with_sku(connection, sku, floor.unwrap_or(since), before, most).await?;
            let all = i64::try_from(ids.len()).is_ok_and(|found| found < most);
            looked_to = if all { floor } else { ids.last().copied() }.map(OrderId::from);
            let orders = orders!(
                "WHERE id = ANY($1) AND status || '' = ANY($2) ORDER BY id DESC LIMIT $3",
                &ids,
                &names(statuses) as &[&str],
                limit
            );
            orders.fetch_all(&mut *connection).await?
        }
        (None, None) if statuses.is_empty() => {
            let orders = orders!("WHERE id < $1 AND id >= $2 ORDER BY id DESC LIMIT $3", before, since, limit);
            orders.fetch_all(&mut *connection).await?
        }
        (None, None) => of_statuses(connection, filter, limit).await?,
    };
    let orders = with_lines(connection, rows).await?;
    Ok(Found { orders, looked_to })
}

/// Each customer's newest by their own index, and the newest of those. With a status or a SKU all orders of theirs are
/// looked through where few have it: of a status there may be a million, of a customer there are some.
async fn of_customers(
    connection: &mut PgConnection,
    owners: &[AccountId],
    filter: Filter<'_>,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let owners: Vec<Uuid> = owners.iter().map(|owner| owner.uuid()).collect();
    let orders = orders!(
        "WHERE id = ANY (ARRAY (
             SELECT newest.id FROM unnest($1::uuid[]) AS wanted (customer_id)
             CROSS JOIN LATERAL (
                 SELECT own.id FROM orders AS own
                 WHERE own.customer_id = wanted.customer_id AND own.id < $2 AND own.id >= $3
                     AND own.status || '' = ANY ($4)
                     AND ($5::text IS NULL
                         OR (SELECT true FROM order_lines WHERE order_id = own.id AND sku = $5 LIMIT 1))
                 ORDER BY own.id DESC LIMIT $6
             ) AS newest ORDER BY newest.id DESC LIMIT $6))
         ORDER BY id DESC",
        &owners,
        filter.before,
        filter.since,
        &names(filter.statuses) as &[&str],
        filter.sku,
        limit
    );
    orders.fetch_all(connection).await
}

/// So many lines a list by SKU looks through at a time.
const LINES_AT_ONCE: i64 = 30_000;
/// And of so many orders it looks whether they have the status.
const ORDERS_AT_ONCE: i64 = 500;

/// The order down to which so many lines lie; none where fewer do.
async fn look_to(connection: &mut PgConnection, since: Uuid, before: Uuid) -> Result<Option<Uuid>, sqlx::Error> {
    let floor = sqlx::query_scalar!(
        "SELECT order_id FROM order_lines WHERE order_id < $1 AND order_id >= $2
         ORDER BY order_id DESC, position DESC OFFSET $3 LIMIT 1",
        before,
        since,
        LINES_AT_ONCE - 1
    );
    floor.fetch_optional(connection).await
}

/// By the lines themselves, which lie in the order of time: an index by SKU would be paid for by each order (ADR 0065). An
/// order has a SKU on one line.
async fn with_sku(
    connection: &mut PgConnection,
    sku: &str,
    since: Uuid,
    before: Uuid,
    limit: i64,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT order_id FROM order_lines WHERE order_id < $1 AND order_id >= $2 AND sku = $3
         ORDER BY order_id DESC, position DESC LIMIT $4",
        before,
        since,
        sku,
        limit
    )
    .fetch_all(connection)
    .await
}

/// As the database has them; all, where none is wanted before others.
fn names(statuses: &[OrderStatus]) -> Vec<&'static str> {
    const ALL: [OrderStatus; 5] = [
        OrderStatus::Pending,
        OrderStatus::Paid,
        OrderStatus::Fulfilled,
        OrderStatus::Completed,
        OrderStatus::Cancelled,
    ];
    let statuses = if statuses.is_empty() { &ALL } else { statuses };
    statuses.iter().map(|status| status.as_str()).collect()
}

/// The newest of each, and of those the newest.
async fn of_statuses(connection: &mut PgConnection, filter: Filter<'_>, limit: i64) -> Result<Vec<Row>, sqlx::Error> {
    let mut rows = Vec::new();
    for status in filter.statuses {
        rows.extend(of_status(connection, *status, filter, limit).await?);
    }
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}

/// A statement for each status: what is rare wants another plan than what is common.
async fn of_status(
    connection: &mut PgConnection,
    status: OrderStatus,
    Filter { since, before, .. }: Filter<'_>,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    macro_rules! newest {
        ($status:tt) => {
            orders!(
                "WHERE status = '" + $status + "' AND id < $1 AND id >= $2 ORDER BY id DESC LIMIT $3",
                before,
                since,
                limit
            )
            .fetch_all(connection)
            .await
        };
    }
    match status {
        OrderStatus::Pending => newest!("pending"),
        OrderStatus::Paid => newest!("paid"),
        OrderStatus::Fulfilled => newest!("fulfilled"),
        OrderStatus::Completed => newest!("completed"),
        OrderStatus::Cancelled => newest!("cancelled"),
    }
}

async fn with_lines(connection: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<OrderRow>, Error> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let lines = sqlx::query!(
        "SELECT order_id, sku, name, quantity, unit_price FROM order_lines
         WHERE order_id = ANY($1) ORDER BY order_id, position",
        &ids
    )
    .fetch_all(connection)
    .await?;
    let mut orders = Vec::with_capacity(rows.len());
    for row in rows {
        let currency = row.currency.parse()?;
        let own = lines.iter().filter(|line| line.order_id == row.id);
        let own = own.map(|line| LineRow {
            sku: line.sku.clone(),
            name: line.name.clone(),
            quantity: line.quantity,
            unit_price: Money::new(line.unit_price, currency),
        });
        orders.push(OrderRow {
            lines: own.collect(),
            id: row.id.into(),
            number: row.number,
            customer_id: row.customer_id.into(),
            status: parse_status(&row.status).ok_or(Error::Corrupt(row.status))?,
            cancel_reason: row.cancel_reason,
            total: Money::new(row.total, currency),
            refunded: Money::new(row.refunded, currency),
            payment_method: row.payment_method,
            shipping_address: row.shipping_address,
            created_at: row.created_at,
            updated_at: row.updated_at,
        });
    }
    Ok(orders)
}

/// Each of them as it stands, in their order; who was refused stays so.
pub(crate) async fn shown(
    connection: &mut PgConnection,
    asked: Vec<Result<OrderId, Error>>,
) -> Result<Vec<Result<OrderRow, Error>>, Error> {
    let ids: Vec<OrderId> = asked.iter().filter_map(|id| id.as_ref().ok().copied()).collect();
    let found = find_all(connection, &ids).await?;
    let shown = |id| found.iter().find(|order| order.id == id).cloned().ok_or(Error::NotFound);
    Ok(asked.into_iter().map(|id| id.and_then(shown)).collect())
}

#[cfg(test)]
mod tests;
