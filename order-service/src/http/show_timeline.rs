//! `GET /orders/{id}/timeline`: what order-service itself did and learned about an order.

use crate::{
    error::Error,
    state::App,
    store::{
        history::{self, Row},
        order_lists,
    },
};
use axum::{Json, extract::State};
use contracts::{OrderId, access::ReadOrders, api::order::OrderStatus};
use serde::Serialize;
use service_kit::{Problem, auth::OwnOr, extract::Path};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = Timeline)]
pub(crate) struct TimelineView {
    order_id: OrderId,
    /// Oldest first.
    entries: Vec<EntryView>,
}

/// One entry of an order's timeline.
#[derive(Serialize, ToSchema)]
#[schema(as = Entry)]
pub(crate) struct EntryView {
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// What order-service did or learned.
    what: String,
    #[schema(value_type = Option<OrderStatus>)]
    from_status: Option<String>,
    #[schema(value_type = OrderStatus)]
    to_status: String,
    /// The event that caused it; null when a request or a deadline did.
    cause_id: Option<Uuid>,
    cause_type: Option<String>,
    /// For finding the request in traces and logs.
    trace_id: String,
}

impl From<Row> for EntryView {
    fn from(row: Row) -> Self {
        let Row { at, what, from_status, to_status, cause_id, cause_type, trace_id } = row;
        Self { at, what, from_status, to_status, cause_id, cause_type, trace_id }
    }
}

/// The order's life as order-service saw it: each step, when, and the event that caused it.
#[utoipa::path(
    get, path = "/orders/{id}/timeline", tag = "orders", security(("bearer" = []), ("bearer" = ["orders:read"])), params(("id" = OrderId, Path)),
    responses((status = 200, description = "Its steps, oldest first.", body = TimelineView))
)]
pub(crate) async fn show_timeline(
    OwnOr { viewer, .. }: OwnOr<ReadOrders>,
    State(app): State<App>,
    Path(id): Path<OrderId>,
) -> Result<Json<TimelineView>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let order = order_lists::find(&mut connection, id, viewer.owner()).await?.ok_or(Error::NotFound)?;
    let rows = history::of_order(&mut connection, order.id).await?;
    Ok(Json(TimelineView { order_id: order.id, entries: rows.into_iter().map(EntryView::from).collect() }))
}
