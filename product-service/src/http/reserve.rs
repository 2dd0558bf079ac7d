//! `POST /internal/reservations`: for order-service, while shoppers wait. All lines of a checkout are reserved or none.

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
    api::product::{Reservation, Reserve, ReserveAnswer, ReserveRefusal, ReserveRequest, Reserved as Told},
};
use service_kit::{
    KitError, Problem,
    auth::{Caller, Callers},
    extract::Body,
    wait_shortly,
};

/// Who may reserve stock.
pub(crate) struct Shop;

impl Callers for Shop {
    const ALLOWED: &'static [ServiceName] = &[ServiceName::Order];
}

/// Tries of a slice while others decide the same checkouts.
const TRIES: usize = 5;

/// Checkouts in one call.
const MOST: usize = 64;

/// Holds stock for a checkout, with names and prices as they are now. A repeat with the same `checkout_id` gets the
/// first answer, with the first `order_id`.
///
/// Of several each is decided for itself, in their order: one that is refused takes nothing.
#[utoipa::path(
    post, path = "/internal/reservations", tag = "services", security(("service" = ["order-service"])),
    request_body = Reserve,
    responses(
        (status = 200, description = "The stock is held; of several, what each of them came to.", body = Told),
        (status = 409, description = "`out_of_stock`, with `short`; `price_changed`, with `changed`; `reservation_ended`.")
    )
)]
pub(crate) async fn reserve(
    _caller: Caller<Shop>,
    State(app): State<App>,
    Body(asked): Body<Reserve>,
) -> Result<Json<Told>, Problem> {
    match asked {
        Reserve::One(request) => {
            let answer = gathered(&app, &[request]).await.pop();
            Ok(Json(Told::One(answer.unwrap_or_else(|| Err(KitError::NoAnswer.into()))?)))
        }
        Reserve::Many(requests) if (1..=MOST).contains(&requests.len()) => {
            let answers = gathered(&app, &requests).await.into_iter();
            Ok(Json(Told::Many(answers.map(|answer| answer.map_or_else(refused, ReserveAnswer::Held)).collect())))
        }
        Reserve::Many(_) => Err(Problem::field("", format!("must hold 1 to {MOST} checkouts"))),
    }
}

/// Those that can be read are decided, together with what others ask for at the moment.
async fn gathered(app: &App, requests: &[ReserveRequest]) -> Vec<Result<Reservation, Problem>> {
    let parsed: Vec<Result<Checkout, Problem>> = requests.iter().map(parse).collect();
    let checkouts = parsed.iter().flatten().cloned().collect();
    let held = app.reserving.many(app, checkouts, |app, checkouts| Box::pin(hold(app, checkouts))).await;
    let mut held = held.into_iter();
    let mut answer = || held.next().unwrap_or_else(|| Err(KitError::NoAnswer.into())).map_err(Problem::from);
    parsed.into_iter().map(|parsed| parsed.and_then(|_| answer())).collect()
}

fn parse(request: &ReserveRequest) -> Result<Checkout, Problem> {
    let impossible = ReserveLines::impossible_skus(&request.lines);
    if !impossible.is_empty() {
        metrics::not_sold();
        return Err(Error::SkuNotSold(impossible).into());
    }
    let lines = ReserveLines::parse(&request.lines).map_err(|(pointer, why)| Problem::field(&pointer, why))?;
    Ok(Checkout { checkout_id: request.checkout_id, order_id: request.order_id, lines, prices: request.prices.clone() })
}

fn refused(problem: Problem) -> ReserveAnswer {
    let Problem { status, code, detail, members, .. } = problem;
    ReserveAnswer::Refused(ReserveRefusal { status, code, detail, members })
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
        wait_shortly(&mut tx, checkouts.len()).await?;
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
