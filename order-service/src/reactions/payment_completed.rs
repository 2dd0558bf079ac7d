//! `payment.completed`: the order is paid, unless it was cancelled meanwhile.

use crate::{changes::pay, error::Error, state::App};
use contracts::{Event, events::payment::Completed};
use service_kit::{Cause, Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<Completed>>) -> Result<Committed, Error> {
    let told = events.into_iter().map(|event| (Cause::of(&event), event.data)).collect();
    pay::pay(&app, &mut tx, told).await?;
    Ok(tx.commit().await?)
}
