//! `GET /carts/{id}`: a cart, with what has changed since its shopper was told.

use super::{cart_holder::CartToken, cart_view::view};
use crate::{changes::carts, state::App};
use axum::{Json, extract::State};
use contracts::{CartId, api::order::CartView};
use service_kit::{Problem, auth::SignedIn, extract::Path};

/// A cart as it stands. What has changed is told with each line, and is so until the shopper agrees.
#[utoipa::path(
    get, path = "/carts/{id}", tag = "carts", security((), ("bearer" = [])),
    params(
        ("id" = CartId, Path),
        ("Cart-Token" = Option<String>, Header, description = "Of a guest's cart.")
    ),
    responses((status = 200, description = "The cart.", body = CartView))
)]
pub(crate) async fn show_cart(
    person: Result<SignedIn, Problem>,
    token: CartToken,
    State(app): State<App>,
    Path(id): Path<CartId>,
) -> Result<Json<CartView>, Problem> {
    Ok(Json(view(carts::look(&app, id, &token.holders(person)).await?)?))
}
