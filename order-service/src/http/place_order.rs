//! `POST /orders`: reserves the stock, stores the order with its event, answers 201. The payment follows by event.

use crate::{
    Error,
    app::App,
    domain::{
        NewOrder, PlaceOrderBody,
        card_number::{self, CardNumber},
        checkout_id, total,
    },
    metrics,
    store::{
        checkouts, history,
        intents::{self, Begun, Intent},
        order_lists::{self, OrderView},
        orders::{self, Insert},
    },
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use contracts::{
    AccountId, MoneyError, OrderId, ServiceName,
    api::{
        order::OrderStatus,
        product::{Reservation, ReserveRequest},
    },
    events::order::{Created, Line},
};
use http::StatusCode;
use service_kit::{
    Cause, Kind, KitError, Problem, Tx,
    auth::SignedIn,
    extract::Body,
    idempotency::{self, IdempotencyKey, Keyed},
    labs::{cure, step},
    peers::{PeerError, RemoteProblem},
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
    let customer_id = customer.account_id;
    if card_number::is_one(key.as_str()) {
        let detail = format!("The Idempotency-Key {CardNumber}. Send a fresh random value for each new intent.");
        return Err(Problem::new(Kind::Invalid, "invalid_idempotency_key", detail));
    }
    // One key, one order. Without it every click is an order.
    let key = if cure("idempotency-key") {
        key
    } else {
        IdempotencyKey::parse(&app.kit.clock.new_id::<OrderId>().to_string())?
    };
    let keyed = Keyed::new(customer_id, "place_order", key, &body)?;
    let new = match NewOrder::within(&body, app.limits.pieces) {
        Ok(new) => new,
        // What an older version took under this key stands, though it would be refused today.
        Err(refusal) => return stored(&app, &keyed).await?.ok_or(refusal),
    };
    let checkout_id = checkout_id(customer_id, &keyed.key);
    let intent = Intent { customer_id, checkout_id, pieces: new.pieces() };
    if let Some(answer) = begin(&app, &keyed, &intent).await? {
        return Ok(answer);
    }
    let reservation = match reserve(&app, &intent, &new).await {
        // Perhaps a duplicate was so much faster that its order is over by now: its answer is this one's, too.
        Err(Error::CheckoutEnded) => return Ok(repeat(&app, &keyed, &intent).await?.ok_or(Error::CheckoutEnded)?),
        reserved => reserved?,
    };
    step("reserve").await?;

    let mut tx = app.kit.database.begin("place_order").await?;
    let view = store(&app, &mut tx, customer_id, &new, &reservation).await?;
    let Some(view) = view else {
        tx.rollback().await?;
        // A duplicate was first, or the reservation expired before anybody stored the order.
        return Ok(repeat(&app, &keyed, &intent).await?.ok_or(Error::CheckoutEnded)?);
    };
    if !idempotency::store(&mut tx, &keyed, StatusCode::CREATED, &view, app.kit.clock.now()).await? {
        tx.rollback().await?;
        return Ok(repeat(&app, &keyed, &intent).await?.ok_or(Error::CheckoutEnded)?);
    }
    step("order-commit").await?;
    let _committed = tx.commit().await?;
    step("answer").await?;
    tracing::info!(order.id = %view.id, order.number = view.number, "order placed");
    Ok((StatusCode::CREATED, Json(view)).into_response())
}

/// The answer given before under this key. Else the intent is counted, before anything is held, where the customer may
/// hold as much.
async fn begin(app: &App, keyed: &Keyed, intent: &Intent) -> Result<Option<Response>, Error> {
    let mut connection = app.kit.database.pool().acquire().await?;
    if let Some(answer) = idempotency::find(&mut connection, keyed).await? {
        return Ok(Some(answer.into_response()));
    }
    let now = app.kit.clock.now();
    match intents::begin(&mut connection, intent, app.limits, now, now - app.reservation_ttl).await? {
        Begun::Counted => Ok(None),
        // A duplicate stored its order between the two looks, or the reservation of an earlier try has expired.
        Begun::Decided => {
            let answer = idempotency::find(&mut connection, keyed).await?;
            Ok(Some(answer.ok_or(Error::CheckoutEnded)?.into_response()))
        }
        Begun::TooMuch { orders, .. } if orders >= app.limits.orders => Err(Error::TooManyOpenOrders { open: orders }),
        Begun::TooMuch { pieces, .. } => Err(Error::TooManyOpenPieces { open: pieces, most: app.limits.pieces }),
    }
}

/// The answer given before under this key, if any.
async fn stored(app: &App, keyed: &Keyed) -> Result<Option<Response>, Error> {
    let mut connection = app.kit.database.pool().acquire().await?;
    let answer = idempotency::find(&mut connection, keyed).await?;
    Ok(answer.map(IntoResponse::into_response))
}

/// The answer of the duplicate that was first; its order, if there is one, counts in place of any intent.
async fn repeat(app: &App, keyed: &Keyed, intent: &Intent) -> Result<Option<Response>, Error> {
    let mut connection = app.kit.database.pool().acquire().await?;
    intents::end(&mut connection, intent).await?;
    drop(connection);
    stored(app, keyed).await
}

/// Asks product-service to hold the stock. Sent again by a retry, it gives the same reservation.
async fn reserve(app: &App, intent: &Intent, new: &NewOrder) -> Result<Reservation, Error> {
    let request =
        ReserveRequest { checkout_id: intent.checkout_id, order_id: app.kit.clock.new_id(), lines: new.lines.clone() };
    let asked = app.kit.peers.post(ServiceName::Product, "/internal/reservations", &request).await;
    if let Err(KitError::Peer(cause)) = &asked
        && holds_nothing(cause)
    {
        forgo(app, intent).await;
    }
    asked.map_err(|error| match error {
        KitError::Peer(PeerError::Refused { problem, .. }) if is_answer(&problem) => refusal(&problem),
        other => other.into(),
    })
}

/// Whether it is certain that this request has nothing reserved. What may be, unknown to us, goes on counting until the
/// reservation's time is over.
fn holds_nothing(cause: &PeerError) -> bool {
    match cause {
        PeerError::Unreachable { sent, .. } => !sent,
        // Under this key something else is held, or may be.
        PeerError::Refused { problem, .. } if problem.code == "checkout_reused" => false,
        PeerError::Refused { status, problem, .. } => status.is_client_error() || problem.code == "overloaded",
        PeerError::Unreadable { .. } => false,
    }
}

/// The refusal is the answer, also where the intent has to wait for its end.
async fn forgo(app: &App, intent: &Intent) {
    let ended = async { intents::end(&mut *app.kit.database.pool().acquire().await?, intent).await };
    if let Err(cause) = ended.await {
        tracing::warn!(checkout.id = %intent.checkout_id, %cause, "a refused checkout counts until its time is over");
    }
}

/// Product-service's own decisions; anything else means that it could not decide.
fn is_answer(problem: &RemoteProblem) -> bool {
    let decisions = [
        "out_of_stock",
        "sku_not_sold",
        "mixed_currencies",
        "amount_too_large",
        "reservation_ended",
        "checkout_reused",
    ];
    decisions.contains(&problem.code.as_str())
}

fn refusal(problem: &RemoteProblem) -> Error {
    let member = |name: &str| problem.members.get(name).cloned().unwrap_or_default();
    match problem.code.as_str() {
        "out_of_stock" => Error::OutOfStock { short: member("short") },
        "sku_not_sold" => Error::NotSold { skus: member("skus") },
        "mixed_currencies" => Error::MixedCurrencies,
        "amount_too_large" => MoneyError::Overflow.into(),
        "checkout_reused" => KitError::IdempotencyKeyReused.into(),
        _ => Error::CheckoutEnded,
    }
}

/// Order, lines, history and event in the caller's transaction; none when the checkout is taken or has expired.
async fn store(
    app: &App,
    tx: &mut Tx,
    customer_id: AccountId,
    new: &NewOrder,
    reservation: &Reservation,
) -> Result<Option<OrderView>, Error> {
    if !checkouts::order_it(tx, reservation.checkout_id, customer_id).await? {
        return Ok(None);
    }
    // All lines, at the reserved prices.
    let counted = if cure("total-of-lines") { &reservation.lines } else { &reservation.lines[..1] };
    let total = total(counted)?.ok_or_else(|| Error::Corrupt("a reservation without lines".to_owned()))?;
    let now = app.kit.clock.now();
    let order_id = reservation.order_id;
    let insert = Insert {
        id: order_id,
        customer_id,
        checkout_id: reservation.checkout_id,
        payment_method: &new.payment_method,
        total,
        shipping_address: &new.shipping_address,
        deadline: now + app.payment_deadline,
        created_at: now,
        lines: if cure("lines-as-reserved") { &reservation.lines } else { &reservation.lines[..1] },
    };
    let number = orders::insert(tx, &insert).await?;
    history::append(tx, order_id, now, "placed; stock is reserved", (None, OrderStatus::Pending), None).await?;
    let lines = reservation.lines.iter().map(|line| Line {
        sku: line.sku.clone(),
        // Events are read by everybody and kept for ever: no word in them about the person.
        name: if cure("no-personal-data") { line.name.clone() } else { new.shipping_address.to_string() },
        quantity: line.quantity,
        unit_price: line.unit_price,
    });
    let event = Created {
        order_id,
        customer_id,
        number,
        checkout_id: reservation.checkout_id,
        lines: lines.collect(),
        total,
        payment_method: new.payment_method.clone(),
    };
    app.kit.announce(tx, &Cause::current(), 1, event)?;
    let units = reservation.lines.iter().map(|line| u64::from(line.quantity.get().unsigned_abs())).sum();
    metrics::placed(tx, total, units);
    order_lists::find(tx, order_id, None).await
}
