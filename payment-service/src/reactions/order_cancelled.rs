//! `order.cancelled`: no money is taken any more, and what was taken goes back.

use crate::{changes::cancel, error::Error, state::App};
use contracts::{Event, events::order::Cancelled};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<Cancelled>>) -> Result<Committed, Error> {
    cancel::cancel(&app, &mut tx, events).await?;
    Ok(tx.commit().await?)
}
