//! `order.created`: stores what is to be charged. No call is made in here.

use crate::{changes::create, error::Error, state::App};
use contracts::{Event, events::order::Created};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<Created>>) -> Result<Committed, Error> {
    create::create(&app, &mut tx, events).await?;
    Ok(tx.commit().await?)
}
