//! `POST /orders/{id}/cancel`: by its owner or staff, until it is fulfilled. Stock and money follow by event.

use super::show_order::owner;
use crate::{
    Error,
    app::App,
    domain::Status,
    reactions,
    store::{
        order_lists::{self, OrderView},
        orders,
    },
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use contracts::{OrderId, events::order::CancelReason};
use http::StatusCode;
use service_kit::{
    KitError, Problem,
    auth::SignedIn,
    extract::Path,
    idempotency::{self, IdempotencyKey, Keyed},
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
    let mut tx = app.kit.database.begin("cancel_order").await?;
    // The order's lock makes duplicates wait for each other.
    let order = orders::lock(&mut tx, id, owner(person)).await?.ok_or(Error::NotFound)?;
    if let Some(answer) = idempotency::find(&mut tx, &keyed).await? {
        return Ok(answer.into_response());
    }
    if !matches!(order.status, Status::Cancelled { .. }) {
        reactions::cancel(&app, &mut tx, order, CancelReason::Requested, "cancelled on request", None).await?;
    }
    let view = order_lists::find(&mut tx, id, None).await?.ok_or(Error::NotFound)?;
    if !idempotency::store(&mut tx, &keyed, StatusCode::OK, &view, app.kit.clock.now()).await? {
        // A duplicate would have waited for the order's lock: who was first with this key asked for another order.
        tx.rollback().await?;
        return Err(Error::from(KitError::IdempotencyKeyReused).into());
    }
    let _committed = tx.commit().await?;
    tracing::info!(order.id = %id, "order cancelled on request");
    Ok(Json(view).into_response())
}
