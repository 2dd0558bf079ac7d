//! `GET /orders/{id}/timeline`: what order-service itself did and learned about an order.

use super::show_order::owner;
use crate::{
    Error,
    app::App,
    store::{
        history::{self, Entry},
        order_lists,
    },
};
use axum::{Json, extract::State};
use contracts::OrderId;
use serde::Serialize;
use service_kit::{Problem, auth::SignedIn, extract::Path};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(crate) struct Timeline {
    order_id: OrderId,
    /// Oldest first.
    entries: Vec<Entry>,
}

/// The order's life as order-service saw it: each step, when, and the event that caused it.
#[utoipa::path(
    get, path = "/orders/{id}/timeline", tag = "orders", security(("bearer" = [])), params(("id" = OrderId, Path)),
    responses((status = 200, description = "Its steps, oldest first.", body = Timeline))
)]
pub(crate) async fn show_timeline(
    person: SignedIn,
    State(app): State<App>,
    Path(id): Path<OrderId>,
) -> Result<Json<Timeline>, Problem> {
    let mut connection = app.kit.database.pool().acquire().await?;
    let order = order_lists::find(&mut connection, id, owner(person)).await?.ok_or(Error::NotFound)?;
    let entries = history::of_order(&mut connection, order.id).await?;
    Ok(Json(Timeline { order_id: order.id, entries }))
}
