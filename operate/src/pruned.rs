//! How far the services' tables were pruned, said plainly wherever somebody asks for what is older.

use crate::{reach::Reach, terminal::time_of};
use contracts::ServiceName;
use service_kit::pruning::pruned_to;
use time::OffsetDateTime;

/// None: all of it is there.
///
/// # Errors
/// The database is away.
pub(crate) async fn to(reach: &Reach, service: ServiceName, table: &str) -> anyhow::Result<Option<OffsetDateTime>> {
    let mut connection = reach.database(service).acquire().await?;
    Ok(pruned_to(&mut connection, table).await?)
}

/// What to say of those event logs that do not reach back to `since` any more, or to their beginning.
///
/// # Errors
/// A database is away.
pub(crate) async fn logs(
    reach: &Reach,
    services: impl IntoIterator<Item = ServiceName>,
    since: Option<OffsetDateTime>,
) -> anyhow::Result<Vec<String>> {
    let mut notes = Vec::new();
    for service in services {
        let pruned = to(reach, service, "event_log").await?;
        if let Some(pruned) = pruned.filter(|pruned| since.is_none_or(|since| since < *pruned)) {
            notes.push(format!(
                "What {service} announced before {} UTC was deleted (RETENTION_EVENTS).",
                time_of(pruned)
            ));
        }
    }
    Ok(notes)
}
