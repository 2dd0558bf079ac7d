//! A relay that hangs keeps its lock, since its session lives: another instance takes over all the same, and what the
//! first does when it wakes up harms nothing.

use crate::{
    broker::{Proxy, tidy},
    process::Process,
    sample::{self, HANGING},
    support::{Sample, Way, database, drained, payment, settings},
};
use contracts::{EventId, events::payment::Completed};
use service_kit::{Bus, Cause, Clock, Kit, bus::LocalBus};
use sqlx::AssertSqlSafe;
use std::sync::{Arc, atomic::Ordering};
use test_kit::{Running, TestDatabase, until};
use uuid::Uuid;

/// Announces `payment.completed` as if this were its announcer: the sample reacts to it as well.
async fn announce(kit: &Kit, methods: impl IntoIterator<Item = String>) -> Vec<EventId> {
    let (mut tx, mut ids) = (kit.database.begin("a_test").await.unwrap(), Vec::new());
    for method in methods {
        let data = payment(&method).decode::<Completed>().unwrap().data;
        ids.push(kit.announce(&mut tx, &Cause::current(), 1, data).unwrap());
    }
    let _committed = tx.commit().await.unwrap();
    ids
}

/// The sessions that have the election's lock: one at the most.
const ELECTED: &str = "FROM pg_locks JOIN pg_stat_activity AS session USING (pid)
    WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted AND datname = current_database()
        AND application_name LIKE 'relay %'";

/// The instance that relays, by the name of its session, from when there is one that `pick` accepts.
async fn relaying(database: &TestDatabase, pick: impl Fn(&str) -> bool) -> String {
    until("a relay", || async {
        let query = AssertSqlSafe(format!("SELECT application_name {ELECTED}"));
        let name: Option<String> = sqlx::query_scalar(query).fetch_optional(database.pool()).await.unwrap();
        name.filter(|name| pick(name))
    })
    .await
}

