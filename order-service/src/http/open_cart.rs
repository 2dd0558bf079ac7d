//! `POST /carts`: a customer's cart, or a new one for a guest.

use super::{cart_holder::CartToken, cart_view::view};
use crate::{changes::carts, state::App};
use axum::{Json, extract::State};
use contracts::api::order::NewCartView;
use http::{StatusCode, header};
use service_kit::{Problem, auth::SignedIn, extract::NoBody};

/// The cart of whoever is logged in: the one they have, or a new one. Anybody else gets a new one with its `token`, which is
/// sent as `Cart-Token` from then on.
#[utoipa::path(
    post, path = "/carts", tag = "carts", security((), ("bearer" = [])),
    responses(
        (status = 200, description = "The cart there is.", body = NewCartView),
        (status = 201, description = "A new, empty one.", body = NewCartView)
    )
)]
pub(crate) async fn open_cart(
    person: Result<SignedIn, Problem>,
    State(app): State<App>,
    _body: NoBody,
) -> Result<(StatusCode, [(header::HeaderName, &'static str); 1], Json<NewCartView>), Problem> {
    let (seen, made, token) = if let Ok(person) = person {
        let (seen, made) = carts::open(&app, person.account_id).await?;
        (seen, made, None)
    } else {
        let (token, hash) = CartToken::make()?;
        (carts::open_for_guest(&app, hash).await?, true, Some(token))
    };
    let status = if made { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, [(header::CACHE_CONTROL, "no-store")], Json(NewCartView { cart: view(seen)?, token })))
}
