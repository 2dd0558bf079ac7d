//! `POST /carts/{id}/lines`: so many pieces more.

use super::{cart_holder::CartToken, cart_view::view, place_order_body::LineBody};
use crate::{
    changes::carts,
    domain::{Cart, Offers, sku},
    state::App,
};
use axum::{Json, extract::State};
use contracts::{CartId, Quantity, api::order::CartView};
use service_kit::{
    Problem,
    auth::SignedIn,
    extract::{Body, Path},
    idempotency::IdempotencyKey,
    problem::Fields,
};

/// Adds pieces of a SKU, at the price of now. A repeat under the same key adds nothing more.
#[utoipa::path(
    post, path = "/carts/{id}/lines", tag = "carts", security((), ("bearer" = [])), request_body = LineBody,
    params(
        ("id" = CartId, Path),
        IdempotencyKey,
        ("Cart-Token" = Option<String>, Header, description = "Of a guest's cart.")
    ),
    responses((status = 200, description = "The cart as it is then.", body = CartView))
)]
pub(crate) async fn add_cart_line(
    person: Result<SignedIn, Problem>,
    token: CartToken,
    State(app): State<App>,
    key: IdempotencyKey,
    Path(id): Path<CartId>,
    Body(line): Body<LineBody>,
) -> Result<Json<CartView>, Problem> {
    let mut fields = Fields::default();
    let sku = fields.check("/sku", sku(&line.sku));
    let quantity = fields.check("/quantity", Quantity::try_from(line.quantity));
    let (Some(sku), Some(quantity)) = (sku, quantity) else { return Err(fields.into_problem()) };
    let holders = token.holders(person);
    let add = |cart: &mut Cart, offers: &Offers| cart.add(&sku, quantity, key.as_str(), offers);
    Ok(Json(view(carts::edit(&app, id, &holders, Some(&sku), add).await?)?))
}
