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
use contracts::{
    OrderId,
    access::ReadOrders,
    api::order::{EntryView, TimelineView},
};
use service_kit::{Problem, auth::OwnOr, extract::Path};

fn entry(row: Row) -> EntryView {
    let Row { at, what, from_status, to_status, cause_id, cause_type, trace_id } = row;
    EntryView { at, what, from_status, to_status, cause_id, cause_type, trace_id }
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
    Ok(Json(TimelineView { order_id: order.id, entries: rows.into_iter().map(entry).collect() }))
}
