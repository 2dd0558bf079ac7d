//! The PostgreSQL of the all-in-one: the operator's server, or one of our own in the data folder.

use crate::data_folder::DataFolder;
use anyhow::{Context, bail};
use contracts::ServiceName;
use dev_postgres::{Running as Postgres, Settings, SourceChoice};
use operate::{databases, terminal::say};
use service_kit::Env;

type UrlOf = Box<dyn Fn(&str) -> anyhow::Result<String> + Send>;

/// The server we started, if we did, and how a database on it is reached by its name.
pub(super) async fn find_or_start(env: &Env, folder: &DataFolder) -> anyhow::Result<(Option<Postgres>, UrlOf)> {
    if env.text("DATABASE_URL")?.is_some() {
        let server = env.url("DATABASE_URL", &["postgres", "postgresql"], "")?;
        return Ok((None, Box::new(move |database| Ok(databases::on_server(&server, database)))));
    }
    if databases::overrides(env)?.len() == ServiceName::ALL.len() {
        return Ok((None, Box::new(|_| bail!("every service has a database of its own"))));
    }
    if !folder.postgres().exists() {
        say("First start: making a PostgreSQL cluster and the sample catalogue …");
    }
    let mut settings = Settings::new(folder.postgres());
    settings.source = source(env)?;
    // Should nobody wait for it any more, the server ends with its handle.
    let starting = tokio::task::spawn_blocking(move || dev_postgres::start(settings));
    let postgres = starting.await.context("starting PostgreSQL")??;
    let base = postgres.url("%");
    Ok((Some(postgres), Box::new(move |database| Ok(base.replacen("/%", &format!("/{database}"), 1)))))
}

/// `ECOM_POSTGRES`: whose programs a new cluster is made with.
fn source(env: &Env) -> anyhow::Result<Option<SourceChoice>> {
    match env.text("ECOM_POSTGRES")?.as_deref() {
        None => Ok(None),
        Some("installed") => Ok(Some(SourceChoice::Installed)),
        Some("bundled") => Ok(Some(SourceChoice::Bundled)),
        Some(other) => bail!("ECOM_POSTGRES={other:?} is not valid: expected installed or bundled"),
    }
}
