//! Ends registrations that nobody confirmed in time.

use crate::{Error, changes::end_registrations, state::App};
use service_kit::jobs::Progress;

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let mut tx = app.kit.database.begin("end_registrations").await?;
    let more = end_registrations::end(&mut tx, app.kit.clock.now()).await?;
    let _committed = tx.commit().await?;
    Ok(if more { Progress::More } else { Progress::Idle })
}
