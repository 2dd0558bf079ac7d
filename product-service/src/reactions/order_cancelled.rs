//! `order.cancelled`: the stock goes back. When it overtakes the reservation itself, nothing will be taken any more.

use crate::{Error, app::App, domain::Fact, store::transition};
use contracts::{Event, events::order::Cancelled};
use service_kit::{
    Committed, Tx,
    labs::{cure, step},
};

pub(crate) async fn react(app: App, mut tx: Tx, event: Event<Cancelled>) -> Result<Committed, Error> {
    // The compensation of the reservation.
    if !cure("cancel-gives-back") {
        return Ok(tx.commit().await?);
    }
    let Cancelled { checkout_id, order_id, .. } = event.data;
    let change = transition::apply(&mut tx, checkout_id, order_id, Fact::Cancelled, app.kit.clock.now()).await?;
    step("compensate").await?;
    let committed = tx.commit().await?;
    app.stock_watch.mark(change.available_again);
    Ok(committed)
}
