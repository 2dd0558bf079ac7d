//! `user.guest_joined`: whom a guest became is noted; a job moves their messages (`personal_data.rs`).

use crate::{error::Error, state::App};
use contracts::{Event, events::user::GuestJoined};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<GuestJoined>>) -> Result<Committed, Error> {
    app.kit.note_joined(&mut tx, events).await?;
    Ok(tx.commit().await?)
}
