//! What a service does when a person is to be forgotten, or wants a copy of all that is kept of them. A service says what it
//! erases and what it hands over ([`PersonalData`]); being told, going on after a crash, the receipt and the way to
//! user-service are the same for all and live here.
//!
//! The reactions only write down what is to be done ([`Kit::note_erased`], [`Kit::note_exports`]): somebody's ten thousand
//! orders are no work for one transaction.

mod declared;
mod erasing;
mod exporting;
mod store;

pub use declared::{BoxedError, ERASED_AT_ONCE, EXPORTED_AT_ONCE, Erase, Kind, PersonalData, Read, Receipt, Things};

use crate::{Kit, jobs::Progress};
use contracts::events::EventData;
use std::time::Duration;

/// How often it is looked for somebody whose turn was put off; who is new wakes the job.
pub(crate) const EVERY: Duration = Duration::from_secs(60);

/// A piece of an erasure, then one of an export.
pub(crate) async fn run<App, R: EventData>(
    kit: &Kit,
    app: &App,
    data: &PersonalData<App>,
    receipt: Receipt<R>,
) -> Result<Progress, BoxedError> {
    let now = kit.clock.now();
    let (erasing, exporting) = kit.database.glance(|connection| Box::pin(store::what_is_due(connection, now))).await?;
    let erased = if erasing { erasing::run(kit, app, data, receipt).await } else { Ok(false) };
    let exported = if exporting { exporting::run(kit, app, data).await } else { Ok(false) };
    // What fails waits by itself, and must not hold up the other. What another instance has is no work of this one.
    match (erased, exported) {
        (Ok(true), Err(cause)) | (Err(cause), Ok(true)) => {
            tracing::warn!(%cause, "something about people's data failed; trying again later");
            Ok(Progress::More)
        }
        (Err(cause), _) | (_, Err(cause)) => Err(cause),
        (Ok(erased), Ok(exported)) => Ok(if erased || exported { Progress::More } else { Progress::Idle }),
    }
}
