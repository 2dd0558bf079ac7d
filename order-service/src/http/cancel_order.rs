//! `POST /orders/{id}/cancel`: by its owner or staff, until it is fulfilled. Stock and money follow by event.

use super::order_view::{OrderView, views};
use crate::{
    changes::cancel::{self, Request},
    error::Error,
    state::App,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use contracts::OrderId;
use http::StatusCode;
use service_kit::{
    Problem,
    auth::{SignedIn, Viewer},
    extract::Path,
    idempotency::{IdempotencyKey, Keyed, StoredAnswer, Work, once},
    one,
};

/// Cancels an order that is pending or paid. What was paid is refunded, what was reserved is given back.
///
/// An order that is cancelled already is answered as it is.
#[utoipa::path(
    post, path = "/orders/{id}/cancel", tag = "orders", security(("bearer" = [])),
    params(("id" = OrderId, Path), IdempotencyKey),
    responses(
        (status = 200, description = "The order as it stands: cancelled.", body = OrderView),
        (status = 409, description = "`wrong_order_status`: it is fulfilled.")
    )
)]
pub(crate) async fn cancel_order(
    person: SignedIn,
    State(app): State<App>,
    key: IdempotencyKey,
    Path(id): Path<OrderId>,
) -> Result<Response, Problem> {
    let keyed = Keyed::new(person.account_id, "cancel_order", key, &id)?;
    let request = Request::new(id, Viewer::from(person).owner());
    Ok(one(cancel(&app, vec![(keyed, request)]).await)?.into_response())
}

/// Each is cancelled once; who asks again is answered so again.
pub(crate) async fn cancel(app: &App, requests: Vec<(Keyed, Request)>) -> Vec<Result<StoredAnswer, Error>> {
    let work = Work { name: "cancel_order", status: StatusCode::OK };
    once(&app.kit.database, &app.kit.clock, app, work, requests, |app, tx, requests| {
        Box::pin(async move { Ok(views(cancel::on_request(app, tx, requests).await?)) })
    })
    .await
}
