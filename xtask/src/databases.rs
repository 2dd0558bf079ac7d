//! `cargo xtask databases`: one migrated database per crate with checked queries.

use std::process::ExitCode;

use anyhow::{Context, Result};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use url::Url;

use crate::workspace::{CHECKED_CRATES, CheckedCrate};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A PostgreSQL on which databases may be made
    #[arg(long, value_name = "URL", default_value = "postgres://root@localhost:5432/postgres")]
    server: Url,
    /// Only these; with none named, all. A database is dropped and made anew: name yours to leave colleagues' alone
    #[arg(value_parser = CHECKED_CRATES.map(|checked| checked.short))]
    only: Vec<String>,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let wanted =
        |checked: &&CheckedCrate| arguments.only.is_empty() || arguments.only.iter().any(|n| n == checked.short);
    for checked in CHECKED_CRATES.iter().filter(wanted) {
        let database = make(&arguments.server, checked).await?;
        // Quoted: a URL may hold `&` and `?`.
        println!("export {}='{database}'", checked.variable);
    }
    Ok(ExitCode::SUCCESS)
}

/// Drops, makes and migrates the crate's database; the answer is how to reach it.
pub(crate) async fn make(server: &Url, checked: &CheckedCrate) -> Result<Url> {
    let name = format!("ecom_dev_{}", checked.short);
    let mut connection = PgConnection::connect(server.as_str())
        .await
        .with_context(|| format!("connecting to {server}: is a PostgreSQL running there? (--server URL)"))?;
    // FORCE: an editor's or a colleague's open connection must not stop us.
    for statement in [format!("drop database if exists {name} with (force)"), format!("create database {name}")] {
        sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut connection).await.context(statement)?;
    }
    connection.close().await?;

    let mut database = server.clone();
    database.set_path(&name);
    let mut connection =
        PgConnection::connect(database.as_str()).await.with_context(|| format!("connecting to {name}"))?;
    for file in checked.migrations()? {
        let sql = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
            .with_context(|| format!("migrating {name} with {}", file.display()))?;
    }
    connection.close().await?;
    Ok(database)
}
