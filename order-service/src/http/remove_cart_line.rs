//! `DELETE /carts/{id}/lines/{sku}`: none of it.

use super::{cart_holder::CartToken, cart_view::view};
use crate::{changes::carts, domain::sku, state::App};
use axum::{Json, extract::State};
use contracts::{CartId, api::order::CartView};
use service_kit::{Problem, auth::SignedIn, extract::Path};

/// Takes a SKU out of the cart. One that is not in it is as it should be.
#[utoipa::path(
    delete, path = "/carts/{id}/lines/{sku}", tag = "carts", security((), ("bearer" = [])),
    params(
        ("id" = CartId, Path),
        ("sku" = String, Path, min_length = 1, max_length = 64, pattern = "^[!-~]+$"),
        ("Cart-Token" = Option<String>, Header, description = "Of a guest's cart.")
    ),
    responses((status = 200, description = "The cart as it is then.", body = CartView))
)]
pub(crate) async fn remove_cart_line(
    person: Result<SignedIn, Problem>,
    token: CartToken,
    State(app): State<App>,
    Path((id, text)): Path<(CartId, String)>,
) -> Result<Json<CartView>, Problem> {
    let sku = sku(&text).map_err(|why| Problem::field("/sku", why.to_owned()))?;
    Ok(Json(view(carts::remove(&app, id, &token.holders(person), &sku).await?)?))
}
