//! `PUT /carts/{id}/lines/{sku}`: so many pieces, whatever there were.

use super::{cart_holder::CartToken, cart_view::view};
use crate::{
    changes::carts,
    domain::{Cart, Offers, sku},
    state::App,
};
use axum::{Json, extract::State};
use contracts::{CartId, Quantity, api::order::CartView};
use serde::Deserialize;
use service_kit::{
    Problem,
    auth::SignedIn,
    extract::{Body, Path},
};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PiecesBody {
    #[schema(minimum = 1, maximum = 999)]
    quantity: i64,
}

/// Has so many pieces of a SKU in the cart, at the price of now.
#[utoipa::path(
    put, path = "/carts/{id}/lines/{sku}", tag = "carts", security((), ("bearer" = [])), request_body = PiecesBody,
    params(
        ("id" = CartId, Path),
        ("sku" = String, Path, min_length = 1, max_length = 64, pattern = "^[!-~]+$"),
        ("Cart-Token" = Option<String>, Header, description = "Of a guest's cart.")
    ),
    responses((status = 200, description = "The cart as it is then.", body = CartView))
)]
pub(crate) async fn put_cart_line(
    person: Result<SignedIn, Problem>,
    token: CartToken,
    State(app): State<App>,
    Path((id, text)): Path<(CartId, String)>,
    Body(PiecesBody { quantity }): Body<PiecesBody>,
) -> Result<Json<CartView>, Problem> {
    let quantity = Quantity::try_from(quantity).map_err(|why| Problem::field("/quantity", why.to_string()))?;
    let sku = sku(&text).map_err(|why| Problem::field("/sku", why.to_owned()))?;
    let holders = token.holders(person);
    let put = |cart: &mut Cart, offers: &Offers| cart.put(&sku, quantity, offers);
    Ok(Json(view(carts::edit(&app, id, &holders, Some(&sku), put).await?)?))
}
