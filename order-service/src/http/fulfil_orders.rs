//! `POST /orders/fulfil`: what was packed together leaves together.

use super::fulfil_order::fulfil;
use crate::{error::Error, state::App, store::order_lists};
use axum::{Json, extract::State};
use contracts::{
    OrderId,
    access::FulfilOrders,
    api::order::{FulfilOrdersBody, FulfilledOrderView, FulfilledOrdersView, OrderView},
};
use service_kit::{Cause, ClientAddress, Fault, Problem, auth::Staff, extract::Body};

/// So many at once.
const MOST: usize = 100;

/// Marks paid orders as fulfilled, and says of each what became of it: one that cannot be fulfilled holds up no other. Those
/// that are fulfilled already stay as they are, so that a repeat changes nothing.
#[utoipa::path(
    post, path = "/orders/fulfil", tag = "orders", security(("bearer" = ["orders:fulfil"])),
    request_body = FulfilOrdersBody,
    responses((status = 200, description = "What became of each.", body = FulfilledOrdersView))
)]
pub(crate) async fn fulfil_orders(
    staff: Staff<FulfilOrders>,
    client: ClientAddress,
    State(app): State<App>,
    Body(body): Body<FulfilOrdersBody>,
) -> Result<Json<FulfilledOrdersView>, Problem> {
    let ids = body.order_ids;
    if !(1..=MOST).contains(&ids.len()) {
        return Err(Problem::field("/order_ids", format!("must name 1 to {MOST} orders")));
    }
    let orders = ids.iter().map(|id| (Cause::by(staff.actor, client), *id)).collect();
    let done = fulfil(&app, orders).await;
    let mut items = ids.into_iter().zip(done).map(|(id, done)| told(id, done)).collect::<Result<Vec<_>, Error>>()?;
    let left: Vec<OrderId> = items.iter().filter(|item| !item.fulfilled).map(|item| item.order_id).collect();
    if !left.is_empty() {
        let mut connection = app.kit.database.acquire().await?;
        let known = order_lists::find_all(&mut connection, &left).await?;
        for item in items.iter_mut().filter(|item| !item.fulfilled) {
            item.number = known.iter().find(|order| order.id == item.order_id).map(|order| order.number);
        }
    }
    Ok(Json(FulfilledOrdersView { items }))
}

/// What is wrong with one order is told of it; where nothing was done at all, that is the answer.
fn told(order_id: OrderId, done: Result<OrderView, Error>) -> Result<FulfilledOrderView, Error> {
    let refused = match done {
        Ok(order) => {
            let number = Some(order.number);
            return Ok(FulfilledOrderView { order_id, fulfilled: true, number, code: None, detail: None });
        }
        Err(refused @ (Error::NotFound | Error::WrongStatus(_))) => refused,
        Err(cause) => return Err(cause),
    };
    let (code, detail) = (Some(refused.code().to_owned()), Some(refused.public()));
    Ok(FulfilledOrderView { order_id, fulfilled: false, number: None, code, detail })
}
