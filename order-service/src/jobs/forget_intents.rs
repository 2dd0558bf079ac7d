//! Forgets intents whose time is over: of requests that ended with their process, or whose outcome nobody ever learned.

use crate::{
    changes::count_guest::COUNTED_FOR,
    error::Error,
    state::App,
    store::{guest_checkouts, intents},
};
use service_kit::jobs::Progress;

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let before = app.kit.clock.now() - app.reservation_ttl;
    let mut connection = app.kit.database.acquire().await?;
    let forgotten = intents::forget(&mut connection, before).await?;
    guest_checkouts::forget(&mut connection, app.kit.clock.now() - COUNTED_FOR).await?;
    app.withdrawals.tidy();
    if forgotten > 0 {
        tracing::info!(forgotten, "checkouts that nobody finished no longer count");
    }
    Ok(Progress::Idle)
}
