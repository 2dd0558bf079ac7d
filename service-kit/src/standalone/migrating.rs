//! `<service> migrate`: brings a service's tables up to date, and ends.

use super::process::{in_runtime, stop_on_signal};
use crate::{
    Env, KitError, config,
    database::{Migrated, bring_up_to_date, connect_alone, migrating_may_pass, not_opened},
};
use anyhow::bail;
use contracts::ServiceName;
use secrecy::SecretString;
use sqlx::{Connection, migrate::Migrator};
use std::{
    io::Write,
    time::{Duration, Instant},
};

/// A database that is installed in the same moment may take so long to come.
const PATIENCE: Duration = Duration::from_secs(300);
const AGAIN: Duration = Duration::from_secs(2);

/// Brings one service's tables up to date and says what that came to. It needs nothing but its database.
///
/// # Errors
/// There is no such database after five minutes, its tables are none of this service's, or a migration fails; or it is told
/// to end.
pub fn migrate(service: ServiceName, env: &Env, own: &Migrator) -> anyhow::Result<()> {
    let env = config::on_its_own_database(env.clone(), service)?;
    let (url, variable) = config::database(&env, service)?;
    let migrated = in_runtime(async {
        let stop = stop_on_signal()?;
        // The first process of a container is not ended by a signal that it does not listen to.
        tokio::select! {
            migrated = patiently(service, &url, &variable, own) => Ok(migrated?),
            () = stop.cancelled() => bail!("told to end before the tables were up to date; what was begun is rolled back"),
        }
    })?;
    Ok(writeln!(std::io::stdout(), "{service}: {migrated}")?)
}

async fn patiently(
    service: ServiceName,
    url: &SecretString,
    variable: &str,
    own: &Migrator,
) -> Result<Migrated, KitError> {
    let started = Instant::now();
    loop {
        let (cause, may_pass) = match once(service, url, own).await {
            Ok(migrated) => return Ok(migrated),
            Err(failed) => failed,
        };
        let cause = not_opened(variable, url, cause);
        if !may_pass || started.elapsed() >= PATIENCE {
            return Err(cause);
        }
        let seconds_left = PATIENCE.saturating_sub(started.elapsed()).as_secs();
        tracing::warn!(%service, %cause, seconds_left, "the tables could not be brought up to date yet; trying again");
        tokio::time::sleep(AGAIN).await;
    }
}

/// What failed, and whether it may succeed later.
async fn once(service: ServiceName, url: &SecretString, own: &Migrator) -> Result<Migrated, (KitError, bool)> {
    let connected = connect_alone(url).await.map_err(|cause| {
        // Nobody can tell a wrong password or name from a user or database that is still being made.
        let may_pass = !matches!(cause, sqlx::Error::Configuration(_));
        (KitError::from(cause), may_pass)
    });
    let mut connection = connected?;
    let migrated = bring_up_to_date(&mut connection, service, own).await;
    // The lock goes with the session; how the server takes the good-bye is no matter.
    let _ = connection.close().await;
    migrated.map_err(|cause| {
        let may_pass = migrating_may_pass(&cause);
        (cause, may_pass)
    })
}
