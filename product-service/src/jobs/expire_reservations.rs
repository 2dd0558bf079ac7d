//! Gives back the stock of reservations that no live order holds any more. order-service alone owns an order's
//! deadline: it is asked first, and what it cannot be asked about is kept.

use crate::{
    changes::expire,
    error::Error,
    state::App,
    store::reservations::{self, Due},
};
use contracts::{ServiceName, api::order::CheckoutExpiry};
use service_kit::{Cause, KitError, Tx, jobs::Progress, peers::PeerError, spans::conventions, trace};
use std::slice;
use time::Duration;

const BATCH: i64 = 20;
/// A reservation that is kept is looked at again after this long.
const LOOK_AGAIN: Duration = Duration::seconds(30);

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let now = app.kit.clock.now();
    if !app.kit.database.glance(|connection| Box::pin(reservations::is_any_due(connection, now))).await? {
        return Ok(Progress::Idle);
    }
    let mut tx = app.kit.database.begin("take_due_reservations").await?;
    let due = reservations::take_due(&mut tx, now, now + LOOK_AGAIN, BATCH).await?;
    // No connection is kept while the network is waited for.
    let _committed = tx.commit().await?;
    if due.is_empty() {
        return Ok(Progress::Idle);
    }
    let (mut span, context) = app.kit.spans.begin(None, || conventions::work("expire reservations"));
    let looked = trace::within(context, look_at(&app, due)).await;
    span.judge(&looked);
    looked
}

async fn look_at(app: &App, due: Vec<Due>) -> Result<Progress, Error> {
    let full = due.len() as u64 >= BATCH.unsigned_abs();
    let (lapsed, all_asked) = ask(app, due).await;
    expire_all(app, &lapsed).await?;
    Ok(if full && all_asked { Progress::More } else { Progress::Found })
}

/// Which of them no live order holds, and whether all could be asked about.
async fn ask(app: &App, due: Vec<Due>) -> (Vec<Due>, bool) {
    let mut lapsed = Vec::new();
    for reservation in due {
        match is_needed(app, &reservation).await {
            Ok(true) => {}
            Ok(false) => lapsed.push(reservation),
            Err(cause @ KitError::Peer(PeerError::Unreachable { .. })) => {
                tracing::warn!(%cause, "order-service cannot be asked; reservations past their time are kept");
                // The rest would only wait for the same deadline.
                return (lapsed, false);
            }
            Err(cause) => {
                tracing::warn!(checkout.id = %reservation.checkout_id, %cause, "no answer about a reservation past its time; it is kept");
            }
        }
    }
    (lapsed, true)
}

/// Whether a live order holds it, or may yet. A "no" is order-service's own word, given with the checkout claimed: no
/// order will come behind it.
async fn is_needed(app: &App, due: &Due) -> Result<bool, KitError> {
    let path = format!("/internal/checkouts/{}/expire", due.checkout_id);
    let answer: CheckoutExpiry = app.kit.peers.post(ServiceName::Order, &path, &()).await?;
    Ok(!answer.expired)
}

/// All at once; where that fails, each alone: one that cannot expire must not hold up the others.
async fn expire_all(app: &App, lapsed: &[Due]) -> Result<(), Error> {
    if lapsed.is_empty() {
        return Ok(());
    }
    if lapsed.len() > 1 && expire_slice(app, begin(app).await?, lapsed).await.is_ok() {
        return Ok(());
    }
    for one in lapsed {
        // Without the database none could expire; any other failure is this reservation's own.
        let tx = begin(app).await?;
        if let Err(cause) = expire_slice(app, tx, slice::from_ref(one)).await {
            tracing::error!(checkout.id = %one.checkout_id, %cause, "a reservation could not expire; it is kept");
        }
    }
    Ok(())
}

async fn begin(app: &App) -> Result<Tx, Error> {
    Ok(app.kit.database.begin("expire_reservations").await?)
}

async fn expire_slice(app: &App, mut tx: Tx, lapsed: &[Due]) -> Result<(), Error> {
    let followed = expire::expire(&app.kit, &mut tx, &Cause::current(), lapsed).await?;
    let _committed = tx.commit().await?;
    app.stock_watch.mark(followed.available_again);
    for change in followed.changes {
        tracing::info!(checkout.id = %change.to.checkout_id, order.id = %change.to.order_id, "a reservation expired");
    }
    Ok(())
}
