//! `<service> migrate`: brings a service's tables up to date, and ends.

use super::process::{in_runtime, stop_on_signal};
use crate::{
    Env, KitError,
    config::{self, OWNER},
    database::{
        Migrated, bring_up_to_date, connect_alone, connect_options, give_rights, migrating_may_pass, not_opened,
    },
};
use anyhow::bail;
use contracts::ServiceName;
use secrecy::{ExposeSecret, SecretString};
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
    let owner = config::database_owner(&env, &url)?;
    let migrated = in_runtime(async {
        let stop = stop_on_signal()?;
        // The first process of a container is not ended by a signal that it does not listen to.
        tokio::select! {
            migrated = patiently(service, (&url, &variable), owner.as_ref(), own) => Ok(migrated?),
            () = stop.cancelled() => bail!("told to end before the tables were up to date; what was begun is rolled back"),
        }
    })?;
    let works = match owner {
        Some(_) => format!("; user {:?} may work with them", connect_options(url.expose_secret())?.get_username()),
        None => String::new(),
    };
    Ok(writeln!(std::io::stdout(), "{service}: {migrated}{works}")?)
}

async fn patiently(
    service: ServiceName,
    (url, variable): (&SecretString, &str),
    owner: Option<&SecretString>,
    own: &Migrator,
) -> Result<Migrated, KitError> {
    let (migrates, named) = owner.map_or((url, variable), |owner| (owner, OWNER));
    let works = owner.is_some().then_some(url);
    let started = Instant::now();
    loop {
        let (cause, may_pass) = match once(service, migrates, works, own).await {
            Ok(migrated) => return Ok(migrated),
            Err(failed) => failed,
        };
        let cause = not_opened(named, migrates, cause);
        if !may_pass || started.elapsed() >= PATIENCE {
            return Err(cause);
        }
        let seconds_left = PATIENCE.saturating_sub(started.elapsed()).as_secs();
        tracing::warn!(%service, %cause, seconds_left, "the tables could not be brought up to date yet; trying again");
        tokio::time::sleep(AGAIN).await;
    }
}

/// What failed, and whether it may succeed later. `works`: who is let in besides.
async fn once(
    service: ServiceName,
    url: &SecretString,
    works: Option<&SecretString>,
    own: &Migrator,
) -> Result<Migrated, (KitError, bool)> {
    let connected = connect_alone(url).await.map_err(|cause| {
        // Nobody can tell a wrong password or name from a user or database that is still being made.
        let may_pass = !matches!(cause, sqlx::Error::Configuration(_));
        (KitError::from(cause), may_pass)
    });
    let mut connection = connected?;
    let migrated = async {
        let migrated = bring_up_to_date(&mut connection, service, own).await;
        let migrated = migrated.map_err(|cause| {
            let may_pass = migrating_may_pass(&cause);
            (cause, may_pass)
        })?;
        if let Some(works) = works {
            // Whoever is to work with them may be made a moment later, by somebody else.
            give_rights(&mut connection, works).await.map_err(|cause| (cause, true))?;
        }
        Ok(migrated)
    };
    let migrated = migrated.await;
    // The lock goes with the session; how the server takes the good-bye is no matter.
    let _ = connection.close().await;
    migrated
}
