//! `user.export_requested`: whose data are wanted is noted; a job hands them over (`personal_data.rs`).

use crate::{error::Error, state::App};
use contracts::{Event, events::user::ExportRequested};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, mut tx: Tx, events: Vec<Event<ExportRequested>>) -> Result<Committed, Error> {
    app.kit.note_exports(&mut tx, events).await?;
    Ok(tx.commit().await?)
}
