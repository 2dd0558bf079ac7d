//! `POST /orders/{id}/cancel`: by its owner or staff, until it is fulfilled. Stock and money follow by event.

use super::{buyer::owner, order_view::views};
use crate::{
    changes::cancel::{self, Refunds, Request},
    error::Error,
    state::App,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use contracts::{
    OrderId,
    access::{Permission, WriteOrders},
    api::order::OrderView,
};
use http::StatusCode;
use service_kit::{
    Cause, ClientAddress, Problem,
    auth::{Actor, GuestOr, OwnOr},
    extract::Path,
    idempotency::{IdempotencyKey, Keyed, StoredAnswer, Work, once},
    one,
};

/// Cancels an order that is pending or paid. What was paid is refunded, what was reserved is given back.
///
/// An order that is cancelled already is answered as it is.
#[utoipa::path(
    post, path = "/orders/{id}/cancel", tag = "orders", security(("bearer" = []), ("guest" = []), ("bearer" = ["orders:write"])),
    params(("id" = OrderId, Path), IdempotencyKey),
    responses(
        (status = 200, description = "The order as it stands: cancelled.", body = OrderView),
        (status = 401, description = "As everywhere; and `step_up_required`: staff who give back much money prove first who they are."),
        (status = 403, description = "`forbidden`: giving back a customer's money needs `orders:refund`."),
        (status = 409, description = "`wrong_order_status`: it is fulfilled.")
    )
)]
pub(crate) async fn cancel_order(
    who: GuestOr<OwnOr<WriteOrders>>,
    client: ClientAddress,
    State(app): State<App>,
    key: IdempotencyKey,
    Path(id): Path<OrderId>,
) -> Result<Response, Problem> {
    let (actor, refunds, cause) = match &who {
        GuestOr::Guest(guest) => (Actor::Guest(guest.id), Refunds::Any, Cause::current()),
        GuestOr::Other(who) if who.viewer.is_staff() => (who.actor, refunds(&app, who), Cause::by(who.actor, client)),
        GuestOr::Other(who) => (who.actor, refunds(&app, who), Cause::current()),
    };
    let keyed = Keyed::new(actor, "cancel_order", key, &id)?;
    let request = Request::new(id, owner(&who), refunds, cause);
    Ok(one(cancel(&app, vec![(keyed, request)]).await)?.into_response())
}

/// What somebody may give back of others' money by cancelling; of one's own all of it.
fn refunds(app: &App, who: &OwnOr<WriteOrders>) -> Refunds {
    if !who.viewer.is_staff() || who.permissions.contains(Permission::RefundOrders) && who.fresh {
        return Refunds::Any;
    }
    if who.permissions.contains(Permission::RefundOrders) { Refunds::UpTo(app.refund_unproved) } else { Refunds::None }
}

/// Each is cancelled once; who asks again is answered so again.
pub(crate) async fn cancel(app: &App, requests: Vec<(Keyed, Request)>) -> Vec<Result<StoredAnswer, Error>> {
    let work = Work { name: "cancel_order", status: StatusCode::OK };
    once(&app.kit.database, &app.kit.clock, app, work, requests, |app, tx, requests| {
        Box::pin(async move { Ok(views(cancel::on_request(app, tx, requests).await?)) })
    })
    .await
}
