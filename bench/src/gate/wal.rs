//! Bytes of PostgreSQL's log by the services' statements. Whole pages, which are written once after each checkpoint, are
//! left out while the gate counts: when a checkpoint comes is timing.

use crate::platform::{ONLOOKER, Platform};
use contracts::ServiceName;
use std::collections::BTreeMap;

/// By service; a relay's heartbeat comes by the clock.
///
/// # Errors
/// The database is away.
pub(super) async fn bytes(platform: &Platform) -> anyhow::Result<BTreeMap<String, i64>> {
    let query = "SELECT datname::text, sum(wal_bytes)::bigint
                 FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid JOIN pg_roles ON pg_roles.oid = userid
                 WHERE rolname <> $1 AND query NOT LIKE '%relay_heartbeat%' GROUP BY datname";
    let rows: Vec<(String, i64)> =
        sqlx::query_as(query).bind(ONLOOKER).fetch_all(platform.watch(ServiceName::Order)).await?;
    let named = |(database, bytes): (String, i64)| {
        let service = ServiceName::ALL.into_iter().find(|service| service.database() == database)?;
        Some((service.short().to_owned(), bytes))
    };
    Ok(rows.into_iter().filter_map(named).collect())
}
