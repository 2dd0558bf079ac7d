//! `user.erased`: whose account it was is noted; a job erases what is kept of them (`personal_data.rs`).

use crate::{error::Error, state::App};
use contracts::{Event, events::user::Erased};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<Erased>>) -> Result<Committed, Error> {
    app.kit.note_erased(&mut tx, events).await?;
    Ok(tx.commit().await?)
}