/// Each event acted once.
async fn acted_once(sample: &Sample, ids: &[EventId]) {
    for id in ids {
        sample.done(*id).await;
    }
    let count = "SELECT count(*) FROM effects WHERE event_id = ANY($1)";
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let effects: i64 = sqlx::query_scalar(count).bind(&ids).fetch_one(sample.database.pool()).await.unwrap();
    assert_eq!(usize::try_from(effects), Ok(ids.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_stopped_while_idle_is_replaced_and_harms_nothing_when_it_wakes_up() {
    let database = database().await;
    let process = Process::start_on(&database);
    let hanging = relaying(&database, |_| true).await;
    let bus = Way::Rabbit.bus(&database);
    let sample = Sample::start_on(database, bus, Clock::system()).await;
    // Standing by is no fault: it has all the connections it needs.
    until("the one that stands by to be connected", || async {
        (sample.kit().bus_connected() == Some(true)).then_some(())
    })
    .await;
    assert_eq!(relaying(&sample.database, |_| true).await, hanging);
    process.signal("STOP");
    let announced = announce(sample.kit(), (0..40).map(|_| "sim_ok".to_owned())).await;
    relaying(&sample.database, |name| name != hanging).await;
    drained(&sample.database).await;
    acted_once(&sample, &announced).await;
    process.signal("CONT");
    let later = announce(sample.kit(), (0..40).map(|_| "sim_ok".to_owned())).await;
    acted_once(&sample, &later).await;
    acted_once(&sample, &announced).await;
    // It stands by now, and relays again when it is needed.
    let (database, bus) = sample.stop().await;
    relaying(&database, |name| name == hanging).await;
    drop(process);
    let sample = Sample::start_on(database, bus, Clock::system()).await;
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_is_replaced_while_the_others_wait_for_what_it_locked_with_all_their_connections() {
    let database = database().await;
    let process = Process::start_on(&database);
    let hanging = relaying(&database, |_| true).await;
    let bus = Way::Rabbit.bus(&database);
    let sample = Sample::start_on(database, bus, Clock::system()).await;
    let pool = sample.kit().database.pool().clone();
    // Each of them in the middle of something, as they are who wait for a row that the one that hangs has locked.
    let taken = (0..pool.options().get_max_connections())
        .map(|_| async { until("a connection", || async { pool.acquire().await.ok() }).await });
    let taken = futures_util::future::join_all(taken).await;
    process.signal("STOP");
    relaying(&sample.database, |name| name != hanging).await;
    drop(taken);
    process.signal("CONT");
    drop(process);
    tidy(sample).await;
}

/// What the session of the relay waits for.
async fn waits_for(database: &TestDatabase) -> Option<String> {
    sqlx::query_scalar(AssertSqlSafe(format!("SELECT wait_event {ELECTED}")))
        .fetch_optional(database.pool())
        .await
        .unwrap()
        .flatten()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_stopped_in_the_middle_of_reading_a_batch_is_replaced_and_harms_nothing_when_it_wakes_up() {
    let database = database().await;
    // More than one batch, and more than the buffers between server and client hold.
    let long = "x".repeat(60_000);
    let announced = announce(&crate::support::kit(&database).await, (0..300).map(|_| long.clone())).await;
    // Of what it reads the beginning arrives, and its session waits to get rid of the rest.
    let proxy = Proxy::of(database.work_url()).await;
    proxy.pass_at_most(1_000_000);
    let process = Process::start_by(&proxy.url, &database);
    let hanging = relaying(&database, |_| true).await;
    until("the relay to be in the middle of a batch", || async {
        (waits_for(&database).await.as_deref() == Some("ClientWrite")).then_some(())
    })
    .await;
    process.signal("STOP");
    let bus = Way::Rabbit.bus(&database);
    let sample = Sample::start_on(database, bus, Clock::system()).await;
    relaying(&sample.database, |name| name != hanging).await;
    proxy.pass_all();
    process.signal("CONT");
    drained(&sample.database).await;
    acted_once(&sample, &announced).await;
    drop(process);
    tidy(sample).await;
}

/// Two instances on one database, each with a bus of its own; the first relays.
async fn two() -> (Sample, Running, Arc<sample::Script>) {
    let first = Sample::start(Way::Local).await;
    let leader = relaying(&first.database, |_| true).await;
    let script = Arc::<sample::Script>::default();
    let bus = Bus::Local(LocalBus::new());
    let second = sample::build(settings(&first.database), bus, Clock::system(), Arc::clone(&script)).await;
    let second = Running::start(second).await;
    assert_eq!(relaying(&first.database, |_| true).await, leader);
    (first, second, script)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_waits_long_for_the_bus_is_no_relay_that_hangs() {
    let (first, second, _) = two().await;
    let leader = relaying(&first.database, |_| true).await;
    let held = announce(first.kit(), [HANGING.to_owned()]).await;
    // Longer than a heartbeat may be old.
    let begun = "SELECT extract(epoch FROM clock_timestamp() - max(announced_at))::bigint FROM event_log";
    until("the reaction to be held for 13 s", || async { (first.database.count(begun).await >= 13).then_some(()) })
        .await;
    assert_eq!(relaying(&first.database, |_| true).await, leader);
    assert_eq!(first.script.reactions.load(Ordering::SeqCst), 1);
    first.script.release.notify_one();
    acted_once(&first, &held).await;
    drained(&first.database).await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_session_is_ended_while_it_publishes_causes_a_duplicate_and_no_second_effect() {
    let (first, second, script) = two().await;
    let leader = relaying(&first.database, |_| true).await;
    let held = announce(first.kit(), [HANGING.to_owned()]).await;
    until("the reaction to begin", || async { (first.script.reactions.load(Ordering::SeqCst) == 1).then_some(()) })
        .await;
    let end = AssertSqlSafe(format!("SELECT pg_terminate_backend(pid) {ELECTED}"));
    assert!(sqlx::query_scalar::<_, bool>(end).fetch_one(first.database.pool()).await.unwrap());
    relaying(&first.database, |name| name != leader).await;
    // Both may act on it now, and one does.
    first.script.release.notify_one();
    script.release.notify_one();
    acted_once(&first, &held).await;
    drained(&first.database).await;
    second.stop().await;
}
