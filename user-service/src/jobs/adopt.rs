//! Takes over what versions before registrations wrote, and write as long as they run beside us: accounts that were never
//! confirmed become registrations, and accounts get their address's key of today. Addresses that fall together under it
//! keep their old keys: a person decides (the doctor lists them).

use crate::{
    Error,
    app::App,
    domain::{canonical, key_of_stored},
    store::{accounts, older_versions},
};
use service_kit::jobs::Progress;
use uuid::Uuid;

const BATCH: i64 = 500;

/// All of it, before anybody is served: who opens a link mailed by an older version finds it working.
pub(crate) async fn at_start(app: &App) -> Result<(), Error> {
    while run(app.clone()).await? == Progress::More {}
    Ok(())
}

pub(crate) async fn run(app: App) -> Result<Progress, Error> {
    let adopted = adopt(&app).await?;
    let mut connection = app.kit.database.pool().acquire().await?;
    let moved = older_versions::adopt_used_links(&mut connection, BATCH).await?;
    drop(connection);
    if adopted || moved > 0 {
        return Ok(Progress::More);
    }
    rekey(&app).await?;
    Ok(Progress::Idle)
}

async fn adopt(app: &App) -> Result<bool, Error> {
    let mut tx = app.kit.database.begin("adopt").await?;
    let old = older_versions::lock(&mut tx, BATCH).await?;
    if old.is_empty() {
        return Ok(false);
    }
    let ids: Vec<Uuid> = old.iter().map(|account| account.id).collect();
    let (emails, keys): (Vec<_>, Vec<_>) = old.iter().map(|account| canonical(&account.email)).unzip();
    older_versions::adopt(&mut tx, &ids, &emails, &keys).await?;
    let _committed = tx.commit().await?;
    tracing::info!(registrations = ids.len(), "accounts that were never confirmed became registrations");
    Ok(true)
}

/// Few accounts have an address beyond ASCII; each is looked at again, since what is in its way may be gone.
async fn rekey(app: &App) -> Result<(), Error> {
    let mut after = Uuid::nil();
    loop {
        let mut connection = app.kit.database.pool().acquire().await?;
        let found = accounts::beyond_ascii(&mut connection, after, BATCH).await?;
        let Some(last) = found.last() else { return Ok(()) };
        after = last.id;
        for account in &found {
            let Some(key) = key_of_stored(&account.email).filter(|key| *key != account.email_key) else { continue };
            if accounts::rekey(&mut connection, account, &key).await? {
                tracing::info!(account.id = %account.id, "an account got its address's key of today");
            }
        }
    }
}
