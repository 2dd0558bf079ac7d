//! Forgets carts that nobody has touched for long.

use crate::{error::Error, state::App, store::carts};
use service_kit::jobs::Progress;

const AT_ONCE: i64 = 500;

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let mut connection = app.kit.database.acquire().await?;
    let forgotten = carts::forget(&mut connection, app.kit.clock.now(), AT_ONCE).await?;
    if forgotten > 0 {
        tracing::info!(forgotten, "carts that nobody came back to are gone");
    }
    Ok(if i64::try_from(forgotten) == Ok(AT_ONCE) { Progress::More } else { Progress::Idle })
}
