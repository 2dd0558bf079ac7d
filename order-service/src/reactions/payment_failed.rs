//! `payment.failed`: the order is cancelled; its stock goes back by the event that follows.

use crate::{changes::cancel, error::Error, state::App};
use contracts::{Event, events::payment::Failed};
use service_kit::{Cause, Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<Failed>>) -> Result<Committed, Error> {
    let told = events.into_iter().map(|event| (Cause::of(&event), event.data)).collect();
    cancel::unpayable(&app, &mut tx, told).await?;
    Ok(tx.commit().await?)
}
