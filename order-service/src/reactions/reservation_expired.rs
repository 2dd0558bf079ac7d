//! `reservation.expired`: product-service gave the stock back because it knew of no live order. If there is one all
//! the same (it was stored in that very moment), it is cancelled; if there is none yet, none will be stored.

use crate::{changes::cancel, error::Error, state::App};
use contracts::{Event, events::product::ReservationExpired};
use service_kit::{Cause, Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<ReservationExpired>>) -> Result<Committed, Error> {
    let told = events.into_iter().map(|event| (Cause::of(&event), event.data)).collect();
    cancel::without_stock(&app, &mut tx, told).await?;
    Ok(tx.commit().await?)
}
