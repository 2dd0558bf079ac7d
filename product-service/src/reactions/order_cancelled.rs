//! `order.cancelled`: the stock goes back. When it overtakes the reservation itself, nothing will be taken any more.

use crate::{
    changes::follow::{Heard, follow},
    domain::Fact,
    error::Error,
    state::App,
};
use contracts::{Event, events::order::Cancelled};
use service_kit::{Committed, Tx, cure};

/// The compensation of the reservation.
#[cure(cancel_gives_back, instead = crate::labs::commit_only)]
pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<Cancelled>>) -> Result<Committed, Error> {
    let heard = |Cancelled { checkout_id, order_id, .. }| Heard { checkout_id, order_id, fact: Fact::Cancelled };
    let heard: Vec<Heard> = events.into_iter().map(|event| heard(event.data)).collect();
    let followed = follow(&mut tx, &heard, app.kit.clock.now()).await?;
    let committed = tx.commit().await?;
    app.stock_watch.mark(followed.available_again);
    Ok(committed)
}
