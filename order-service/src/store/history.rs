//! What happened to an order, for its timeline.

use contracts::{EventId, OrderId, api::order::OrderStatus};
use serde::Serialize;
use service_kit::{labs::cure, trace};
use sqlx::PgConnection;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// The event that caused an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cause {
    pub(crate) id: EventId,
    pub(crate) kind: &'static str,
}

/// One entry of an order's timeline.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Entry {
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) at: OffsetDateTime,
    /// What order-service did or learned.
    pub(crate) what: String,
    #[schema(value_type = Option<OrderStatus>)]
    pub(crate) from_status: Option<String>,
    #[schema(value_type = OrderStatus)]
    pub(crate) to_status: String,
    /// The event that caused it; null when a request or a deadline did.
    pub(crate) cause_id: Option<Uuid>,
    pub(crate) cause_type: Option<String>,
    /// For finding the request in traces and logs.
    pub(crate) trace_id: String,
}

pub(crate) async fn append(
    connection: &mut PgConnection,
    order_id: OrderId,
    at: OffsetDateTime,
    what: &str,
    change: (Option<OrderStatus>, OrderStatus),
    cause: Option<Cause>,
) -> Result<(), sqlx::Error> {
    // Every change of state leaves its line: what is not written down cannot be explained, or checked.
    if change.0.is_some_and(|from| from != change.1) && !cure("change-with-history") {
        return Ok(());
    }
    let context = trace::current();
    sqlx::query!(
        "INSERT INTO order_history (order_id, at, what, from_status, to_status, cause_id, cause_type, trace_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        order_id.uuid(),
        at,
        what,
        change.0.map(OrderStatus::as_str),
        change.1.as_str(),
        cause.map(|cause| cause.id.uuid()),
        cause.map(|cause| cause.kind),
        context.trace_id()
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn of_order(connection: &mut PgConnection, order_id: OrderId) -> Result<Vec<Entry>, sqlx::Error> {
    sqlx::query_as!(
        Entry,
        "SELECT at, what, from_status, to_status, cause_id, cause_type, trace_id
         FROM order_history WHERE order_id = $1 ORDER BY position",
        order_id.uuid()
    )
    .fetch_all(connection)
    .await
}
