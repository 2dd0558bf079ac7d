//! What PostgreSQL counts.

use crate::{
    platform::Platform,
    result::{Database, Statement},
};
use anyhow::Context;
use contracts::ServiceName;
use serde_json::Value;
use sqlx::PgPool;
use std::collections::{BTreeMap, HashMap};

/// As many as a page shows.
const DEAREST: usize = 10;

/// Over all databases.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Server {
    pub(crate) writing_transactions: f64,
    pub(crate) wal_bytes: f64,
    pub(crate) wal_records: f64,
    pub(crate) fsyncs: f64,
}

/// A statement as it was seen so far.
#[derive(Clone, Debug, Default)]
struct Seen {
    text: String,
    calls: f64,
    ms: f64,
    pages: f64,
    wal_bytes: f64,
}

/// How large each database is, with all that was written so far in its files.
///
/// # Errors
/// One does not answer.
pub(crate) async fn bytes(platform: &Platform) -> anyhow::Result<BTreeMap<String, f64>> {
    let mut bytes = BTreeMap::new();
    for service in ServiceName::ALL {
        let size = "SELECT pg_database_size(current_database())::float8";
        bytes.insert(service.short().to_owned(), sqlx::query_scalar(size).fetch_one(platform.watch(service)).await?);
    }
    Ok(bytes)
}

/// What was ever counted.
pub(crate) struct Databases {
    server: Server,
    counts: BTreeMap<ServiceName, Database>,
    statements: BTreeMap<ServiceName, HashMap<i64, Seen>>,
}

impl Databases {
    /// # Errors
    /// A database does not answer.
    pub(crate) async fn read(platform: &Platform) -> anyhow::Result<Self> {
        let server = server(platform.watch(ServiceName::Order)).await?;
        let (mut counts, mut statements) = (BTreeMap::new(), BTreeMap::new());
        for service in ServiceName::ALL {
            let pool = platform.watch(service);
            let seen = seen(pool).await?;
            let mut count = count(pool).await?;
            count.statements = seen.values().map(|one| one.calls).sum();
            count.wal_bytes = seen.values().map(|one| one.wal_bytes).sum();
            counts.insert(service, count);
            statements.insert(service, seen);
        }
        Ok(Self { server, counts, statements })
    }

    /// Per order, of so many between the two.
    pub(crate) fn between(&self, later: &Self, orders: f64) -> (Server, BTreeMap<String, Database>) {
        let (before, after) = (self.server, later.server);
        let server = Server {
            writing_transactions: (after.writing_transactions - before.writing_transactions) / orders,
            wal_bytes: (after.wal_bytes - before.wal_bytes) / orders,
            wal_records: (after.wal_records - before.wal_records) / orders,
            fsyncs: (after.fsyncs - before.fsyncs) / orders,
        };
        let databases = later.counts.iter().map(|(service, after)| {
            let before = self.counts.get(service).copied().unwrap_or_default();
            (service.short().to_owned(), difference(before, *after).per(orders))
        });
        (server, databases.collect())
    }

    /// Those that took longest, all calls together.
    pub(crate) fn dearest(&self, later: &Self, orders: f64) -> Vec<Statement> {
        let mut all: Vec<Statement> = Vec::new();
        for (service, statements) in &later.statements {
            for (id, after) in statements {
                let before = self.statements.get(service).and_then(|known| known.get(id)).cloned().unwrap_or_default();
                let (calls, ms) = (after.calls - before.calls, after.ms - before.ms);
                if calls > 0.0 {
                    all.push(Statement {
                        database: service.short().to_owned(),
                        text: after.text.clone(),
                        calls: calls / orders,
                        ms: ms / orders,
                        mean: ms / calls,
                        pages: (after.pages - before.pages) / calls,
                    });
                }
            }
        }
        all.sort_by(|one, other| other.ms.total_cmp(&one.ms));
        all.truncate(DEAREST);
        all
    }
}

fn difference(before: Database, after: Database) -> Database {
    Database {
        transactions: after.transactions - before.transactions,
        statements: after.statements - before.statements,
        rows_in: after.rows_in - before.rows_in,
        rows_changed: after.rows_changed - before.rows_changed,
        rows_out: after.rows_out - before.rows_out,
        wal_bytes: after.wal_bytes - before.wal_bytes,
    }
}

async fn server(pool: &PgPool) -> anyhow::Result<Server> {
    // As JSON, since PostgreSQL 18 counts what it writes elsewhere.
    let query = "SELECT to_jsonb(wal), pg_snapshot_xmax(pg_current_snapshot())::text FROM pg_stat_wal AS wal";
    let (wal, next): (Value, String) = sqlx::query_as(query).fetch_one(pool).await?;
    let field = |name: &str| wal[name].as_f64();
    let fsyncs = match field("wal_sync") {
        Some(fsyncs) => fsyncs,
        None => {
            let query = "SELECT coalesce(sum(fsyncs), 0)::float8 FROM pg_stat_io WHERE object = 'wal'";
            sqlx::query_scalar(query).fetch_one(pool).await?
        }
    };
    Ok(Server {
        writing_transactions: next.parse().context("an odd transaction id")?,
        wal_bytes: field("wal_bytes").unwrap_or_default(),
        wal_records: field("wal_records").unwrap_or_default(),
        fsyncs,
    })
}

async fn count(pool: &PgPool) -> anyhow::Result<Database> {
    let query = "SELECT (xact_commit + xact_rollback)::float8 FROM pg_stat_database WHERE datname = current_database()";
    let transactions: f64 = sqlx::query_scalar(query).fetch_one(pool).await?;
    let query = "SELECT coalesce(sum(n_tup_ins), 0)::float8, coalesce(sum(n_tup_upd), 0)::float8,
                     coalesce(sum(n_tup_del), 0)::float8
                 FROM pg_stat_user_tables";
    let (rows_in, rows_changed, rows_out) = sqlx::query_as(query).fetch_one(pool).await?;
    Ok(Database { transactions, rows_in, rows_changed, rows_out, ..Database::default() })
}

/// Of the services alone, not of who looks on.
async fn seen(pool: &PgPool) -> anyhow::Result<HashMap<i64, Seen>> {
    let query = "SELECT queryid, min(query), sum(calls)::float8, sum(total_exec_time + total_plan_time)::float8,
                     sum(shared_blks_hit + shared_blks_read)::float8, sum(wal_bytes)::float8
                 FROM pg_stat_statements
                 WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                     AND userid <> (SELECT oid FROM pg_roles WHERE rolname = current_user) AND toplevel
                 GROUP BY queryid";
    let rows: Vec<(i64, String, f64, f64, f64, f64)> = sqlx::query_as(query).fetch_all(pool).await?;
    let seen = rows.into_iter().map(|(id, text, calls, ms, pages, wal_bytes)| {
        (id, Seen { text: text.split_whitespace().collect::<Vec<_>>().join(" "), calls, ms, pages, wal_bytes })
    });
    Ok(seen.collect())
}
