//! `order.fulfilled`: the pieces have left the warehouse. What can be bought stays the same.

use crate::{Error, app::App, domain::Fact, store::transition};
use contracts::{Event, events::order::Fulfilled};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, event: Event<Fulfilled>) -> Result<Committed, Error> {
    let Fulfilled { checkout_id, order_id, .. } = event.data;
    transition::apply(&mut tx, checkout_id, order_id, Fact::Fulfilled, app.kit.clock.now()).await?;
    Ok(tx.commit().await?)
}
