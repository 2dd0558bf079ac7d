//! `order.created`: stores what is to be charged. No call is made in here.

use crate::{changes::create, error::Error, state::App};
use contracts::{Event, events::order::Created};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<Created>>) -> Result<Committed, Error> {
    let begun = create::create(&app, &mut tx, events).await?;
    let committed = tx.commit().await?;
    // What is not stored is not charged.
    app.at_hand.give(begun);
    Ok(committed)
}
