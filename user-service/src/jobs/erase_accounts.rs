//! Erases accounts whose time to be kept is over.

use crate::{Error, changes::erase, state::App, store::erasures};
use service_kit::{jobs::Progress, personal_data::put_off};

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let now = app.kit.clock.now();
    let next = app.kit.database.glance(|connection| Box::pin(erasures::next_due(connection))).await?;
    if next.is_none_or(|next| next > now) {
        return Ok(Progress::until(next, now));
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
        // Whose erasing failed lets the others go first.
        let mut connection = app.kit.database.acquire().await?;
        let again = put_off(erasure.asked_at + app.erase_after, now);
        erasures::put_off(&mut connection, erasure.id, again).await?;
    }
    Ok(Progress::More)
}
