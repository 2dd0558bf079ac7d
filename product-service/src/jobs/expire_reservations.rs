//! Gives back the stock of reservations that no live order holds any more. order-service alone owns an order's
//! deadline: it is asked first, and what it cannot be asked about is kept.

use crate::{
    Error,
    app::App,
    domain::{Fact, Next},
    store::{
        reservations::{self, Due},
        transition,
    },
};
use contracts::{
    ServiceName,
    api::order::{OrderState, OrderStatus},
    events::product::ReservationExpired,
};
use http::StatusCode;
use service_kit::{KitError, jobs::Progress, peers::PeerError};
use time::Duration;

const BATCH: i64 = 20;
/// A reservation that is kept is looked at again after this long.
const LOOK_AGAIN: Duration = Duration::seconds(30);

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let now = app.kit.clock.now();
    let mut connection = app.kit.database.pool().acquire().await?;
    let due = reservations::take_due(&mut connection, now, now + LOOK_AGAIN, BATCH).await?;
    // No connection is kept while the network is waited for.
    drop(connection);
    let progress = if due.len() as u64 >= BATCH.unsigned_abs() { Progress::More } else { Progress::Idle };
    for reservation in due {
        match is_needed(&app, &reservation).await {
            Ok(true) => {}
            Ok(false) => expire(&app, &reservation).await?,
            Err(cause) => {
                tracing::warn!(%cause, "order-service cannot be asked; reservations past their time are kept");
                // The rest would only wait for the same deadline.
                return Ok(Progress::Idle);
            }
        }
    }
    Ok(progress)
}

/// Whether a live order holds it. Only order-service's own word counts as no: a 404 from a wrong address would give
/// away every order's stock.
async fn is_needed(app: &App, due: &Due) -> Result<bool, KitError> {
    let path = format!("/internal/orders/{}", due.order_id);
    match app.kit.peers.get::<OrderState>(ServiceName::Order, &path).await {
        Ok(order) => Ok(order.status != OrderStatus::Cancelled),
        Err(KitError::Peer(PeerError::Refused { status: StatusCode::NOT_FOUND, problem, .. }))
            if problem.code == "order_not_found" =>
        {
            Ok(false)
        }
        Err(cause) => Err(cause),
    }
}

/// Contends with the reactions on the reservation's row: whoever comes second finds it changed and stays away.
async fn expire(app: &App, due: &Due) -> Result<(), Error> {
    let &Due { checkout_id, order_id } = due;
    let mut tx = app.kit.database.begin().await?;
    let change = transition::apply(&mut tx, checkout_id, order_id, Fact::Lapsed, app.kit.clock.now()).await?;
    if !matches!(change.next, Next::Become(..)) {
        return Ok(());
    }
    app.kit.announce(&mut tx, change.version, ReservationExpired { checkout_id, order_id }).await?;
    let _committed = tx.commit().await?;
    app.stock_watch.mark(change.available_again);
    tracing::info!(checkout.id = %checkout_id, order.id = %order_id, "a reservation expired");
    Ok(())
}
