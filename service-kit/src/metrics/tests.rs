//! Each test has a recorder of its own, on its own thread: nobody else counts into its page.

use super::{
    Reading, Sample, age, number,
    page::{FORGOTTEN_AFTER, recorder},
    sampler,
};
use crate::{Bus, Cause, Clock, Database, Env, Kit, Migrations, Settings, bus::LocalBus};
use contracts::{Currency, Money, ServiceName, events::payment::Completed};
use metrics::{counter, gauge};
use sqlx::{AssertSqlSafe, Connection, PgConnection, migrate::Migrator};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use test_kit::{TestDatabase, until};
use time::{Duration as Span, OffsetDateTime};
use uuid::Uuid;

static NONE: Migrator = Migrator::DEFAULT;

async fn kit(database: &TestDatabase, clock: Clock) -> Kit {
    kit_on(Bus::Elsewhere, database, clock).await
}

async fn kit_on(bus: Bus, database: &TestDatabase, clock: Clock) -> Kit {
    let env = Env::of([("DATABASE_URL", database.url()), ("DATABASE_POOL", "8")]);
    let settings = Settings::read(&env, ServiceName::Payment).unwrap();
    Kit::open(settings, &NONE, bus, clock).await.unwrap()
}

/// A service's own look.
fn sample(connection: &mut PgConnection, now: OffsetDateTime) -> Reading<'_> {
    Box::pin(async move {
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM event_log").fetch_one(connection).await?;
        gauge!("sampled", "service" => "own").set(number(rows) + age(Some(now - Span::seconds(5)), now));
        Ok(())
    })
}

/// The page's lines about one service's `names`, sorted.
fn lines(page: &str, names: &[&str]) -> Vec<String> {
    let named = |line: &&str| names.iter().any(|name| line.starts_with(&format!("{name}{{")));
    let mut lines: Vec<String> = page.lines().filter(named).map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn a_gauge_that_nobody_sets_any_more_leaves_the_page_and_a_counter_stays() {
    let recorder = recorder(Duration::from_millis(20));
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        gauge!("outbox_pending").set(7.0);
        counter!("events_total").increment(1);
        assert!(handle.render().contains("outbox_pending 7"));
        std::thread::sleep(Duration::from_millis(40));
        let later = handle.render();
        assert!(!later.contains("outbox_pending"), "{later}");
        assert!(later.contains("events_total 1"), "{later}");
        gauge!("outbox_pending").set(8.0);
        assert!(handle.render().contains("outbox_pending 8"));
    });
}

#[tokio::test]
async fn what_waits_and_since_when_is_on_the_page() {
    let recorder = recorder(FORGOTTEN_AFTER);
    let page = recorder.handle();
    let _local = metrics::set_default_local_recorder(&recorder);
    let start = OffsetDateTime::from_unix_timestamp(1_790_000_000).unwrap();
    let clock = Clock::manual(start);
    let database = TestDatabase::new(ServiceName::Payment, &NONE).await;
    let kit = kit(&database, clock.clone()).await;
    let mut tx = kit.database.begin("a_test").await.unwrap();
    kit.announce(&mut tx, &Cause::current(), 1, completed()).unwrap();
    let _committed = tx.commit().await.unwrap();
    for (status, attempts, next_at) in [("waiting", 3, Some(start)), ("waiting", 5, Some(start)), ("dead", 8, None)] {
        sqlx::query(
            "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status, attempts, next_at, envelope)
             VALUES ($1, 'order.created', $1, 1, $2, $3, $4, $5, '{}')",
        )
        .bind(Uuid::new_v4())
        .bind(start + Span::seconds(30))
        .bind(status)
        .bind(attempts)
        .bind(next_at)
        .execute(database.pool())
        .await
        .unwrap();
    }
    clock.advance(Span::seconds(90));
    let own: Sample = Arc::new(sample);
    sampler::look(&kit, &[own]).await;
    let names = [
        "outbox_pending",
        "outbox_oldest_age_seconds",
        "inbox_waiting",
        "inbox_dead",
        "inbox_attempts_highest",
        "inbox_oldest_waiting_age_seconds",
        "database_up",
        "sampled",
        "metrics_sampled_timestamp_seconds",
    ];
    let expected = [
        "database_up{service=\"payment-service\"} 1",
        "inbox_attempts_highest{service=\"payment-service\"} 5",
        "inbox_dead{service=\"payment-service\"} 1",
        "inbox_oldest_waiting_age_seconds{service=\"payment-service\"} 60",
        "inbox_waiting{service=\"payment-service\"} 2",
        "metrics_sampled_timestamp_seconds{service=\"payment-service\"} 1790000090",
        "outbox_oldest_age_seconds{service=\"payment-service\"} 90",
        "outbox_pending{service=\"payment-service\"} 1",
        "sampled{service=\"own\"} 6",
    ];
    assert_eq!(lines(&page.render(), &names), expected);
}

