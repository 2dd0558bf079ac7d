//! Takes over what versions before registrations wrote, and write as long as they run beside us.

use crate::{Error, changes::adopt, state::App};
use service_kit::jobs::Progress;
use uuid::Uuid;

/// All of it, before anybody is served: who opens a link mailed by an older version finds it working.
pub(crate) async fn at_start(app: &App) -> Result<(), Error> {
    while run(app.clone()).await? == Progress::More {}
    Ok(())
}

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let mut tx = app.kit.database.begin("adopt_registrations").await?;
    let (adopted, moved) = adopt::registrations(&mut tx).await?;
    let _committed = tx.commit().await?;
    if adopted > 0 {
        tracing::info!(registrations = adopted, "accounts that were never confirmed became registrations");
    }
    if adopted > 0 || moved > 0 {
        return Ok(Progress::More);
    }
    let mut after = Uuid::nil();
    loop {
        let mut tx = app.kit.database.begin("adopt_keys").await?;
        let next = adopt::keys(&mut tx, after).await?;
        let _committed = tx.commit().await?;
        match next {
            Some(last) => after = last,
            None => return Ok(Progress::Idle),
        }
    }
}
