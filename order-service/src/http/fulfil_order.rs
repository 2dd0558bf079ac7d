//! `POST /orders/{id}/fulfil`: staff say that a paid order has left the warehouse.

use super::order_view::views;
use crate::{changes::fulfil, error::Error, state::App};
use axum::{Json, extract::State};
use contracts::{OrderId, access::FulfilOrders, api::order::OrderView};
use service_kit::{Cause, ClientAddress, Problem, auth::Staff, each, extract::Path, one};

/// Marks a paid order as fulfilled. One that is fulfilled already is answered as it is.
#[utoipa::path(
    post, path = "/orders/{id}/fulfil", tag = "orders", security(("bearer" = ["orders:fulfil"])),
    params(("id" = OrderId, Path)),
    responses(
        (status = 200, description = "The order as it stands: fulfilled.", body = OrderView),
        (status = 409, description = "`wrong_order_status`: it is not paid.")
    )
)]
pub(crate) async fn fulfil_order(
    staff: Staff<FulfilOrders>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderView>, Problem> {
    Ok(Json(one(fulfil(&app, vec![(Cause::by(staff.actor, client), id)]).await)?))
}

pub(crate) async fn fulfil(app: &App, orders: Vec<(Cause, OrderId)>) -> Vec<Result<OrderView, Error>> {
    let asked = orders.len();
    let done = async {
        let mut tx = app.kit.database.begin("fulfil_order").await?;
        let fulfilled = fulfil::fulfil(app, &mut tx, orders).await?;
        let _committed = tx.commit().await?;
        Ok(views(fulfilled))
    };
    each(done.await, asked)
}
