//! Sessions that hold something open on a database: they block others, and they block cleaning up.

use super::reading::Reading;
use crate::doctor::Invariant;
use contracts::ServiceName;
use sqlx::FromRow;

/// A transaction that nobody works on.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) service: ServiceName,
    /// The prepared transaction's name, or the backend's process id.
    pub(crate) name: String,
    pub(crate) sentence: String,
}

#[derive(FromRow)]
struct Row {
    name: String,
    sentence: String,
}

pub(super) async fn read(reading: &mut Reading) -> anyhow::Result<Vec<Session>> {
    let rows: Vec<Row> = reading
        .rows(
            Invariant::Hygiene,
            "pg_prepared_xacts and pg_stat_activity",
            "SELECT gid AS name, 'is prepared since ' || prepared || ' and neither committed nor rolled back' AS sentence
             FROM pg_prepared_xacts WHERE database = current_database()
             UNION ALL
             SELECT 'session ' || pid, 'of ' || coalesce(nullif(application_name, ''), 'an unnamed program')
                 || ' is idle in a transaction since ' || state_change
             FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'
               AND state_change < clock_timestamp() - interval '1 minute'",
        )
        .await?;
    let service = reading.service;
    let sessions = rows.into_iter().map(|Row { name, sentence }| Session { service, name, sentence });
    Ok(sessions.collect())
}
