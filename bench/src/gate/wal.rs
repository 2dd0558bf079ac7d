//! Bytes of PostgreSQL's log by the services' statements. Whole pages, which are written once after each checkpoint,
//! are left out while the gate counts: when a checkpoint comes is timing. So is when old rows are cleared away in the
//! background, which it therefore does before each part and not meanwhile.

use super::statements::TIMED;
use crate::platform::{ONLOOKER, Platform};
use contracts::ServiceName;
use std::collections::BTreeMap;

/// Longer texts are cut when they are shown.
const WIDTH: usize = 100;
/// Less than this an order is not shown.
const SHOWN: i64 = 64;

/// By service and statement.
#[derive(Debug, Default)]
pub(super) struct Wal(BTreeMap<(String, String), i64>);

/// Clears old rows away now, since nothing else does: so each part begins with pages in the same state.
///
/// # Errors
/// A database is away.
pub(super) async fn clear(platform: &Platform) -> anyhow::Result<()> {
    for service in ServiceName::ALL {
        sqlx::raw_sql("VACUUM").execute(platform.watch(service)).await?;
    }
    Ok(())
}

impl Wal {
    /// Without what comes by the clock: telling what is in stock.
    ///
    /// # Errors
    /// The database is away.
    pub(super) async fn read(platform: &Platform) -> anyhow::Result<Self> {
        let query = "SELECT datname::text, query, sum(wal_bytes)::bigint
                     FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
                         JOIN pg_roles ON pg_roles.oid = userid
                     WHERE rolname <> $1 AND position($2 IN query) = 0
                     GROUP BY datname, query";
        let rows: Vec<(String, String, i64)> =
            sqlx::query_as(query).bind(ONLOOKER).bind(TIMED).fetch_all(platform.watch(ServiceName::Order)).await?;
        let mut bytes = BTreeMap::new();
        for (database, statement, written) in rows {
            if let Some(service) = ServiceName::ALL.into_iter().find(|service| service.database() == database) {
                let statement = statement.split_whitespace().collect::<Vec<_>>().join(" ");
                *bytes.entry((service.short().to_owned(), statement)).or_default() += written;
            }
        }
        Ok(Self(bytes))
    }

    pub(super) fn since(mut self, before: &Self) -> Self {
        for (statement, written) in &before.0 {
            if let Some(all) = self.0.get_mut(statement) {
                *all -= written;
            }
        }
        self.0.retain(|_, written| *written > 0);
        self
    }

    pub(super) fn by_service(&self) -> BTreeMap<&str, i64> {
        let mut sums = BTreeMap::<_, i64>::new();
        for ((service, _), written) in &self.0 {
            *sums.entry(service.as_str()).or_default() += written;
        }
        sums
    }

    /// For people, what wrote most first.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut all: Vec<_> = self.0.iter().filter(|(_, written)| **written >= SHOWN).collect();
        all.sort_by_key(|(_, written)| -**written);
        let line = |((service, statement), written): (&(String, String), &i64)| {
            format!("{written:>9} bytes of {service}: {}", statement.chars().take(WIDTH).collect::<String>())
        };
        all.into_iter().map(line).collect()
    }
}
