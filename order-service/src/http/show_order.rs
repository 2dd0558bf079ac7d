//! `GET /orders/{id}`: one order, to its owner and to staff.

use super::{buyer::owner, order_view::view};
use crate::{error::Error, state::App, store::order_lists};
use axum::{Json, extract::State};
use contracts::{OrderId, access::ReadOrders, api::order::OrderView};
use service_kit::{
    Problem,
    auth::{GuestOr, OwnOr},
    extract::Path,
};

/// One order.
#[utoipa::path(
    get, path = "/orders/{id}", tag = "orders", security(("bearer" = []), ("guest" = []), ("bearer" = ["orders:read"])), params(("id" = OrderId, Path)),
    responses((status = 200, description = "The order as it stands.", body = OrderView))
)]
pub(crate) async fn show_order(
    who: GuestOr<OwnOr<ReadOrders>>,
    State(app): State<App>,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderView>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let order = order_lists::find(&mut connection, id, owner(&who)).await?;
    Ok(Json(view(order.ok_or(Error::NotFound)?)?))
}
