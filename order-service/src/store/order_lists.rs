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
    /// Only this customer's.
    pub(crate) owner: Option<AccountId>,
    pub(crate) status: Option<&'a str>,
    /// Older than this one.
    pub(crate) before: Option<OrderId>,
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
pub(crate) async fn list(
    connection: &mut PgConnection,
    filter: Filter<'_>,
    limit: i64,
) -> Result<Vec<OrderRow>, Error> {
    let before = filter.before.map_or(Uuid::max(), OrderId::uuid);
    let rows = match (filter.owner.map(AccountId::uuid), filter.status) {
        (None, None) => {
            let orders = orders!("WHERE id < $1 ORDER BY id DESC LIMIT $2", before, limit);
            orders.fetch_all(&mut *connection).await
        }
        (None, Some(status)) => of_status(connection, status, before, limit).await,
        (Some(owner), None) => {
            let orders = orders!("WHERE customer_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3", owner, before, limit);
            orders.fetch_all(&mut *connection).await
        }
        // Through the customer's own orders: of a status there may be a million.
        (Some(owner), Some(status)) => {
            let orders = orders!(
                "WHERE customer_id = $1 AND status || '' = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
                owner,
                status,
                before,
                limit
            );
            orders.fetch_all(&mut *connection).await
        }
    };
    let rows = rows?;
    with_lines(connection, rows).await
}

/// A statement for each status: what is rare wants another plan than what is common.
async fn of_status(
    connection: &mut PgConnection,
    status: &str,
    before: Uuid,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    macro_rules! newest {
        ($status:tt) => {
            orders!("WHERE status = '" + $status + "' AND id < $1 ORDER BY id DESC LIMIT $2", before, limit)
                .fetch_all(connection)
                .await
        };
    }
    match status {
        "pending" => newest!("pending"),
        "paid" => newest!("paid"),
        "fulfilled" => newest!("fulfilled"),
        "completed" => newest!("completed"),
        "cancelled" => newest!("cancelled"),
        _ => Ok(Vec::new()),
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
