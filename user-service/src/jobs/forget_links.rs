//! Deletes links long expired, and with them what was registered and never confirmed.

use crate::{Error, app::App, store::verifications};
use service_kit::jobs::Progress;
use time::Duration;

/// Until then a person who opens an old mail is told that its link has expired.
const KEPT: Duration = Duration::days(7);
const BATCH: i64 = 500;

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let mut connection = app.kit.database.pool().acquire().await?;
    let deleted = verifications::delete_expired(&mut connection, app.kit.clock.now() - KEPT, BATCH).await?;
    Ok(if deleted == BATCH.unsigned_abs() { Progress::More } else { Progress::Idle })
}
