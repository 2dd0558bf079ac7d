//! What is old goes in small pieces, and what something waits for stays, however old.

use super::{AT_ONCE, EVENT_LOG, INBOX, Refused, Retention, What};
use crate::{
    Clock, Database, Migrations,
    jobs::Progress,
    outbox,
    pruning::{first_id_of, pruned_to},
};
use contracts::ServiceName;
use sqlx::migrate::Migrator;
use std::sync::Arc;
use test_kit::{TestDatabase, until};
use time::{Duration, OffsetDateTime};

static NONE: Migrator = Migrator::DEFAULT;

struct Kept {
    rows: TestDatabase,
    database: Database,
    clock: Clock,
    /// Of two instances.
    retention: [Arc<Retention>; 2],
}

impl Kept {
    async fn of(what: impl Fn() -> What) -> Self {
        let rows = TestDatabase::new(ServiceName::Order, &NONE).await;
        let url = rows.url().to_owned().into();
        let database = Database::open(ServiceName::Order, &url, None, 4, &NONE, Migrations::On).await.unwrap();
        let clock = Clock::manual(Clock::system().now());
        let retention =
            [(), ()].map(|()| Arc::new(Retention::new(ServiceName::Order, &database, &clock, [(what(), 90)])));
        Self { rows, database, clock, retention }
    }

    /// By an instance that keeps it for so many days.
    async fn run_of(&self, what: What, days: u16) -> Progress {
        let retention = Retention::new(ServiceName::Order, &self.database, &self.clock, [(what, days)]);
        Arc::new(retention).run().await.unwrap()
    }

    async fn mark(&self, table: &str) -> Option<OffsetDateTime> {
        pruned_to(&mut self.rows.pool().acquire().await.unwrap(), table).await.unwrap()
    }

    async fn run(&self) -> Progress {
        Arc::clone(&self.retention[0]).run().await.unwrap()
    }

    async fn left(&self, table: &str) -> i64 {
        let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        sqlx::query_scalar(query).fetch_one(self.rows.pool()).await.unwrap()
    }

    fn ago(&self, days: i64) -> OffsetDateTime {
        self.clock.now() - Duration::days(days) - Duration::seconds(1)
    }

