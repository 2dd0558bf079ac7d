//! Looks whether the addresses have accounts whose passwords were forgotten, and asks for the mails of those.

use crate::{Error, changes::account_requests, state::App, store::account_requests as store};
use service_kit::jobs::Progress;

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    if !app.kit.database.glance(|connection| Box::pin(store::is_any_unanswered(connection))).await? {
        return Ok(Progress::Idle);
    }
    let mut tx = app.kit.database.begin("answer_resets").await?;
    let more = account_requests::answer_resets(&app, &mut tx).await?;
    let _committed = tx.commit().await?;
    Ok(if more { Progress::More } else { Progress::Found })
}
