//! `POST /orders/{id}/fulfil`: staff say that a paid order has left the warehouse.

use crate::{
    Error,
    app::App,
    domain::Status,
    metrics,
    store::{
        history,
        order_lists::{self, OrderView},
        orders,
    },
};
use axum::{Json, extract::State};
use contracts::{OrderId, events::order::Fulfilled};
use service_kit::{Cause, Problem, auth::Admin, extract::Path};

/// Marks a paid order as fulfilled. One that is fulfilled already is answered as it is.
#[utoipa::path(
    post, path = "/orders/{id}/fulfil", tag = "orders", security(("bearer" = ["admin"])),
    params(("id" = OrderId, Path)),
    responses(
        (status = 200, description = "The order as it stands: fulfilled.", body = OrderView),
        (status = 409, description = "`wrong_order_status`: it is not paid.")
    )
)]
pub(crate) async fn fulfil_order(
    _admin: Admin,
    State(app): State<App>,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderView>, Problem> {
    let now = app.kit.clock.now();
    let mut tx = app.kit.database.begin("fulfil_order").await?;
    let mut order = orders::lock(&mut tx, id, None).await?.ok_or(Error::NotFound)?;
    if !matches!(order.status, Status::Fulfilled { .. }) {
        let before = order.status.name();
        order.status = order.status.fulfil(now).map_err(Error::from)?;
        orders::save(&mut tx, &mut order, now).await?;
        let change = (Some(before), order.status.name());
        history::append(&mut tx, id, now, "fulfilled by staff", change, None).await?;
        let (customer_id, number, checkout_id) = (order.customer_id, order.number, order.checkout_id);
        let event = Fulfilled { order_id: id, customer_id, number, checkout_id };
        app.kit.announce(&mut tx, &Cause::current(), order.version, event)?;
        metrics::fulfilled(&mut tx);
    }
    let view = order_lists::find(&mut tx, id, None).await?.ok_or(Error::NotFound)?;
    let _committed = tx.commit().await?;
    tracing::info!(order.id = %id, "order fulfilled");
    Ok(Json(view))
}
