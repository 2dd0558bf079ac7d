//! What need not be kept for ever is deleted when it is old: a little at a time, so that it holds up nobody, and counted.
//! Answers stored under idempotency keys by their time; what grows with every event by its ids (`pruning.rs`).
//!
//! How old something is two clocks say, this process's and the database's: what is deleted is gone, whichever was wrong.

use crate::{
    Clock, Database, Kit, KitError,
    database::in_time,
    inbox::INBOX,
    jobs::Progress,
    outbox::EVENT_LOG,
    pruning::{AT_ONCE, Pruning, first_id_of},
};
use contracts::ServiceName;
use metrics::{Counter, counter};
use sqlx::PgConnection;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use time::OffsetDateTime;
use uuid::Uuid;

/// How often it is looked for more, once nothing is left.
pub(crate) const EVERY: Duration = Duration::from_secs(600);
/// After a piece it rests for so many times what that took: a database that is full of what is old has better to do.
const REST: u32 = 4;

/// Two clocks that differ by more cannot both be nearly right.
const APART: time::Duration = time::Duration::days(1);

/// Why nothing was deleted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error(transparent)]
    Kit(#[from] KitError),
    #[error(
        "it is {ours} here and {theirs} in the database: nothing is deleted while the clocks are more than a day apart"
    )]
    ClocksApart { ours: OffsetDateTime, theirs: OffsetDateTime },
}

/// The timed work of one service.
pub(crate) struct Retention {
    database: Database,
    clock: Clock,
    kept: Vec<Kept>,
}

/// What is kept for some days.
struct Kept {
    what: What,
    days: u16,
    deleted: Counter,
}

enum What {
    /// In the order of their time.
    Answers,
    /// In the order of its ids.
    Table(Pruning),
}

/// What one piece came to.
struct Piece {
    deleted: u64,
    progress: Progress,
}

impl Retention {
    /// What every service has.
    pub(crate) fn of(kit: &Kit) -> Arc<Self> {
        let keeping = kit.settings.retention;
        let answers = keeping.answers.map(|days| (What::Answers, days));
        let tables = [EVENT_LOG, INBOX].into_iter().filter_map(|table| Some((What::Table(table), keeping.events?)));
        Arc::new(Self::new(kit.service, &kit.database, &kit.clock, answers.into_iter().chain(tables)))
    }

    /// A table of the service's own.
    pub(crate) fn of_table(kit: &Kit, table: Pruning, days: u16) -> Arc<Self> {
        Arc::new(Self::new(kit.service, &kit.database, &kit.clock, [(What::Table(table), days)]))
    }

    fn new(
        service: ServiceName,
        database: &Database,
        clock: &Clock,
        kept: impl IntoIterator<Item = (What, u16)>,
    ) -> Self {
        let kept = kept.into_iter().map(|(what, days)| {
            let labels = [("service", service.as_str()), ("table", what.name())];
            Kept { what, days, deleted: counter!("retention_deleted_rows_total", &labels) }
        });
        Self { database: database.clone(), clock: clock.clone(), kept: kept.collect() }
    }

    /// A piece of each. Instances that do it at the same time pass over each other's.
    pub(crate) async fn run(self: Arc<Self>) -> Result<Progress, Refused> {
        let (begun, mut progress) = (Instant::now(), Progress::Idle);
        if self.kept.is_empty() {
            return Ok(progress);
        }
        let now = self.now().await?;
        for kept in &self.kept {
            let before = now - Duration::from_secs(u64::from(kept.days) * 24 * 3600);
            let piece = match &kept.what {
                What::Answers => self.answers(before).await?,
                What::Table(table) => prune(table, &self.database, before).await?,
            };
            if piece.deleted > 0 {
                kept.deleted.increment(piece.deleted);
                let (table, deleted) = (kept.what.name(), piece.deleted);
                tracing::debug!(table, deleted, %before, "what is older than it need be was deleted");
            }
            if piece.progress == Progress::More {
                progress = Progress::More;
            }
        }
        if progress == Progress::More {
            tokio::time::sleep(begun.elapsed() * REST).await;
        }
        Ok(progress)
    }

    /// The earlier of the two.
    async fn now(&self) -> Result<OffsetDateTime, Refused> {
        let mut connection = self.database.acquire().await.map_err(KitError::from)?;
        let asked = sqlx::query_scalar!(r#"SELECT now() AS "now!""#).fetch_one(&mut *connection);
        let (theirs, ours) = (in_time(asked).await.map_err(KitError::from)?, self.clock.now());
        if (ours - theirs).abs() > APART {
            return Err(Refused::ClocksApart { ours, theirs });
        }
        Ok(ours.min(theirs))
    }

    async fn answers(&self, before: OffsetDateTime) -> Result<Piece, KitError> {
        let mut connection = self.database.acquire().await?;
        let deleted = in_time(delete_answers(&mut connection, before)).await?;
        let full = i64::try_from(deleted) == Ok(AT_ONCE);
        Ok(Piece { deleted, progress: if full { Progress::More } else { Progress::Idle } })
    }
}

impl What {
    fn name(&self) -> &'static str {
        match self {
            Self::Answers => "idempotency_keys",
            Self::Table(table) => table.table,
        }
    }
}

async fn delete_answers(connection: &mut PgConnection, before: OffsetDateTime) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY (
             SELECT ctid FROM idempotency_keys WHERE created_at < $1
             ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        before,
        AT_ONCE
    );
    Ok(deleted.execute(connection).await?.rows_affected())
}

/// One piece of what is older than `before`. Of several instances one does it, and the others have nothing to do.
async fn prune(table: &Pruning, database: &Database, before: OffsetDateTime) -> Result<Piece, KitError> {
    let mut tx = database.begin("prune").await?;
    let piece = in_time(prune_piece(table, &mut tx, first_id_of(before))).await?;
    // A mark tells of what is gone: it stays where it is while nothing is.
    if piece.deleted > 0 || piece.progress == Progress::More {
        let _committed = tx.commit().await?;
    }
    Ok(piece)
}

async fn prune_piece(table: &Pruning, connection: &mut PgConnection, before: Uuid) -> Result<Piece, sqlx::Error> {
    // A plan that was made while the table was empty would read all of it.
    sqlx::query("SET LOCAL enable_seqscan = off").execute(&mut *connection).await?;
    let nothing = Piece { deleted: 0, progress: Progress::Idle };
    let Some(from) = hold(connection, table.table).await?.filter(|from| *from < before) else { return Ok(nothing) };
    let next = (table.next)(connection, from..before).await?;
    let piece = from..next.unwrap_or(before);
    // First, so that the table's own guard sees it.
    let raised = sqlx::query!("UPDATE pruned SET up_to = $2 WHERE table_name = $1", table.table, piece.end);
    raised.execute(&mut *connection).await?;
    let deleted = (table.delete)(connection, piece).await?;
    Ok(Piece { deleted, progress: if next.is_some() { Progress::More } else { Progress::Idle } })
}

/// The mark, held until the transaction ends; none while somebody else holds it.
async fn hold(connection: &mut PgConnection, table: &str) -> Result<Option<Uuid>, sqlx::Error> {
    let mark = sqlx::query_scalar!("SELECT up_to FROM pruned WHERE table_name = $1 FOR UPDATE SKIP LOCKED", table);
    mark.fetch_optional(connection).await
}

#[cfg(test)]
mod tests;
