//! Ends registrations that nobody confirmed in time, with all they hold; and forgets their links a while later.

use crate::{
    Error,
    app::App,
    store::{registration_links, registrations},
};
use service_kit::jobs::Progress;
use time::Duration;

/// Until then a person who opens an old mail is told that its link has expired.
const LINKS_KEPT: Duration = Duration::days(7);
const BATCH: i64 = 500;

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let now = app.kit.clock.now();
    let mut connection = app.kit.database.pool().acquire().await?;
    let ended = registrations::delete_expired(&mut connection, now, BATCH).await?;
    let forgotten = registration_links::delete_expired(&mut connection, now - LINKS_KEPT, BATCH).await?;
    let full = BATCH.unsigned_abs();
    Ok(if ended == full || forgotten == full { Progress::More } else { Progress::Idle })
}
