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

/// The instance that relays, from when there is one that `pick` accepts.
async fn relaying(database: &TestDatabase, pick: impl Fn(Uuid) -> bool) -> Uuid {
    until("a relay", || async {
        let query = sqlx::query_scalar("SELECT instance FROM relay_heartbeat").fetch_optional(database.pool());
        query.await.unwrap().filter(|instance| pick(*instance))
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
    relaying(&sample.database, |instance| instance != hanging).await;
    drained(&sample.database).await;
    acted_once(&sample, &announced).await;
    process.signal("CONT");
    let later = announce(sample.kit(), (0..40).map(|_| "sim_ok".to_owned())).await;
    acted_once(&sample, &later).await;
    acted_once(&sample, &announced).await;
    // It stands by now, and relays again when it is needed.
    let (database, bus) = sample.stop().await;
    relaying(&database, |instance| instance == hanging).await;
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
    relaying(&sample.database, |instance| instance != hanging).await;
    drop(taken);
    process.signal("CONT");
    drop(process);
    tidy(sample).await;
}

/// What the session of the relay waits for.
async fn waits_for(database: &TestDatabase) -> Option<String> {
    let query = "SELECT wait_event FROM pg_stat_activity JOIN relay_heartbeat USING (pid, backend_start)";
    sqlx::query_scalar(query).fetch_optional(database.pool()).await.unwrap().flatten()
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
    relaying(&sample.database, |instance| instance != hanging).await;
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
    let begun = "SELECT extract(epoch FROM max(beat_at) - max(received_at))::bigint FROM relay_heartbeat, \
                 (SELECT max(announced_at) AS received_at FROM event_log) AS log";
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
    let end = "SELECT count(pg_terminate_backend(pid)) FROM relay_heartbeat";
    assert_eq!(first.database.count(end).await, 1);
    relaying(&first.database, |instance| instance != leader).await;
    // Both may act on it now, and one does.
    first.script.release.notify_one();
    script.release.notify_one();
    acted_once(&first, &held).await;
    drained(&first.database).await;
    second.stop().await;
}
