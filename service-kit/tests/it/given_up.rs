//! What the broker gives up: it counts lost connections, not attempts, so its word ends nothing. The inbox's own count does.

use crate::{
    broker::{Proxy, Raw, tidy},
    process::Process,
    sample::{LETHAL, PANICKING},
    support::{Sample, Way, amqp_url, database, deliver, drained, inbox_row, namespace, payment},
};
use contracts::{EventId, RawEvent, ServiceName};
use lapin::options::BasicNackOptions;
use service_kit::{Bus, Clock, bus::RabbitBus, inbox::MAX_ATTEMPTS};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::sync::atomic::Ordering;
use test_kit::{TestDatabase, until};

/// Hands messages back until the broker's own limit, as a consumer does whose connection breaks again and again.
async fn given_up_by_the_broker(database: &TestDatabase, events: &[RawEvent]) {
    let raw = Raw::connect(database).await;
    let queue = raw.queue(ServiceName::Order, "events");
    for _ in 0..=20 * events.len() + events.len() - 1 {
        let message = until("the message", || raw.take(&queue)).await;
        let options = BasicNackOptions { requeue: true, ..BasicNackOptions::default() };
        message.delivery.acker.nack(options).await.unwrap();
    }
    assert!(raw.take(&queue).await.is_none());
    raw.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_the_broker_gives_up_is_tried_all_the_same() {
    let sample = Sample::start(Way::Rabbit).await;
    sample.warm_up().await;
    let (database, bus) = sample.stop().await;
    let events = [payment("sim_ok"), payment("another_method"), payment(PANICKING)];
    deliver(&bus, &events).await;
    given_up_by_the_broker(&database, &events).await;
    let clock = Clock::manual(Clock::system().now());
    let sample = Sample::start_on(database, bus, clock.clone()).await;
    for event in &events[..2] {
        // One for the deliveries that did not end, one for this.
        assert_eq!(sample.done(event.id).await.attempts, 2);
        assert_eq!(sample.effects(event.subject).await, [1]);
    }
    let row = sample.inbox(events[2].id, |row| row.attempts == 2 && row.status == "waiting").await;
    assert_eq!(row.envelope, Some(events[2].to_json()));
    // Whoever fails whenever it is tried ends by the inbox's count.
    let last = until("the bound", || async {
        clock.advance(time::Duration::minutes(1));
        inbox_row(&sample.database, events[2].id.uuid()).await.filter(|row| row.status == "dead")
    });
    assert_eq!(last.await.attempts, MAX_ATTEMPTS);
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_gives_up_is_not_taken_from_those_who_have_it() {
    let sample = Sample::start_at(Way::Rabbit, Clock::manual(Clock::system().now())).await;
    let (done, waiting) = (payment("sim_ok"), payment(PANICKING));
    sample.deliver(&[done.clone(), waiting.clone()]).await;
    sample.done(done.id).await;
    sample.inbox(waiting.id, |_| true).await;
    let raw = Raw::connect(&sample.database).await;
    for event in [&done, &waiting] {
        raw.publish_dead(ServiceName::Order, event.to_json().to_string().as_bytes()).await;
    }
    raw.publish_dead(ServiceName::Order, b"the last").await;
    until("the last dead letter", || async {
        let query = "SELECT count(*) FROM inbox WHERE status = 'dead'";
        (sample.database.count(query).await > 0).then_some(())
    })
    .await;
    let row = async |id: EventId| inbox_row(&sample.database, id.uuid()).await.unwrap();
    assert_eq!(row(done.id).await.status, "done");
    // Nor does its attempts' count go on.
    let waiting = row(waiting.id).await;
    assert_eq!((waiting.status.as_str(), waiting.attempts), ("waiting", 1));
    raw.close().await;
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_nobody_can_read_is_a_dead_letter_also_when_the_broker_gave_it_up() {
    let sample = Sample::start(Way::Rabbit).await;
    sample.warm_up().await;
    let raw = Raw::connect(&sample.database).await;
    for body in [&b"no event"[..], b"", b"{\"specversion\": \"1.0\"}"] {
        raw.publish_dead(ServiceName::Order, body).await;
    }
    until("three dead letters", || async {
        let query = "SELECT count(*) FROM inbox WHERE status = 'dead' AND type = 'unreadable'
                     AND reason LIKE 'the broker gave it up: %'";
        (sample.database.count(query).await == 3).then_some(())
    })
    .await;
    raw.close().await;
    tidy(sample).await;
}

/// Has a database refuse every connection, or take them again, as one does that is restored or moved.
async fn allow_connections(database: &TestDatabase, allowed: bool) {
    let (server, name) = database.url().rsplit_once('/').unwrap();
    let mut connection = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    let statement = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}");
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    if !allowed {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        sqlx::query(end).bind(name).execute(&mut connection).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_while_the_brokers_connection_breaks_again_and_again_leaves_no_dead_letter() {
    let (database, proxy) = (database().await, Proxy::of(&amqp_url()).await);
    let direct = Bus::Rabbit(RabbitBus::new(amqp_url().into(), &namespace(&database)));
    let bus = RabbitBus::new(proxy.url.clone().into(), &namespace(&database));
    let sample = Sample::start_on(database, Bus::Rabbit(bus), Clock::system()).await;
    sample.warm_up().await;
    allow_connections(&sample.database, false).await;
    let events: Vec<_> = (0..12).map(|_| payment("sim_ok")).collect();
    deliver(&direct, &events).await;
    let raw = Raw::connect(&sample.database).await;
    let [queue, dead] = ["events", "dead"].map(|kind| raw.queue(ServiceName::Order, kind));
    let before = sample.script.reactions.load(Ordering::SeqCst);
    // More often than the broker delivers: at the last it moves what is left over.
    for _ in 0..24 {
        until("every message to be taken", || async {
            let taken = sample.kit().bus_connected() == Some(true)
                && raw.waiting(&queue).await == 0
                && raw.waiting(&dead).await == 0;
            taken.then_some(())
        })
        .await;
        proxy.cut();
        until("the consumer to see it", || async { (sample.kit().bus_connected() == Some(false)).then_some(()) }).await;
    }
    // The broker has really given them up.
    proxy.leave();
    until("every message to be a dead letter of the broker's", || async {
        (raw.waiting(&dead).await == 12 && raw.waiting(&queue).await == 0).then_some(())
    })
    .await;
    assert_eq!(sample.script.reactions.load(Ordering::SeqCst), before, "the database was not away");
    proxy.back();
    allow_connections(&sample.database, true).await;
    for event in &events {
        sample.done(event.id).await;
        assert_eq!(sample.effects(event.subject).await, [1]);
    }
    assert_eq!(sample.database.count("SELECT count(*) FROM inbox WHERE status <> 'done'").await, 0);
    // An attempt was counted for each, though none had reached the database.
    assert_eq!(sample.database.count("SELECT count(*) FROM inbox WHERE attempts = 2").await, 12);
    drained(&sample.database).await;
    raw.close().await;
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_its_process_dies_of_again_and_again_is_dead_by_the_inboxs_own_count() {
    let database = database().await;
    let bus = Way::Rabbit.bus(&database);
    bus.publish(&[]).await;
    let (lethal, innocent) = (payment(LETHAL), payment("sim_ok"));
    let raw = Raw::connect(&database).await;
    for event in [&lethal, &innocent] {
        raw.publish_dead(ServiceName::Order, event.to_json().to_string().as_bytes()).await;
    }
    raw.close().await;
    // Whoever looks after processes starts a dead one again; its lease is not waited for.
    for _ in 1..MAX_ATTEMPTS {
        Process::start_on(&database).has_died().await;
        let due = "UPDATE inbox SET next_at = 'epoch' WHERE status = 'waiting'";
        sqlx::query(due).execute(database.pool()).await.unwrap();
    }
    let last = Process::start_on(&database);
    let row = until("the event to be dead", || async {
        inbox_row(&database, lethal.id.uuid()).await.filter(|row| row.status == "dead")
    })
    .await;
    assert_eq!(row.attempts, MAX_ATTEMPTS + 1);
    assert!(row.reason.unwrap().starts_with("the process ended during its last attempt; before that: "));
    // It took nobody with it.
    until("its neighbour to be done", || async {
        inbox_row(&database, innocent.id.uuid()).await.filter(|row| row.status == "done")
    })
    .await;
    drop(last);
    Raw::connect(&database).await.tidy().await;
}
