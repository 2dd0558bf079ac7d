//! `POST /carts/{id}/agree`: the shopper was told what has changed, and goes on.

use super::{cart_holder::CartToken, cart_view::view};
use crate::{
    changes::carts,
    domain::{Cart, Offers},
    state::App,
};
use axum::{Json, extract::State};
use contracts::{CartId, api::order::CartView};
use service_kit::{
    Problem,
    auth::SignedIn,
    extract::{NoBody, Path},
};

/// Takes the prices of now for agreed, of what is short as much as there is, and what is not sold out of the cart. The
/// answer is what the shopper sees before they order.
#[utoipa::path(
    post, path = "/carts/{id}/agree", tag = "carts", security((), ("bearer" = [])),
    params(
        ("id" = CartId, Path),
        ("Cart-Token" = Option<String>, Header, description = "Of a guest's cart.")
    ),
    responses((status = 200, description = "The cart as it is then.", body = CartView))
)]
pub(crate) async fn agree_cart(
    person: Result<SignedIn, Problem>,
    token: CartToken,
    State(app): State<App>,
    Path(id): Path<CartId>,
    _body: NoBody,
) -> Result<Json<CartView>, Problem> {
    let agree = |cart: &mut Cart, offers: &Offers| {
        cart.agree(offers);
        Ok(())
    };
    Ok(Json(view(carts::edit(&app, id, &token.holders(person), None, agree).await?)?))
}
