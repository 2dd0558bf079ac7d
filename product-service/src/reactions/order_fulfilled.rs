//! `order.fulfilled`: the pieces have left the warehouse. What can be bought stays the same.

use crate::{
    changes::follow::{Heard, follow},
    domain::Fact,
    error::Error,
    state::App,
};
use contracts::{Event, events::order::Fulfilled};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<Fulfilled>>) -> Result<Committed, Error> {
    let heard = |Fulfilled { checkout_id, order_id, .. }| Heard { checkout_id, order_id, fact: Fact::Fulfilled };
    let heard: Vec<Heard> = events.into_iter().map(|event| heard(event.data)).collect();
    follow(&mut tx, &heard, app.kit.clock.now()).await?;
    Ok(tx.commit().await?)
}
