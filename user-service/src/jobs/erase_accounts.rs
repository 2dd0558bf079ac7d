//! Erases accounts whose time to be kept is over.

use crate::{Error, changes::erase, state::App, store::erasures};
use service_kit::jobs::Progress;
use time::Duration;

/// Whose erasing failed lets the others go first.
const TRY_AGAIN: Duration = Duration::minutes(5);

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let now = app.kit.clock.now();
    if !app.kit.database.glance(|connection| Box::pin(erasures::is_any_due(connection, now))).await? {
        return Ok(Progress::Idle);
    }
    let mut tx = app.kit.database.begin("erase_account").await?;
    let Some(erasure) = erasures::lock_due(&mut tx, now).await? else {
        tx.rollback().await?;
        return Ok(Progress::Found);
    };
    let carried_out = async {
        erase::carry_out(&app, &mut tx, &erasure).await?;
        tx.commit().await.map_err(Error::from)
    };
    if let Err(cause) = carried_out.await {
        tracing::error!(account.id = %erasure.account_id, %cause, "an account could not be erased; trying again later");
        let mut connection = app.kit.database.acquire().await?;
        erasures::put_off(&mut connection, erasure.id, now + TRY_AGAIN).await?;
    }
    Ok(Progress::More)
}
