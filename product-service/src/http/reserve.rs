//! `POST /internal/reservations`: for order-service, while a shopper waits. All lines are reserved or none.

use crate::{
    Error,
    app::App,
    domain::{Reservation as Status, ReserveLines},
    metrics,
    store::{
        reservations::{self, Decided, NewReservation, Tried},
        unlocked,
    },
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
    labs::cure,
};
use sqlx::PgConnection;

/// Who may reserve stock.
pub(crate) struct Checkout;

impl Callers for Checkout {
    const ALLOWED: &'static [ServiceName] = &[ServiceName::Order];
}

/// Holds stock for a checkout, with names and prices as they are now. A repeat with the same `checkout_id` gets the
/// first answer, with the first `order_id`.
#[utoipa::path(
    post, path = "/internal/reservations", tag = "services", security(("service" = [])), request_body = ReserveRequest,
    responses(
        (status = 200, description = "The stock is held.", body = Reservation),
        (status = 409, description = "`out_of_stock`, with `short`; `reservation_ended`.")
    )
)]
pub(crate) async fn reserve(
    _caller: Caller<Checkout>,
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
    let answer = take(&app, &request, &lines).await;
    metrics::reserved(&answer);
    Ok(Json(answer?))
}

async fn take(app: &App, request: &ReserveRequest, lines: &ReserveLines) -> Result<Reservation, Error> {
    let &ReserveRequest { checkout_id, order_id, .. } = request;
    let at = app.kit.clock.now();
    let expires_at = at + app.reservation_ttl;
    let new = NewReservation { checkout_id, order_id, lines, at, expires_at };
    let mut connection = app.kit.database.pool().acquire().await?;
    let tried = if cure("stock-locked") {
        reservations::reserve(&mut connection, &new).await?
    } else {
        unlocked::reserve(&mut connection, &new).await?
    };
    match tried {
        Tried::Held(lines) => {
            app.stock_watch.mark(lines.iter().map(|line| line.variant_id));
            tracing::info!(checkout.id = %checkout_id, order.id = %order_id, "stock reserved");
            Ok(Reservation { checkout_id, order_id, lines, expires_at })
        }
        Tried::Refused(short) => Err(Error::OutOfStock(short)),
        Tried::Nothing { not_sold, currencies, too_dear } => {
            // What was decided before comes first: a repeat gets its answer though the product is archived meanwhile.
            if let Some(answer) = decided_before(&mut connection, request, lines).await? {
                return Ok(answer);
            }
            Err(match () {
                () if !not_sold.is_empty() => Error::SkuNotSold(not_sold),
                () if currencies.len() > 1 => Error::MixedCurrencies(currencies),
                () if too_dear => Error::TotalTooLarge,
                () => Error::Contended(checkout_id),
            })
        }
    }
}

async fn decided_before(
    connection: &mut PgConnection,
    request: &ReserveRequest,
    lines: &ReserveLines,
) -> Result<Option<Reservation>, Error> {
    let checkout_id = request.checkout_id;
    let Some(Decided { status, lines: known, short, answer }) = reservations::find(connection, checkout_id).await?
    else {
        return Ok(None);
    };
    if known.is_some_and(|known| known != *lines) {
        return Err(Error::CheckoutReused(checkout_id));
    }
    match status {
        Status::Held | Status::Committed | Status::Shipped => Ok(Some(answer)),
        Status::Refused => Err(Error::OutOfStock(short)),
        Status::Released | Status::Expired => Err(Error::ReservationEnded(checkout_id)),
        Status::Unknown => Ok(None),
    }
}
