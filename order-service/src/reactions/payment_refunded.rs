//! `payment.refunded`: the order notes what was given back.

use crate::{changes::refund, error::Error, state::App};
use contracts::{Event, events::payment::Refunded};
use service_kit::{Cause, Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<Refunded>>) -> Result<Committed, Error> {
    let told = events.into_iter().map(|event| (Cause::of(&event), event.data)).collect();
    refund::note(&app, &mut tx, told).await?;
    Ok(tx.commit().await?)
}
