//! `POST /internal/reservations`: for order-service, while a shopper waits. All lines are reserved or none.

use crate::{
    changes::reserve::{self as change, Reserved},
    domain::{Checkout, Reservation as Status, ReserveLines},
    error::Error,
    metrics, slice,
    state::App,
};
use axum::{Json, extract::State};
use contracts::{
    ServiceName,
    api::product::{Reservation, ReserveRequest},
};
use service_kit::{
    Problem,
    auth::{Caller, Callers},
    extract::Body,
    one,
};

/// Who may reserve stock.
pub(crate) struct Shop;

impl Callers for Shop {
    const ALLOWED: &'static [ServiceName] = &[ServiceName::Order];
}

/// Tries of a slice while others decide the same checkouts.
const TRIES: usize = 5;

/// Holds stock for a checkout, with names and prices as they are now. A repeat with the same `checkout_id` gets the
/// first answer, with the first `order_id`.
#[utoipa::path(
    post, path = "/internal/reservations", tag = "services", security(("service" = ["order-service"])),
    request_body = ReserveRequest,
    responses(
        (status = 200, description = "The stock is held.", body = Reservation),
        (status = 409, description = "`out_of_stock`, with `short`; `reservation_ended`.")
    )
)]
pub(crate) async fn reserve(
    _caller: Caller<Shop>,
    State(app): State<App>,
    Body(request): Body<ReserveRequest>,
) -> Result<Json<Reservation>, Problem> {
    let impossible = ReserveLines::impossible_skus(&request.lines);
    if !impossible.is_empty() {
        let answer = Err(Error::SkuNotSold(impossible));
        metrics::reserved(&answer);
        return Ok(Json(answer?));
    }
    let lines = ReserveLines::parse(&request.lines).map_err(|(pointer, why)| Problem::field(&pointer, why))?;
    let ReserveRequest { checkout_id, order_id, .. } = request;
    let answers = hold(&app, vec![Checkout { checkout_id, order_id, lines }]).await;
    Ok(Json(one(answers)?))
}

/// Decides checkouts one after the other, in one transaction. One that comes twice is decided once and answered twice.
pub(crate) async fn hold(app: &App, checkouts: Vec<Checkout>) -> Vec<Result<Reservation, Error>> {
    let answers = slice::told(hold_now(app, &checkouts).await, checkouts.len());
    answers.iter().for_each(metrics::reserved);
    answers
}

async fn hold_now(app: &App, checkouts: &[Checkout]) -> Result<Vec<Result<Reservation, Error>>, Error> {
    for _ in 0..TRIES {
        let mut tx = app.kit.database.begin("reserve").await?;
        let at = app.kit.clock.now();
        let Some(reserved) = change::reserve(&mut tx, checkouts, at, at + app.reservation_ttl).await? else {
            tx.rollback().await?;
            metrics::overtaken();
            continue;
        };
        let _committed = tx.commit().await?;
        tell(app, &reserved);
        return Ok(reserved.answers.into_iter().map(|answer| answer.map_err(Error::from)).collect());
    }
    Ok(checkouts.iter().map(|checkout| Err(Error::Contended(checkout.checkout_id))).collect())
}

/// Of what is held now.
fn tell(app: &App, reserved: &Reserved) {
    for decided in reserved.news.iter().filter(|decided| decided.status == Status::Held) {
        app.stock_watch.mark(decided.held.iter().map(|line| line.variant_id));
        tracing::info!(checkout.id = %decided.checkout_id, order.id = %decided.order_id, "stock reserved");
    }
}
