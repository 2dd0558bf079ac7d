//! The transaction: whatever becomes of the future that holds it, the pool gets no connection back inside one.

use crate::support::{announce_in, database, kit, order_id};
use std::{
    fmt,
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};
use test_kit::{TestDatabase, until};
use tokio::sync::Notify;
use tracing::{Event, Subscriber, field::Field};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
};

/// Waits until no connection sits inside a transaction; one left there would stay for the server's 30 s. Another pool
/// asks: a connection that asks is never idle.
async fn none_left_open(database: &TestDatabase) {
    until("every transaction to end", || async {
        let query = "SELECT count(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        (database.count(query).await == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_begin_that_is_given_up_leaves_no_open_transaction_behind() {
    let database = database().await;
    let kit = kit(&database).await;
    for round in 0..100 {
        // Dropped on its way, as hyper does with a request whose client goes away; each time a little later.
        let mut begin = std::pin::pin!(kit.database.begin("a_test"));
        for _ in 0..=round % 25 {
            if poll_fn(|context| Poll::Ready(begin.as_mut().poll(context).is_ready())).await {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    none_left_open(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_is_given_up_at_any_step_is_rolled_back() {
    let database = database().await;
    let kit = kit(&database).await;
    for micros in (0..2000).step_by(50) {
        let work = async {
            let mut tx = kit.database.begin("a_test").await.unwrap();
            announce_in(&kit, &mut tx, order_id()).await.unwrap();
            std::future::pending::<()>().await;
        };
        let _ = tokio::time::timeout(Duration::from_micros(micros), work).await;
    }
    none_left_open(&database).await;
    assert_eq!(database.count("SELECT count(*) FROM event_log").await, 0);
}

/// What PostgreSQL said beside its answers, on this thread.
#[derive(Clone, Default)]
struct Notices(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Notices {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::postgres::notice" {
            let mut said = String::new();
            event.record(&mut |field: &Field, value: &dyn fmt::Debug| said += &format!("{field}={value:?} "));
            self.0.lock().unwrap().push(said);
        }
    }
}

/// Polls a future so often, and drops it then: as hyper does with a request whose client goes away, and as a time-out
/// does.
async fn given_up_after(polls: usize, work: impl Future) {
    let mut work = std::pin::pin!(work);
    for _ in 0..polls {
        if poll_fn(|context| Poll::Ready(work.as_mut().poll(context).is_ready())).await {
            return;
        }
        tokio::time::sleep(Duration::from_micros(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_or_a_rollback_that_is_given_up_is_seen_through_and_nothing_is_done_after_it() {
    let notices = Notices::default();
    let _here = tracing::subscriber::set_default(tracing_subscriber::registry().with(notices.clone()));
    let database = database().await;
    let kit = kit(&database).await;
    for round in 0..60 {
        let mut tx = kit.database.begin("a_test").await.unwrap();
        announce_in(&kit, &mut tx, order_id()).await.unwrap();
        given_up_after(1 + round % 20, tx.commit()).await;
        let mut tx = kit.database.begin("a_test").await.unwrap();
        announce_in(&kit, &mut tx, order_id()).await.unwrap();
        given_up_after(1 + round % 20, tx.rollback()).await;
    }
    // What was begun to be committed is.
    until("the commits", || async { (database.count("SELECT count(*) FROM event_log").await == 60).then_some(()) })
        .await;
    // Whoever uses the connections next is told what was left on them.
    let all: Vec<_> = futures_util::future::join_all((0..8).map(|_| kit.database.begin("a_test"))).await;
    for tx in all {
        let _committed = tx.unwrap().commit().await.unwrap();
    }
    none_left_open(&database).await;
    assert_eq!(*notices.0.lock().unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_on_tables_that_are_there_is_nothing_to_talk_of() {
    let notices = Notices::default();
    let _here = tracing::subscriber::set_default(tracing_subscriber::registry().with(notices.clone()));
    let database = database().await;
    for _ in 0..2 {
        kit(&database).await;
    }
    assert_eq!(*notices.0.lock().unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_commit_is_woken_by_it_and_not_by_a_rollback() {
    let database = database().await;
    let kit = kit(&database).await;
    let (wake, woken) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let mut rolled_back = kit.database.begin("a_test").await.unwrap();
    rolled_back.wake_after_commit(&wake);
    rolled_back.rollback().await.unwrap();
    let early = tokio::time::timeout(Duration::ZERO, wake.notified()).await;
    assert!(early.is_err(), "a rollback woke who waits for a commit");
    let waiting = {
        let (wake, woken) = (Arc::clone(&wake), Arc::clone(&woken));
        tokio::spawn(async move {
            wake.notified().await;
            woken.fetch_add(1, Ordering::SeqCst);
        })
    };
    let mut tx = kit.database.begin("a_test").await.unwrap();
    tx.wake_after_commit(&wake);
    tx.wake_after_commit(&wake);
    let _committed = tx.commit().await.unwrap();
    waiting.await.unwrap();
    assert_eq!(woken.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_dies_inside_a_transaction_does_not_keep_its_locks() {
    let database = database().await;
    let kit = kit(&database).await;
    let query = "SELECT setting FROM pg_settings WHERE name = $1";
    for (name, expected) in [
        ("idle_in_transaction_session_timeout", "30000"),
        ("statement_timeout", "30000"),
        // The server's side of a connection that went silent: the relay's lock hangs on it.
        ("tcp_keepalives_idle", "10"),
        ("tcp_keepalives_interval", "5"),
        ("tcp_keepalives_count", "3"),
    ] {
        let setting: String = sqlx::query_scalar(query).bind(name).fetch_one(kit.database.pool()).await.unwrap();
        assert_eq!(setting, expected, "{name}");
    }
}
