//! Forgets intents whose time is over: of requests that ended with their process, or whose outcome nobody ever learned.

use crate::{error::Error, state::App, store::intents};
use service_kit::jobs::Progress;

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let before = app.kit.clock.now() - app.reservation_ttl;
    let mut connection = app.kit.database.acquire().await?;
    let forgotten = intents::forget(&mut connection, before).await?;
    if forgotten > 0 {
        tracing::info!(forgotten, "checkouts that nobody finished no longer count");
    }
    Ok(Progress::Idle)
}
