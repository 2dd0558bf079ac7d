//! What need not be kept for ever is deleted when it is old: a little at a time, so that it holds up nobody, and counted.
//!
//! For now that is the answers stored under idempotency keys. What was announced and what was acted on stays: an inbox row
//! keeps an event from being acted on again, and must live as long as somebody's log can bring that event once more.

use crate::{Clock, Database, Kit, KitError, database::in_time, jobs::Progress};
use contracts::ServiceName;
use metrics::{Counter, counter};
use std::{sync::Arc, time::Duration};
use time::OffsetDateTime;

/// So many rows go by one statement: some milliseconds of locks on rows that nobody wants.
const AT_ONCE: i64 = 500;
/// How often it is looked for more, once nothing is left.
pub(crate) const EVERY: Duration = Duration::from_secs(600);

/// The timed work of one service.
pub(crate) struct Retention {
    database: Database,
    clock: Clock,
    answers: Duration,
    deleted: Counter,
}

impl Retention {
    /// None where nothing is deleted.
    pub(crate) fn of(kit: &Kit) -> Option<Arc<Self>> {
        let answers = kit.settings.retention.answers?;
        Some(Arc::new(Self::new(kit.service, &kit.database, &kit.clock, answers)))
    }

    fn new(service: ServiceName, database: &Database, clock: &Clock, answers: u16) -> Self {
        Self {
            database: database.clone(),
            clock: clock.clone(),
            answers: Duration::from_secs(u64::from(answers) * 24 * 3600),
            deleted: counter!("retention_deleted_rows_total", "service" => service.as_str(), "table" => "idempotency_keys"),
        }
    }

    /// One statement's worth. Instances that do it at the same time pass over each other's rows.
    pub(crate) async fn run(self: Arc<Self>) -> Result<Progress, KitError> {
        let before = self.clock.now() - self.answers;
        let mut connection = self.database.acquire().await?;
        let deleted = in_time(delete_answers(&mut connection, before)).await?;
        if deleted > 0 {
            self.deleted.increment(deleted);
            tracing::info!(table = "idempotency_keys", deleted, %before, "what is older than it need be was deleted");
        }
        Ok(if i64::try_from(deleted) == Ok(AT_ONCE) { Progress::More } else { Progress::Idle })
    }
}

async fn delete_answers(connection: &mut sqlx::PgConnection, before: OffsetDateTime) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY (
             SELECT ctid FROM idempotency_keys WHERE created_at < $1
             ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        before,
        AT_ONCE
    );
    Ok(deleted.execute(connection).await?.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::{AT_ONCE, Retention};
    use crate::{Clock, Database, Migrations, jobs::Progress};
    use contracts::ServiceName;
    use sqlx::migrate::Migrator;
    use std::sync::Arc;
    use test_kit::TestDatabase;
    use time::Duration;

    static NONE: Migrator = Migrator::DEFAULT;

    #[tokio::test]
    async fn what_is_older_goes_in_small_pieces_and_what_is_younger_stays() {
        let rows = TestDatabase::new(ServiceName::Order, &NONE).await;
        let url = rows.url().to_owned().into();
        let database = Database::open(ServiceName::Order, &url, 4, &NONE, Migrations::On).await.unwrap();
        let clock = Clock::manual(Clock::system().now());
        let store = "INSERT INTO idempotency_keys
                     SELECT gen_random_uuid(), 'place_order', 'key ' || number, '\\x', 201, '{}', $1
                     FROM generate_series(1, $2) AS number";
        let store = async |days: i64, number: i64| {
            let at = clock.now() - Duration::days(days) - Duration::seconds(1);
            sqlx::query(store).bind(at).bind(number).execute(rows.pool()).await.unwrap();
        };
        store(90, AT_ONCE + 3).await;
        store(89, 5).await;
        let retention = Arc::new(Retention::new(ServiceName::Order, &database, &clock, 90));
        let run = async || Arc::clone(&retention).run().await.unwrap();
        let left = async || rows.count("SELECT count(*) FROM idempotency_keys").await;
        assert_eq!((run().await, left().await), (Progress::More, 8));
        assert_eq!((run().await, left().await), (Progress::Idle, 5));
        assert_eq!((run().await, left().await), (Progress::Idle, 5));
        clock.advance(Duration::days(1));
        assert_eq!((run().await, left().await), (Progress::Idle, 0));
    }
}
