//! `POST /carts/{id}/checkout`: the order of what is in a cart, as its shopper saw it. From there on it is the way of
//! `POST /orders` (`place_order.rs`).

use super::{
    buyer::Buyer,
    cart_holder::CartToken,
    place_order::place,
    place_order_body::{address, refuse_card_number},
};
use crate::{
    changes::{count_guest, underway::stored},
    domain::{Agreed, Cart, MOST_LINES, NewOrder, Wish, method},
    error::Error,
    state::App,
    store::carts,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use contracts::{
    CartId,
    api::order::{AddressBody, OrderView},
};
use serde::{Deserialize, Serialize};
use service_kit::{
    Problem,
    auth::{GuestOr, SignedIn},
    extract::{Body, Path},
    idempotency::{IdempotencyKey, Keyed},
    postal_address::PostalAddress,
    problem::Fields,
};
use utoipa::ToSchema;

/// Body of `POST /carts/{id}/checkout`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckoutBody {
    /// The cart's, as the shopper saw it.
    #[schema(minimum = 1)]
    version: i64,
    /// As in `POST /orders`.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z][A-Za-z0-9_-]*$", examples("sim_ok"))]
    payment_method: String,
    shipping_address: AddressBody,
}

/// Orders what is in one's cart, at the prices it shows: where one is another by now nothing is ordered (409
/// `price_changed`). What was ordered is in the cart no longer. The same key with the same body always gets the same answer;
/// two tabs that order the same cart at once get one order.
///
/// A guest shows both tokens: that of `POST /auth/guests`, which is for this cart, and the cart's own.
#[utoipa::path(
    post, path = "/carts/{id}/checkout", tag = "carts", security(("bearer" = []), ("guest" = [])), request_body = CheckoutBody,
    params(
        ("id" = CartId, Path), IdempotencyKey,
        ("Cart-Token" = Option<String>, Header, description = "Of a guest's cart.")
    ),
    responses(
        (status = 201, description = "The order; its payment follows.", body = OrderView),
        (
            status = 409,
            description = "`cart_changed`; `price_changed`, with `changed`; `out_of_stock`, with `short`; `checkout_ended`."
        ),
        (status = 429, description = "`too_many_open_orders`: pay or cancel some first.")
    )
)]
pub(crate) async fn checkout_cart(
    who: GuestOr<SignedIn>,
    token: CartToken,
    State(app): State<App>,
    key: IdempotencyKey,
    Path(id): Path<CartId>,
    Body(body): Body<CheckoutBody>,
) -> Result<Response, Problem> {
    refuse_card_number(&key)?;
    let buyer = Buyer::of(who, token, id)?;
    let keyed = Keyed::new(buyer.account_id, "checkout_cart", key, &(id, &body))?;
    let (payment_method, shipping_address) = body.parse()?;
    let cart = read(&app, id, &buyer).await?;
    if cart.as_ref().is_none_or(|cart| cart.version != body.version) {
        // It was ordered by this very request, perhaps.
        let refusal = if cart.is_some() { Error::CartChanged } else { Error::NoCart };
        return Ok(stored(&app, &keyed).await?.ok_or(refusal)?.into_response());
    }
    let cart = cart.ok_or(Error::NoCart)?;
    let agreed = cart.agreed();
    let new = ordered(&app, &cart, payment_method, shipping_address)?;
    let wish = Wish::new(buyer.account_id, keyed, new);
    let (counted_as, checkout_id) = (buyer.counted_as, wish.intent.checkout_id);
    if !counted_as.is_empty() {
        count_guest::begin(&app, &counted_as, checkout_id).await?;
    }
    let placed = app.placing.one(&app, wish, |app, wishes| Box::pin(place(app, wishes))).await;
    if !counted_as.is_empty() && placed.as_ref().is_err_and(is_without_stock) {
        count_guest::forgo(&app, &counted_as, checkout_id).await;
    }
    let Err(refusal @ (Error::OutOfStock { .. } | Error::CheckoutEnded)) = placed else {
        return Ok(placed?.into_response());
    };
    let was_renewed = renew(&app, &agreed).await?;
    // In another tab it was ordered meanwhile.
    Err(if was_renewed || !matches!(refusal, Error::CheckoutEnded) { refusal } else { Error::CartChanged }.into())
}

/// Whether it is certain that nothing is held. Of a checkout that has ended there may be an order, from another tab.
fn is_without_stock(refusal: &Error) -> bool {
    matches!(
        refusal,
        Error::OutOfStock { .. }
            | Error::PriceChanged { .. }
            | Error::NotSold { .. }
            | Error::MixedCurrencies
            | Error::TooManyOpenOrders { .. }
            | Error::TooManyOpenPieces { .. }
    )
}

async fn read(app: &App, id: CartId, buyer: &Buyer) -> Result<Option<Cart>, Error> {
    let mut connection = app.kit.database.acquire().await?;
    Ok(carts::find(&mut connection, id, std::slice::from_ref(&buyer.holder)).await?)
}

fn ordered(
    app: &App,
    cart: &Cart,
    payment_method: String,
    shipping_address: PostalAddress,
) -> Result<NewOrder, Problem> {
    match cart.lines.len() {
        0 => return Err(Error::CartEmpty.into()),
        1..=MOST_LINES => {}
        _ => return Err(Error::CartFull.into()),
    }
    let new = NewOrder { lines: cart.wanted(), payment_method, shipping_address, agreed: Some(cart.agreed()) };
    if new.pieces() > app.limits.pieces {
        return Err(Error::TooManyOpenPieces { open: 0, most: app.limits.pieces }.into());
    }
    Ok(new)
}

/// A checkout that was refused is refused to each of its repeats: when there is enough again, the next is another.
/// Whether it was still at the version that was to be ordered.
async fn renew(app: &App, agreed: &Agreed) -> Result<bool, Error> {
    let mut connection = app.kit.database.acquire().await?;
    Ok(carts::renew(&mut connection, agreed, app.kit.clock.now()).await?)
}

impl CheckoutBody {
    fn parse(&self) -> Result<(String, PostalAddress), Problem> {
        let mut fields = Fields::default();
        let payment_method = fields.check("/payment_method", method(&self.payment_method));
        let shipping_address = address(&self.shipping_address, &mut fields);
        payment_method.zip(shipping_address).ok_or_else(|| fields.into_problem())
    }
}
