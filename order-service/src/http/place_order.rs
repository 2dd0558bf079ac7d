//! `POST /orders`: counts the intent, holds the stock, stores the order with its event, answers 201. The payment follows
//! by event. Those who come while others are in work go on together.

mod hold;

use self::hold::{HeldUnderKey, hold};
use super::{
    order_view::views,
    place_order_body::{PlaceOrderBody, refuse_card_number},
};
use crate::{
    changes::{
        intend, place,
        underway::{Settled, onward, stored},
    },
    domain::{Intent, Wish},
    error::Error,
    state::App,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use contracts::api::order::OrderView;
use http::StatusCode;
use service_kit::{
    Problem,
    auth::SignedIn,
    extract::Body,
    firsts_first,
    idempotency::{IdempotencyKey, Keyed, StoredAnswer, Work, once_fresh},
};

/// Places an order. The same key with the same body always gets the same answer, however often it is sent.
///
/// Out of stock is said at once (409, with the SKUs that are short). A key belongs to one intent: after a refusal,
/// order again with a new one.
#[utoipa::path(
    post, path = "/orders", tag = "orders", security(("bearer" = [])), request_body = PlaceOrderBody,
    params(IdempotencyKey),
    responses(
        (status = 201, description = "The order; its payment follows.", body = OrderView),
        (status = 409, description = "`out_of_stock`, with `short`; `checkout_ended`."),
        (status = 429, description = "`too_many_open_orders`: pay or cancel some first.")
    )
)]
pub(crate) async fn place_order(
    customer: SignedIn,
    State(app): State<App>,
    key: IdempotencyKey,
    Body(body): Body<PlaceOrderBody>,
) -> Result<Response, Problem> {
    refuse_card_number(&key)?;
    let keyed = Keyed::new(customer.account_id, "place_order", key, &body)?;
    let wish = match body.parse(app.limits.pieces) {
        Ok(new) => Wish::new(customer.account_id, keyed, new),
        // What an older version took under this key stands, though it would be refused today.
        Err(refusal) => return Ok(stored(&app, &keyed).await?.ok_or(refusal)?.into_response()),
    };
    Ok(app.placing.one(&app, wish, |app, wishes| Box::pin(place(app, wishes))).await?.into_response())
}

/// Of several under one key the first goes ahead, and the others find its answer.
pub(crate) async fn place(app: &App, wishes: Vec<Wish>) -> Vec<Result<StoredAnswer, Error>> {
    firsts_first(wishes, |wish| wish.intent.checkout_id, |wishes| place_each(app, wishes)).await
}

/// Each wish is counted, its stock is held, its order is stored; who was answered before is answered so again.
async fn place_each(app: &App, wishes: Vec<Wish>) -> Vec<Result<StoredAnswer, Error>> {
    let counted = intend::begin(app, wishes).await;
    let held = onward(counted, |wishes| hold(app, wishes)).await;
    let placed = onward(held, |held| store(app, held)).await;
    placed.into_iter().map(|answer| answer.map_or_else(|settled| settled, Ok)).collect()
}

/// An intent whose checkout is over counts no longer.
async fn store(app: &App, held: Vec<HeldUnderKey>) -> Vec<Result<StoredAnswer, Settled>> {
    let intents: Vec<Intent> = held.iter().map(|(_, held)| held.intent).collect();
    let work = Work { name: "place_order", status: StatusCode::CREATED };
    let answers: Vec<Result<StoredAnswer, Error>> =
        once_fresh(&app.kit.database, &app.kit.clock, app, work, held, |app, tx, held| {
            Box::pin(async move { Ok(views(place::place(app, tx, held).await?)) })
        })
        .await;
    let over = intents.into_iter().zip(&answers).filter(|(_, answer)| matches!(answer, Err(Error::CheckoutEnded)));
    intend::forgo(app, &over.map(|(intent, _)| intent).collect::<Vec<_>>()).await;
    answers.into_iter().map(|answer| answer.map_err(Err)).collect()
}