#[tokio::test]
async fn an_instance_tells_of_itself_whether_it_relays_and_one_beside_another_tells_nothing() {
    let recorder = recorder(FORGOTTEN_AFTER);
    let page = recorder.handle();
    let _local = metrics::set_default_local_recorder(&recorder);
    let database = TestDatabase::new(ServiceName::Payment, &NONE).await;
    let names = ["bus_connected", "relay_leads"];
    let beside = kit(&database, Clock::system()).await;
    sampler::look(&beside, &[]).await;
    assert_eq!(lines(&page.render(), &names), Vec::<String>::new());
    // It stands by: nobody elected it.
    let own = kit_on(Bus::Local(LocalBus::new()), &database, Clock::system()).await;
    sampler::look(&own, &[]).await;
    let expected = ["bus_connected{service=\"payment-service\"} 1", "relay_leads{service=\"payment-service\"} 0"];
    assert_eq!(lines(&page.render(), &names), expected);
}

#[tokio::test]
async fn a_database_that_is_away_is_told_of_and_what_waited_in_it_is_not_told_any_more() {
    let recorder = recorder(Duration::from_millis(20));
    let page = recorder.handle();
    let _local = metrics::set_default_local_recorder(&recorder);
    let database = TestDatabase::new(ServiceName::Payment, &NONE).await;
    let kit = kit(&database, Clock::system()).await;
    let names = ["database_up", "outbox_pending", "metrics_sampled_timestamp_seconds"];
    sampler::look(&kit, &[]).await;
    assert_eq!(lines(&page.render(), &names).len(), 3);
    drop_database(&database).await;
    // Long enough for what nobody sets any more.
    tokio::time::sleep(Duration::from_millis(40)).await;
    sampler::look(&kit, &[]).await;
    assert_eq!(lines(&page.render(), &names), ["database_up{service=\"payment-service\"} 0"]);
}

/// A look that comes to no end.
fn endless(connection: &mut PgConnection, _now: OffsetDateTime) -> Reading<'_> {
    Box::pin(async move {
        sqlx::query("SELECT pg_sleep(60)").execute(connection).await?;
        Ok(())
    })
}

#[tokio::test]
async fn whether_the_database_answers_does_not_wait_for_what_is_counted_in_it() {
    let database = TestDatabase::new(ServiceName::Payment, &NONE).await;
    let kit = kit(&database, Clock::system()).await;
    let counting = async || {
        let query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
                     AND query = 'SELECT pg_sleep(60)'";
        database.count(query).await
    };
    let own: [Sample; 1] = [Arc::new(endless)];
    let asking = async {
        until("the counting to begin", || async { (counting().await == 1).then_some(()) }).await;
        let started = Instant::now();
        assert!(kit.database.answers().await);
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    };
    tokio::join!(sampler::look(&kit, &own), asking);
    // Nobody waits for it any more: the server ends it as well.
    until("the counting to end", || async { (counting().await == 0).then_some(()) }).await;
}

async fn drop_database(database: &TestDatabase) {
    let (server, name) = database.url().rsplit_once('/').unwrap();
    database.pool().close().await;
    let mut connection = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn what_is_rolled_back_is_not_counted() {
    let recorder = recorder(FORGOTTEN_AFTER);
    let page = recorder.handle();
    let _local = metrics::set_default_local_recorder(&recorder);
    let database = TestDatabase::new(ServiceName::Payment, &NONE).await;
    let url = database.url().to_owned().into();
    let opened = Database::open(ServiceName::Payment, &url, None, 2, &NONE, Migrations::On).await.unwrap();
    let mut tx = opened.begin("a_test").await.unwrap();
    tx.count_after_commit(counter!("orders_total", "service" => "own"), 7);
    tx.rollback().await.unwrap();
    let mut tx = opened.begin("a_test").await.unwrap();
    tx.count_after_commit(counter!("orders_total", "service" => "own"), 2);
    let _committed = tx.commit().await.unwrap();
    assert_eq!(lines(&page.render(), &["orders_total"]), ["orders_total{service=\"own\"} 2"]);
}

fn completed() -> Completed {
    Completed {
        payment_id: Uuid::new_v4().into(),
        order_id: Uuid::new_v4().into(),
        customer_id: Uuid::new_v4().into(),
        amount: Money::new(1999, Currency::EUR),
        method: "sim_ok".to_owned(),
    }
}
