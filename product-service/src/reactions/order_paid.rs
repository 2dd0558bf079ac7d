//! `order.paid`: the reservation no longer expires.

use crate::{Error, app::App, domain::Fact, store::transition};
use contracts::{Event, events::order::Paid};
use service_kit::{Committed, Tx, labs::cure};

pub(crate) async fn react(app: App, mut tx: Tx, event: Event<Paid>) -> Result<Committed, Error> {
    let Paid { checkout_id, order_id, .. } = event.data;
    if !cure("paid-commits-stock") {
        return Ok(tx.commit().await?);
    }
    transition::apply(&mut tx, checkout_id, order_id, Fact::Paid, app.kit.clock.now()).await?;
    Ok(tx.commit().await?)
}
