//! Gives back the stock of reservations that no live order holds any more. order-service alone owns an order's
//! deadline: it is asked first, and what it cannot be asked about is kept.

use crate::{
    Error,
    app::App,
    domain::{Fact, Next},
    metrics,
    store::{
        reservations::{self, Due},
        transition,
    },
};
use contracts::{ServiceName, api::order::CheckoutExpiry, events::product::ReservationExpired};
use service_kit::{Cause, KitError, Tx, jobs::Progress, labs::cure, peers::PeerError, spans::conventions, trace};
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
    if due.is_empty() {
        return Ok(Progress::Idle);
    }
    let (mut span, context) = app.kit.spans.begin(None, || conventions::work("expire reservations"));
    let looked = trace::within(context, look_at(&app, due)).await;
    span.judge(&looked);
    looked
}

async fn look_at(app: &App, due: Vec<Due>) -> Result<Progress, Error> {
    let progress = if due.len() as u64 >= BATCH.unsigned_abs() { Progress::More } else { Progress::Idle };
    for reservation in due {
        let checkout_id = reservation.checkout_id;
        match is_needed(app, &reservation).await {
            Ok(true) => {}
            Ok(false) => {
                // Without the database none could expire; any other failure is this reservation's own.
                let tx = app.kit.database.begin("expire_reservations").await?;
                if let Err(cause) = expire(app, tx, &reservation).await {
                    tracing::error!(checkout.id = %checkout_id, %cause, "a reservation could not expire; it is kept");
                }
            }
            Err(cause @ KitError::Peer(PeerError::Unreachable { .. })) => {
                tracing::warn!(%cause, "order-service cannot be asked; reservations past their time are kept");
                // The rest would only wait for the same deadline.
                return Ok(Progress::Idle);
            }
            Err(cause) => {
                tracing::warn!(checkout.id = %checkout_id, %cause, "no answer about a reservation past its time; it is kept");
            }
        }
    }
    Ok(progress)
}

/// Whether a live order holds it, or may yet. A "no" is order-service's own word, given with the checkout claimed: no
/// order will come behind it.
async fn is_needed(app: &App, due: &Due) -> Result<bool, KitError> {
    let path = format!("/internal/checkouts/{}/expire", due.checkout_id);
    let answer: CheckoutExpiry = app.kit.peers.post(ServiceName::Order, &path, &()).await?;
    Ok(!answer.expired)
}

/// Contends with the reactions on the reservation's row: whoever comes second finds it changed and stays away.
async fn expire(app: &App, mut tx: Tx, due: &Due) -> Result<(), Error> {
    let &Due { checkout_id, order_id } = due;
    let change = transition::apply(&mut tx, checkout_id, order_id, Fact::Lapsed, app.kit.clock.now()).await?;
    if !matches!(change.next, Next::Become(..)) {
        return Ok(());
    }
    if cure("expiry-announced") {
        app.kit.announce(&mut tx, &Cause::current(), change.version, ReservationExpired { checkout_id, order_id })?;
    }
    let _committed = tx.commit().await?;
    metrics::expired();
    app.stock_watch.mark(change.available_again);
    tracing::info!(checkout.id = %checkout_id, order.id = %order_id, "a reservation expired");
    Ok(())
}
