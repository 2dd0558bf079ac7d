//! Which database each service gets, on a server of the operator's or on our own.

use anyhow::{Context, anyhow};
use contracts::ServiceName;
use service_kit::{Env, connect_options, why_not_opened};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::collections::BTreeMap;
use url::Url;

/// `USER_DATABASE_URL` and its siblings, for those that are set.
pub fn overrides(env: &Env) -> anyhow::Result<BTreeMap<ServiceName, String>> {
    let mut given = BTreeMap::new();
    for service in ServiceName::ALL {
        let name = format!("{}_DATABASE_URL", service.short().to_uppercase());
        if env.text(&name)?.is_some() {
            given.insert(service, env.url(&name, &["postgres", "postgresql"], "")?.into());
        }
    }
    Ok(given)
}

/// Makes the missing ones of the five databases on a server, whose URLs `url_of` gives by name.
pub async fn create(
    given: BTreeMap<ServiceName, String>,
    url_of: impl Fn(&str) -> anyhow::Result<String>,
) -> anyhow::Result<BTreeMap<ServiceName, String>> {
    let mut databases = given;
    let missing: Vec<_> = ServiceName::ALL.into_iter().filter(|service| !databases.contains_key(service)).collect();
    if missing.is_empty() {
        return Ok(databases);
    }
    let mut server = connect(&url_of("postgres")?).await?;
    let existing: Vec<String> = sqlx::query_scalar("SELECT datname FROM pg_database").fetch_all(&mut server).await?;
    for service in missing {
        let name = service.database();
        if !existing.iter().any(|database| database == name) {
            // A name of ours, not of anybody's input.
            let statement = AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"));
            let made = sqlx::query(statement).execute(&mut server).await;
            made.with_context(|| format!("the database {name} cannot be made: create it, or give a user who may"))?;
        }
        databases.insert(service, url_of(name)?);
    }
    server.close().await?;
    Ok(databases)
}

/// Whether the user of this URL may make others on its server.
pub async fn may_make_users(url: &str) -> anyhow::Result<bool> {
    let mut server = connect(url).await?;
    let may = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user";
    let may = sqlx::query_scalar(may).fetch_one(&mut server).await?;
    server.close().await?;
    Ok(may)
}

async fn connect(url: &str) -> anyhow::Result<PgConnection> {
    let why = |cause: sqlx::Error| anyhow!(why_not_opened("DATABASE_URL", url, &cause));
    let options = connect_options(url).map_err(why)?;
    PgConnection::connect_with(&options).await.map_err(why)
}

/// The same server's URL for another of its databases.
pub fn on_server(server: &Url, database: &str) -> String {
    let mut url = server.clone();
    url.set_path(&format!("/{database}"));
    url.into()
}
