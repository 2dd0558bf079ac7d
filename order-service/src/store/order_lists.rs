//! Orders as they are shown.

use super::orders::parse_status;
use crate::Error;
use contracts::{AccountId, Money, MoneyError, OrderId, api::order::OrderStatus, events::order::CancelReason};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// An order with its lines, as it is answered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OrderView {
    pub(crate) id: OrderId,
    /// For people.
    pub(crate) number: i64,
    pub(crate) customer_id: AccountId,
    pub(crate) status: OrderStatus,
    /// Why it was cancelled: `requested`, `payment_declined`, `payment_overdue` or `reservation_expired`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CancelReason>)]
    pub(crate) cancel_reason: Option<String>,
    pub(crate) lines: Vec<LineView>,
    pub(crate) total: Money,
    /// What was given back so far.
    pub(crate) refunded: Money,
    pub(crate) payment_method: String,
    #[schema(value_type = crate::domain::AddressBody)]
    pub(crate) shipping_address: Value,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) updated_at: OffsetDateTime,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LineView {
    pub(crate) sku: String,
    /// As it was when the order was placed.
    pub(crate) name: String,
    pub(crate) quantity: i32,
    pub(crate) unit_price: Money,
    pub(crate) line_total: Money,
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

/// The order that people know by this number.
pub(crate) async fn id_of(connection: &mut PgConnection, number: i64) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!("SELECT id FROM orders WHERE number = $1", number).fetch_optional(connection).await
}

/// With `owner`, only an order of that customer.
pub(crate) async fn find(
    connection: &mut PgConnection,
    id: OrderId,
    owner: Option<AccountId>,
) -> Result<Option<OrderView>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, number, customer_id, status, cancel_reason, currency, total, refunded, payment_method,
             shipping_address, created_at, updated_at
         FROM orders WHERE id = $1 AND ($2::uuid IS NULL OR customer_id = $2)",
        id.uuid(),
        owner.map(AccountId::uuid)
    )
    .fetch_optional(&mut *connection)
    .await?;
    let views = with_lines(connection, row.into_iter().collect()).await?;
    Ok(views.into_iter().next())
}

/// Newest first, up to `limit`.
pub(crate) async fn list(
    connection: &mut PgConnection,
    filter: Filter<'_>,
    limit: i64,
) -> Result<Vec<OrderView>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, number, customer_id, status, cancel_reason, currency, total, refunded, payment_method,
             shipping_address, created_at, updated_at
         FROM orders
         WHERE ($1::uuid IS NULL OR customer_id = $1) AND ($2::text IS NULL OR status = $2)
             AND ($3::uuid IS NULL OR id < $3)
         ORDER BY id DESC LIMIT $4",
        filter.owner.map(AccountId::uuid),
        filter.status,
        filter.before.map(OrderId::uuid),
        limit
    )
    .fetch_all(&mut *connection)
    .await?;
    with_lines(connection, rows).await
}

async fn with_lines(connection: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<OrderView>, Error> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let lines = sqlx::query!(
        "SELECT order_id, sku, name, quantity, unit_price FROM order_lines
         WHERE order_id = ANY($1) ORDER BY order_id, position",
        &ids
    )
    .fetch_all(connection)
    .await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let currency = row.currency.parse()?;
        let own = lines.iter().filter(|line| line.order_id == row.id);
        let own = own.map(|line| {
            let unit_price = Money::new(line.unit_price, currency);
            let line_total = line.unit_price.checked_mul(i64::from(line.quantity)).ok_or(MoneyError::Overflow)?;
            Ok(LineView {
                sku: line.sku.clone(),
                name: line.name.clone(),
                quantity: line.quantity,
                unit_price,
                line_total: Money::new(line_total, currency),
            })
        });
        views.push(OrderView {
            lines: own.collect::<Result<_, Error>>()?,
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
    Ok(views)
}
