//! `POST /carts/{id}/merge`: what a guest chose comes into the cart of the account they logged in to.

use super::{cart_holder::CartToken, cart_view::view};
use crate::{changes::carts, state::App};
use axum::{Json, extract::State};
use contracts::{CartId, api::order::CartView};
use service_kit::{
    Problem,
    auth::SignedIn,
    extract::{NoBody, Path},
};

/// Takes a guest's cart, whose `Cart-Token` is shown, into one's own: quantities are added, as far as there is enough. The
/// guest's is gone then; a repeat changes nothing.
#[utoipa::path(
    post, path = "/carts/{id}/merge", tag = "carts", security(("bearer" = [])),
    params(
        ("id" = CartId, Path, description = "The guest's."),
        ("Cart-Token" = Option<String>, Header, description = "Of the guest's cart.")
    ),
    responses((status = 200, description = "One's own cart as it is then.", body = CartView))
)]
pub(crate) async fn merge_cart(
    person: SignedIn,
    token: CartToken,
    State(app): State<App>,
    Path(id): Path<CartId>,
    _body: NoBody,
) -> Result<Json<CartView>, Problem> {
    let hash = token.into_hash().unwrap_or_default();
    Ok(Json(view(carts::merge(&app, person.account_id, id, hash).await?)?))
}