    /// So many events, announced and acted on one after the other since then.
    async fn events(&self, days: i64, number: i64) {
        let at = self.ago(days);
        let ids = "SELECT overlay($1::uuid::text PLACING lpad(to_hex(number), 12, '0') FROM 25)::uuid AS id, number
                   FROM generate_series(1, $2) AS number";
        let log = format!(
            "INSERT INTO event_log (event_id, type, subject, sequence, correlation_id, announced_at, envelope)
             SELECT id, 'order.paid', gen_random_uuid(), 1, gen_random_uuid(), $3, '{{}}' FROM ({ids}) AS made"
        );
        let inbox = format!(
            "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status)
             SELECT id, 'order.paid', gen_random_uuid(), 1, $3, 'done' FROM ({ids}) AS made"
        );
        for statement in [log, inbox] {
            let query = sqlx::query(sqlx::AssertSqlSafe(statement)).bind(first_id_of(at)).bind(number).bind(at);
            query.execute(self.rows.pool()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn answers_go_in_small_pieces_and_what_is_younger_stays() {
    let kept = Kept::of(|| What::Answers).await;
    let store = "INSERT INTO idempotency_keys
                 SELECT gen_random_uuid(), 'place_order', 'key ' || number, '\\x', 201, '{}', $1
                 FROM generate_series(1, $2) AS number";
    for (days, number) in [(90, AT_ONCE + 3), (89, 5)] {
        sqlx::query(store).bind(kept.ago(days)).bind(number).execute(kept.rows.pool()).await.unwrap();
    }
    let left = async || kept.left("idempotency_keys").await;
    assert_eq!((kept.run().await, left().await), (Progress::More, 8));
    assert_eq!((kept.run().await, left().await), (Progress::Idle, 5));
    assert_eq!((kept.run().await, left().await), (Progress::Idle, 5));
    assert_eq!((kept.run_of(What::Answers, 88).await, left().await), (Progress::Idle, 0));
}

#[tokio::test]
async fn events_go_in_small_pieces_by_their_ids_and_the_mark_says_how_far() {
    for (table, what) in [("event_log", EVENT_LOG), ("inbox", INBOX)] {
        let kept = Kept::of(|| What::Table(what)).await;
        kept.events(91, AT_ONCE + 3).await;
        kept.events(89, 5).await;
        assert_eq!(kept.mark(table).await, None);
        assert_eq!((kept.run().await, kept.left(table).await), (Progress::More, 8), "{table}");
        assert!(kept.mark(table).await.unwrap() < kept.ago(90), "{table}: not further than it came");
        assert_eq!((kept.run().await, kept.left(table).await), (Progress::Idle, 5), "{table}");
        let reached = kept.mark(table).await.unwrap();
        let due = kept.ago(90) + Duration::seconds(1);
        assert!(due - Duration::minutes(1) < reached && reached <= due, "{table}: {reached}");
        assert_eq!((kept.run_of(What::Table(what), 88).await, kept.left(table).await), (Progress::Idle, 0), "{table}");
    }
}

#[tokio::test]
async fn where_nothing_went_the_mark_stays_where_it_was() {
    let kept = Kept::of(|| What::Table(INBOX)).await;
    assert_eq!((kept.run().await, kept.mark("inbox").await), (Progress::Idle, None));
    // Nor does it rise over what is kept.
    kept.events(91, 5).await;
    let wait = "UPDATE inbox SET status = 'waiting', next_at = 'epoch', envelope = '{}'";
    sqlx::query(wait).execute(kept.rows.pool()).await.unwrap();
    assert_eq!((kept.run().await, kept.mark("inbox").await), (Progress::Idle, None));
    sqlx::query("UPDATE inbox SET status = 'done', next_at = NULL, envelope = NULL")
        .execute(kept.rows.pool())
        .await
        .unwrap();
    assert_eq!((kept.run().await, kept.left("inbox").await), (Progress::Idle, 0));
    let reached = kept.mark("inbox").await.unwrap();
    assert_eq!((kept.run().await, kept.mark("inbox").await), (Progress::Idle, Some(reached)));
}

#[tokio::test]
async fn a_clock_that_is_ahead_deletes_nothing_before_its_time() {
    let kept = Kept::of(|| What::Table(INBOX)).await;
    kept.events(89, 5).await;
    // The earlier of the two counts, though they agree nearly.
    kept.clock.advance(Duration::days(1) - Duration::minutes(10));
    kept.events(89, 5).await;
    let day_ahead = kept.run_of(What::Table(INBOX), 89).await;
    assert_eq!((day_ahead, kept.left("inbox").await), (Progress::Idle, 5));
    kept.clock.advance(Duration::days(365));
    for days in [30, 90] {
        let retention = Retention::new(ServiceName::Order, &kept.database, &kept.clock, [(What::Table(INBOX), days)]);
        let refused = Arc::new(retention).run().await.unwrap_err();
        assert!(matches!(refused, Refused::ClocksApart { .. }), "{refused}");
    }
    assert_eq!(kept.left("inbox").await, 5);
    let mark = kept.mark("inbox").await.unwrap();
    assert!(mark < Clock::system().now() - Duration::days(89), "{mark}");
}

#[tokio::test]
async fn what_is_to_be_sent_and_what_is_not_done_stays_however_old() {
    let kept = Kept::of(|| What::Table(EVENT_LOG)).await;
    kept.events(400, 5).await;
    let pending = "INSERT INTO outbox (position, next_at) SELECT min(position), 'epoch' FROM event_log";
    sqlx::query(pending).execute(kept.rows.pool()).await.unwrap();
    assert_eq!((kept.run().await, kept.left("event_log").await), (Progress::Idle, 1));

    let kept = Kept::of(|| What::Table(INBOX)).await;
    kept.events(400, 5).await;
    for (status, next) in [("waiting", "'epoch'"), ("dead", "NULL"), ("dropped", "NULL")] {
        let change = format!(
            "UPDATE inbox SET status = '{status}', next_at = {next}, envelope = '{{}}'
             WHERE event_id = (SELECT event_id FROM inbox WHERE status = 'done' ORDER BY event_id LIMIT 1)"
        );
        sqlx::query(sqlx::AssertSqlSafe(change)).execute(kept.rows.pool()).await.unwrap();
    }
    assert_eq!((kept.run().await, kept.left("inbox").await), (Progress::Idle, 3));
    assert_eq!(kept.left("inbox WHERE status = 'done'").await, 0);
}

#[tokio::test]
async fn of_two_instances_one_prunes_and_the_other_does_not_wait() {
    let kept = Kept::of(|| What::Table(INBOX)).await;
    kept.events(91, 10).await;
    let mut other = kept.rows.pool().begin().await.unwrap();
    sqlx::query("SELECT FROM pruned WHERE table_name = 'inbox' FOR UPDATE").execute(&mut *other).await.unwrap();
    assert_eq!((kept.run().await, kept.left("inbox").await), (Progress::Idle, 10));
    other.rollback().await.unwrap();
    let runs = kept.retention.clone().map(Retention::run);
    futures_util::future::try_join_all(runs).await.unwrap();
    assert_eq!(kept.left("inbox").await, 0);
}

/// Somebody puts an event back into the outbox: either it is there before the pruning looks, or the pruning was there
/// first, and then there is nothing to put back.
#[tokio::test]
async fn an_event_that_is_sent_again_while_the_log_is_pruned_is_kept_or_gone_as_a_whole() {
    let kept = Kept::of(|| What::Table(EVENT_LOG)).await;
    kept.events(91, 5).await;
    let query = "SELECT event_id FROM event_log ORDER BY event_id LIMIT 1";
    let event: uuid::Uuid = sqlx::query_scalar(query).fetch_one(kept.rows.pool()).await.unwrap();
    // First: it prunes nothing while the event is put back.
    let mut tx = kept.rows.pool().begin().await.unwrap();
    assert!(outbox::send_again(&mut tx, event.into()).await.unwrap());
    assert_eq!((kept.run().await, kept.left("event_log").await), (Progress::Idle, 5));
    tx.commit().await.unwrap();
    assert_eq!((kept.run().await, kept.left("event_log").await), (Progress::Idle, 1));
    sqlx::query("DELETE FROM outbox").execute(kept.rows.pool()).await.unwrap();
    sqlx::query("UPDATE pruned SET up_to = '00000000-0000-0000-0000-000000000000'")
        .execute(kept.rows.pool())
        .await
        .unwrap();
    // Second: who comes while it is pruned waits, and then finds that it is gone.
    let mut pruning = kept.rows.pool().begin().await.unwrap();
    for statement in [
        "SELECT FROM pruned WHERE table_name = 'event_log' FOR UPDATE",
        "UPDATE pruned SET up_to = 'ffffffff-ffff-ffff-ffff-ffffffffffff' WHERE table_name = 'event_log'",
        "DELETE FROM event_log",
    ] {
        sqlx::query(statement).execute(&mut *pruning).await.unwrap();
    }
    let pool = kept.rows.pool().clone();
    let sending = tokio::spawn(async move {
        let mut tx = pool.begin().await.unwrap();
        let sent = outbox::send_again(&mut tx, event.into()).await.unwrap();
        tx.commit().await.unwrap();
        sent
    });
    until("it to wait for the mark", || async {
        let waiting = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
                       WHERE NOT granted AND datname = current_database()";
        (kept.rows.count(waiting).await > 0).then_some(())
    })
    .await;
    pruning.commit().await.unwrap();
    assert!(!sending.await.unwrap());
    assert_eq!((kept.left("event_log").await, kept.left("outbox").await), (0, 0));
}

#[tokio::test]
async fn what_is_in_the_outbox_cannot_be_deleted_from_the_log_by_hand_however_old() {
    let kept = Kept::of(|| What::Table(EVENT_LOG)).await;
    kept.events(91, 5).await;
    assert_eq!((kept.run().await, kept.left("event_log").await), (Progress::Idle, 0));
    // Older than the mark.
    kept.events(92, 5).await;
    let pending = "INSERT INTO outbox (position, next_at) SELECT max(position), 'epoch' FROM event_log";
    sqlx::query(pending).execute(kept.rows.pool()).await.unwrap();
    let refused = sqlx::query("DELETE FROM event_log").execute(kept.rows.pool()).await.unwrap_err().to_string();
    assert!(refused.contains("is still to be sent"), "{refused}");
    assert_eq!(kept.left("event_log").await, 5);
}

#[tokio::test]
async fn nothing_younger_than_the_mark_can_be_deleted_from_the_log_by_hand() {
    let kept = Kept::of(|| What::Table(EVENT_LOG)).await;
    kept.events(89, 5).await;
    let refused = sqlx::query("DELETE FROM event_log").execute(kept.rows.pool()).await.unwrap_err().to_string();
    assert!(refused.contains("event_log is append-only"), "{refused}");
    assert_eq!(kept.left("event_log").await, 5);
}
