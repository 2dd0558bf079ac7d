//! `GET /orders/{id}`: one order, to its owner and to staff.

use crate::{
    Error,
    app::App,
    store::order_lists::{self, OrderView},
};
use axum::{Json, extract::State};
use contracts::{AccountId, OrderId};
use service_kit::{Problem, auth::SignedIn, extract::Path};

/// Staff see every order, customers their own: ownership is part of the query, so another's order is not found.
pub(super) fn owner(person: SignedIn) -> Option<AccountId> {
    (!person.is_admin()).then_some(person.account_id)
}

/// One order.
#[utoipa::path(
    get, path = "/orders/{id}", tag = "orders", security(("bearer" = [])), params(("id" = OrderId, Path)),
    responses((status = 200, description = "The order as it stands.", body = OrderView))
)]
pub(crate) async fn show_order(
    person: SignedIn,
    State(app): State<App>,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderView>, Problem> {
    let mut connection = app.kit.database.pool().acquire().await?;
    let order = order_lists::find(&mut connection, id, owner(person)).await?;
    Ok(Json(order.ok_or(Error::NotFound)?))
}
