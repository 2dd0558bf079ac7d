//! What a service does when a person is to be forgotten, wants a copy of all that is kept of them, or was a guest and has an
//! account now. A service says what it erases, hands over and moves ([`PersonalData`]); being told, going on after a crash, the receipt and the way to
//! user-service are the same for all and live here.
//!
//! The reactions only write down what is to be done ([`Kit::note_erased`], [`Kit::note_exports`],
//! [`Kit::note_joined`]): somebody's ten thousand
//! orders are no work for one transaction.

mod declared;
mod erasing;
mod exporting;
mod joining;
mod store;

pub use declared::{
    BoxedError, ERASED_AT_ONCE, EXPORTED_AT_ONCE, Erase, Join, Kind, PersonalData, Read, Receipt, Things,
};
pub use erasing::put_off;
pub use joining::joined;

use crate::{Kit, jobs::Progress};
use contracts::events::EventData;
use std::time::Duration;
use store::Turns;

/// How often it is looked for somebody whom another instance left behind; who is new wakes the job, and whose turn was put
/// off is not kept waiting.
pub(crate) const EVERY: Duration = Duration::from_secs(60);

/// A piece of what is a guest's to the account they joined, one of an erasure, then one of an export.
pub(crate) async fn run<App, R: EventData>(
    kit: &Kit,
    app: &App,
    data: &PersonalData<App>,
    receipt: Receipt<R>,
) -> Result<Progress, BoxedError> {
    let now = kit.clock.now();
    let Turns { joined, erased, exported } =
        kit.database.glance(|connection| Box::pin(store::turns(connection))).await?;
    let next = [joined, erased, exported].into_iter().flatten().filter(|turn| *turn > now).min();
    let [joining, erasing, exporting] = [joined, erased, exported].map(|turn| turn.is_some_and(|turn| turn <= now));
    let joined = if joining { joining::run(kit, app, data).await } else { Ok(false) };
    let erased = if erasing { erasing::run(kit, app, data, receipt).await } else { Ok(false) };
    let exported = if exporting { exporting::run(kit, app, data).await } else { Ok(false) };
    // What fails waits by itself, and must not hold up the others. What another instance has is no work of this one.
    let (mut did, mut failed) = (false, None);
    for outcome in [joined, erased, exported] {
        match outcome {
            Ok(something) => did |= something,
            Err(cause) => failed = Some(cause),
        }
    }
    match failed {
        Some(cause) if did => {
            tracing::warn!(%cause, "something about people's data failed; trying again later");
            Ok(Progress::More)
        }
        Some(cause) => Err(cause),
        None if did => Ok(Progress::More),
        None => Ok(Progress::until(next, now)),
    }
}
