//! The same rows by PostgreSQL's own load program, on the same server. The tables and statements are those of 28 November
//! 2026 (`bench/sql/`) and stay as they are: a limit that moves with what it measures is none.

use crate::{
    platform::{self, Platform},
    readings::processes::Table,
    result::Pgbench,
};
use anyhow::{Context, bail};
use contracts::ServiceName;
use dev_postgres::Source;
use sqlx::AssertSqlSafe;
use std::{collections::BTreeMap, fmt::Write, fs, path::PathBuf, process::Stdio, time::Duration};
use tokio::process::Command;

const DATABASE: &str = "limit_db";
const SCHEMA: &str = include_str!("../../sql/schema.sql");
/// Each with the orders of one transaction.
const PLACED: &[(&str, f64, &str)] = &[
    ("placed by 6 statements", 1.0, include_str!("../../sql/single.sql")),
    ("placed by one CTE", 1.0, include_str!("../../sql/cte.sql")),
    ("placed, 32 in one CTE", 32.0, include_str!("../../sql/batch.sql")),
];
/// All of one settled order as it was on 28 November 2026: 22 transactions, 87 statements, rows in, changed and out.
const SETTLED: &str = "settled, unbatched";
/// As order-service takes the numbers of a whole batch: what one sequence gives.
const NUMBERED: (&str, f64, &str) =
    ("numbers of one sequence, by 64", 64.0, "SELECT count(nextval('things_id_seq')) FROM generate_series(1, 64);\n");
const ROWS_IN: u32 = 36;
const ROWS_CHANGED: u32 = 14;
const ROWS_OUT: u32 = 6;
const CLIENTS: &str = "8";

pub(super) async fn measure(platform: &Platform, time: Duration) -> anyhow::Result<BTreeMap<String, Pgbench>> {
    let admin = platform.watch(ServiceName::Order);
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {DATABASE}"))).execute(admin).await?;
    let pool = platform::onlooker(&platform.stack, DATABASE).await?;
    sqlx::raw_sql(SCHEMA).execute(&pool).await?;
    pool.close().await;
    let settled = settled_script()?;
    let mut measured = BTreeMap::new();
    for (name, orders, script) in PLACED.iter().copied().chain([(SETTLED, 1.0, &*settled), NUMBERED]) {
        measured.insert(name.to_owned(), run(platform, script, orders, time).await?);
    }
    Ok(measured)
}

async fn run(platform: &Platform, script: &str, orders: f64, time: Duration) -> anyhow::Result<Pgbench> {
    let file = platform.stack.folder().join("limit.sql");
    fs::write(&file, script)?;
    let url: url::Url = platform.stack.database_url(DATABASE).parse()?;
    let (host, port) = (platform.stack.folder().join("postgres/socket"), url.port().context("no port")?);
    let mut command = Command::new(program()?);
    command.args(["--no-vacuum", "--protocol=prepared", "--jobs=1", "--client", CLIENTS, "--username=postgres"]);
    command.arg("--time").arg(time.as_secs().to_string()).arg("--file").arg(&file);
    command.arg("--host").arg(host).arg("--port").arg(port.to_string()).arg(DATABASE).stdin(Stdio::null());
    let postgres = platform.stack.postgres_pid().context("PostgreSQL is not running")?;
    let used = || Ok::<f64, anyhow::Error>(Table::read()?.family(postgres).ms);
    let before = used()?;
    let output = command.kill_on_drop(true).output().await.context("running pgbench")?;
    let ms = used()? - before;
    let text = String::from_utf8_lossy(&output.stdout);
    let transactions = figure(&text, "number of transactions actually processed:");
    let rate = figure(&text, "tps =");
    let (Some(transactions), Some(rate), true) = (transactions, rate, output.status.success()) else {
        bail!("pgbench failed: {text}{}", String::from_utf8_lossy(&output.stderr));
    };
    Ok(Pgbench { orders_per_second: rate * orders, ms: ms / (transactions * orders) })
}

/// It comes with the server.
fn program() -> anyhow::Result<PathBuf> {
    let newest = dev_postgres::installed().into_iter().find_map(|source| match source {
        Source::Installed { bin, .. } => Some(bin.join("pgbench")),
        Source::Bundled => None,
    });
    Ok(newest.filter(|program| program.is_file()).unwrap_or_else(|| PathBuf::from("pgbench")))
}

/// The number that follows.
fn figure(text: &str, after: &str) -> Option<f64> {
    let (_, rest) = text.split_once(after)?;
    rest.split_whitespace().next()?.parse().ok()
}

/// As many transactions, statements and rows as an order took: 11 explicit transactions with all that changes rows in them,
/// and 9 statements that only read.
fn settled_script() -> anyhow::Result<String> {
    const TRANSACTIONS: usize = 11;
    const READS: usize = 9;
    let insert = "INSERT INTO things (owner, status, body) SELECT gen_random_uuid(), 'new', body FROM sample;\n";
    // In a subquery: a volatile function in a condition is asked for each row of the table.
    let update = "UPDATE things SET status = 'done', body = body WHERE id = (SELECT currval('things_id_seq'));\n";
    let delete = "DELETE FROM things WHERE id = (SELECT currval('things_id_seq') - 1);\n";
    let mut changes: Vec<&str> = Vec::new();
    for number in 0..ROWS_IN {
        changes.push(insert);
        // Spread evenly, so that each finds a row of its own.
        let due = |all: u32| (number + 1) * all / ROWS_IN > number * all / ROWS_IN;
        changes.extend(due(ROWS_CHANGED).then_some(update));
        changes.extend(due(ROWS_OUT).then_some(delete));
    }
    let mut script = String::new();
    for number in 0..TRANSACTIONS {
        let at = |number: usize| changes.len() * number / TRANSACTIONS;
        write!(script, "BEGIN;\n{}COMMIT;\n", changes[at(number)..at(number + 1)].concat())?;
    }
    script.push_str(&"SELECT status FROM things WHERE id = (SELECT currval('things_id_seq'));\n".repeat(READS));
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::{figure, settled_script};

    #[test]
    fn what_pgbench_says_is_read() {
        let text =
            "number of transactions actually processed: 1234/1234\nlatency average = 1 ms\ntps = 617.5 (without)\n";
        assert_eq!(figure(text, "tps ="), Some(617.5));
        let text = "number of transactions actually processed: 1234\n";
        assert_eq!(figure(text, "number of transactions actually processed:"), Some(1234.0));
        assert_eq!(figure(text, "tps ="), None);
    }

    #[test]
    fn the_script_has_the_statements_of_one_settled_order() {
        let script = settled_script().unwrap();
        let count = |word: &str| script.lines().filter(|line| line.starts_with(word)).count();
        assert_eq!(count("INSERT"), 36);
        assert_eq!((count("UPDATE"), count("DELETE"), count("BEGIN")), (14, 6, 11));
    }
}
