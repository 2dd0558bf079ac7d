//! What happened to an order, for its timeline.

use contracts::{EventId, OrderId, api::order::OrderStatus};
use service_kit::{AtCommit, Cause, Tx, cure};
use sqlx::PgConnection;
use std::borrow::Cow;
use time::OffsetDateTime;
use uuid::Uuid;

/// A line that is to be written.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) order_id: OrderId,
    pub(crate) at: OffsetDateTime,
    /// What order-service did or learned.
    pub(crate) what: Cow<'static, str>,
    /// None for an order that was placed.
    pub(crate) from: Option<OrderStatus>,
    pub(crate) to: OrderStatus,
    pub(crate) cause: Cause,
}

/// A line as it stands.
pub(crate) struct Row {
    pub(crate) at: OffsetDateTime,
    pub(crate) what: String,
    pub(crate) from_status: Option<String>,
    pub(crate) to_status: String,
    pub(crate) cause_id: Option<Uuid>,
    pub(crate) cause_type: Option<String>,
    pub(crate) trace_id: String,
}

/// Every change of state leaves its line, written at the commit: what is not written down cannot be explained, or checked.
#[cure(change_with_history, spoil = crate::labs::without_changes_of_status)]
pub(crate) fn append(tx: &mut Tx, lines: Vec<Line>) {
    for line in lines {
        tx.at_commit(line);
    }
}

impl AtCommit for Line {
    async fn write(lines: Vec<Self>, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let orders: Vec<Uuid> = lines.iter().map(|line| line.order_id.uuid()).collect();
        let times: Vec<OffsetDateTime> = lines.iter().map(|line| line.at).collect();
        let whats: Vec<&str> = lines.iter().map(|line| &*line.what).collect();
        let before: Vec<Option<&str>> = lines.iter().map(|line| line.from.map(OrderStatus::as_str)).collect();
        let after: Vec<&str> = lines.iter().map(|line| line.to.as_str()).collect();
        let causes: Vec<Option<Uuid>> = lines.iter().map(|line| line.cause.causation_id.map(EventId::uuid)).collect();
        let kinds: Vec<Option<&str>> = lines.iter().map(|line| line.cause.event_type).collect();
        let traces: Vec<&str> = lines.iter().map(|line| line.cause.trace_id()).collect();
        sqlx::query!(
            "INSERT INTO order_history (order_id, at, what, from_status, to_status, cause_id, cause_type, trace_id)
             SELECT order_id, at, what, from_status, to_status, cause_id, cause_type, trace_id
             FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::text[],
                     $8::text[]) WITH ORDINALITY
                 AS line (order_id, at, what, from_status, to_status, cause_id, cause_type, trace_id, place)
             ORDER BY place",
            &orders,
            &times,
            &whats as &[&str],
            &before as &[Option<&str>],
            &after as &[&str],
            &causes as &[Option<Uuid>],
            &kinds as &[Option<&str>],
            &traces as &[&str]
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}

pub(crate) async fn of_order(connection: &mut PgConnection, order_id: OrderId) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        "SELECT at, what, from_status, to_status, cause_id, cause_type, trace_id
         FROM order_history WHERE order_id = $1 ORDER BY position",
        order_id.uuid()
    )
    .fetch_all(connection)
    .await
}
