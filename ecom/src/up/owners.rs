//! As whom each service works with its database: a user of its own, who owns nothing there. The owner migrates.

use crate::data_folder::DataFolder;
use anyhow::{Context, anyhow};
use contracts::ServiceName;
use operate::databases;
use service_kit::Env;
use std::{collections::BTreeMap, fs};
use url::Url;

/// By service, each way into its database.
pub(super) struct Databases {
    /// As whom it works.
    pub(super) work: BTreeMap<ServiceName, String>,
    /// As whom its tables belong to, where that is another.
    pub(super) owners: BTreeMap<ServiceName, String>,
}

/// Of the databases that the operator named, who owns them is named as well, or it is who works with them. In those that were
/// made here, a service is a user that is made for it, with a password that lies in the data folder.
pub(super) async fn told_apart(
    env: &Env,
    folder: &DataFolder,
    databases: BTreeMap<ServiceName, String>,
) -> anyhow::Result<Databases> {
    let named = databases::overrides(env)?;
    let mut owners = BTreeMap::new();
    let mut work = databases;
    for service in ServiceName::ALL {
        let variable = format!("{}_OWNER_DATABASE_URL", service.short().to_uppercase());
        if env.text(&variable)?.is_some() {
            owners.insert(service, env.url(&variable, &["postgres", "postgresql"], "")?.into());
        }
    }
    let made: Vec<_> = ServiceName::ALL.into_iter().filter(|service| !named.contains_key(service)).collect();
    let Some(any) = made.first().and_then(|service| work.get(service)) else { return Ok(Databases { work, owners }) };
    if !databases::may_make_users(any).await? {
        tracing::warn!("the user of DATABASE_URL may make no others: all services work as it, and own their tables");
        return Ok(Databases { work, owners });
    }
    for service in made {
        let owner = work.remove(&service).with_context(|| format!("{service} has no database"))?;
        let file = folder.key(&format!("{}-database-password", service.short()))?;
        let password = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        work.insert(service, of_user(&owner, service.database_user(), &password)?);
        owners.insert(service, owner);
    }
    Ok(Databases { work, owners })
}

/// The same database by another user.
fn of_user(owner: &str, user: &str, password: &str) -> anyhow::Result<String> {
    let mut url = Url::parse(owner).context("the database's address")?;
    let named = url.set_username(user).and_then(|()| url.set_password(Some(password)));
    named.map_err(|()| anyhow!("the database's address has no host"))?;
    Ok(url.into())
}
