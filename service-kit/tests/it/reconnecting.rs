//! The broker goes and comes back: both sides connect again by themselves, and nothing is lost.

use crate::{
    broker::{Proxy, Raw, tidy},
    process::Process,
    support::{
        Sample, Way, amqp_url, announce_paid, database, deliver, drained, inbox_row, kit, namespace, order_id, payment,
        settings,
    },
};
use contracts::{EventId, RawEvent, ServiceName};
use serde_json::Value;
use service_kit::{Bus, Clock, bus::RabbitBus};
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    time::{Duration, Instant},
};
use test_kit::until;

/// A sample that reaches RabbitMQ through a proxy, and the same bus past it.
async fn through_proxy() -> (Sample, Proxy, Bus) {
    let (database, proxy) = (database().await, Proxy::of(&amqp_url()).await);
    let direct = Bus::Rabbit(RabbitBus::new(amqp_url().into(), &namespace(&database)));
    let bus = RabbitBus::new(proxy.url.clone().into(), &namespace(&database));
    let sample = Sample::start_on(database, Bus::Rabbit(bus), Clock::system()).await;
    (sample, proxy, direct)
}

fn connected(sample: &Sample) -> bool {
    sample.kit().bus_connected() == Some(true)
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_break_lose_nothing_and_come_back() {
    let (sample, proxy, direct) = through_proxy().await;
    let (mut announced, mut sent) = (BTreeSet::new(), Vec::new());
    for _ in 0..5 {
        for _ in 0..20 {
            announced.insert(announce_paid(sample.kit(), order_id()).await);
            let event = payment("sim_ok");
            deliver(&direct, std::slice::from_ref(&event)).await;
            sent.push(event);
        }
        proxy.cut();
    }
    // What came in acted once, though it was handed out again.
    for event in &sent {
        sample.done(event.id).await;
        assert_eq!(sample.effects(event.subject).await, [1]);
    }
    // What went out arrived, some of it perhaps more than once.
    drained(&sample.database).await;
    let raw = Raw::connect(&sample.database).await;
    let queue = raw.queue(ServiceName::Notify, "events");
    let mut arrived: BTreeSet<EventId> = BTreeSet::new();
    while let Some(message) = raw.take(&queue).await {
        let id = message.delivery.properties.message_id().as_ref().unwrap();
        arrived.insert(id.as_str().parse().unwrap());
    }
    assert_eq!(arrived, announced);
    raw.close().await;
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_while_messages_are_acknowledged_does_not_end_the_consumer() {
    let (sample, proxy, direct) = through_proxy().await;
    let mut sent = Vec::new();
    for _ in 0..8 {
        let done = || sample.database.count("SELECT count(*) FROM inbox WHERE status = 'done'");
        // Looked at first: they may all be done, as one batch, before they are sent for certain.
        let before = done().await;
        let events: Vec<_> = (0..40).map(|_| payment("sim_ok")).collect();
        deliver(&direct, &events).await;
        sent.extend(events);
        // In the middle of a stream of acknowledgements.
        until("messages to be worked", || async { (done().await > before).then_some(()) }).await;
        proxy.cut();
    }
    for event in &sent {
        sample.done(event.id).await;
        assert_eq!(sample.effects(event.subject).await, [1]);
    }
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_broker_is_away_events_wait_and_readyz_says_so() {
    let (database, proxy) = (database().await, Proxy::of(&amqp_url()).await);
    let signer = test_kit::Signer::trusted_by(&database).await;
    drop(signer);
    let bus = RabbitBus::new(proxy.url.clone().into(), &namespace(&database));
    let sample = Sample::start_on(database, Bus::Rabbit(bus), Clock::system()).await;
    let client = sample.running.client();
    let bus_is = async |expected: &'static str| {
        until(expected, || async { (client.get("/readyz").await.body["bus"] == expected).then_some(()) }).await;
    };
    // A service that has announced nothing yet is connected all the same.
    bus_is("rabbitmq: connected").await;
    proxy.leave();
    bus_is("rabbitmq: away, events wait in the outbox").await;
    announce_paid(sample.kit(), order_id()).await;
    assert_eq!(sample.database.count("SELECT count(*) FROM outbox").await, 1);
    // The bus never decides about readiness: orders are still taken.
    client.get("/readyz").await.assert_status(200);
    proxy.back();
    drained(&sample.database).await;
    bus_is("rabbitmq: connected").await;
    tidy(sample).await;
}

/// A sample on RabbitMQ whose database is behind a proxy, and a message it has in hand while the database is away.
async fn holding(event: &RawEvent) -> (Sample, Proxy) {
    let database = database().await;
    let proxy = Proxy::of(database.work_url()).await;
    let mut settings = settings(&database);
    settings.database_url = proxy.url.clone().into();
    let bus = Way::Rabbit.bus(&database);
    let sample = Sample::start_with(settings, database, bus, Clock::system()).await;
    sample.warm_up().await;
    proxy.leave();
    sample.deliver(std::slice::from_ref(event)).await;
    let raw = Raw::connect(&sample.database).await;
    let queue = raw.queue(ServiceName::Order, "events");
    until("the message to be taken", || async { (raw.waiting(&queue).await == 0).then_some(()) }).await;
    raw.close().await;
    (sample, proxy)
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_a_message_is_held_and_then_worked() {
    let event = payment("sim_ok");
    let (sample, proxy) = holding(&event).await;
    sample.running.client().get("/readyz").await.assert_status(503);
    proxy.back();
    sample.done(event.id).await;
    assert_eq!(sample.effects(event.subject).await, [1]);
    // The relay found its database again as well.
    let id = announce_paid(&kit(&sample.database).await, order_id()).await;
    let raw = Raw::connect(&sample.database).await;
    assert_eq!(raw.receive(&raw.queue(ServiceName::Notify, "events")).await, id);
    raw.close().await;
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_never_stored_is_handed_back_at_the_end() {
    let event = payment("sim_ok");
    let (sample, _proxy) = holding(&event).await;
    let (database, bus) = sample.stop().await;
    let sample = Sample::start_on(database, bus, Clock::system()).await;
    sample.done(event.id).await;
    assert_eq!(sample.effects(event.subject).await, [1]);
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_is_said_to_be_all_the_time_also_with_nothing_to_send() {
    let (database, proxy) = (database().await, Proxy::of(&amqp_url()).await);
    let bus = RabbitBus::new(proxy.url.clone().into(), &namespace(&database));
    let sample = Sample::start_on(database, Bus::Rabbit(bus), Clock::system()).await;
    until("it to be connected", || async { connected(&sample).then_some(()) }).await;
    proxy.leave();
    until("it to be away", || async { (!connected(&sample)).then_some(()) }).await;
    // Several looks of the relay, and several of the consumer.
    let away_since = Instant::now();
    until("it to have been away for three seconds", || async {
        assert!(!connected(&sample), "connected to a broker that is away");
        (away_since.elapsed() > Duration::from_secs(3)).then_some(())
    })
    .await;
    proxy.back();
    until("it to be connected again", || async { connected(&sample).then_some(()) }).await;
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_falls_silent_without_a_word_is_given_up_and_reached_again() {
    let (sample, proxy, direct) = through_proxy().await;
    sample.warm_up().await;
    // Neither side is told: only the missing heartbeats and confirms tell.
    proxy.mute();
    let id = announce_paid(sample.kit(), order_id()).await;
    let event = payment("sim_ok");
    deliver(&direct, std::slice::from_ref(&event)).await;
    sample.done(event.id).await;
    let raw = Raw::connect(&sample.database).await;
    assert_eq!(raw.receive(&raw.queue(ServiceName::Notify, "events")).await, id);
    drained(&sample.database).await;
    raw.close().await;
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_side_that_is_connected_does_not_speak_for_the_other() {
    // The connections come in any order: one is the publisher's, one the consumer's.
    for lost in 0..2 {
        let (database, proxy) = (database().await, Proxy::of(&amqp_url()).await);
        let bus = RabbitBus::new(proxy.url.clone().into(), &namespace(&database));
        let sample = Sample::start_on(database, Bus::Rabbit(bus), Clock::system()).await;
        until("it to be connected", || async { connected(&sample).then_some(()) }).await;
        proxy.cut_one(lost);
        until("it to be away", || async { (!connected(&sample)).then_some(()) }).await;
        proxy.back();
        until("it to be connected again", || async { connected(&sample).then_some(()) }).await;
        tidy(sample).await;
    }
}

/// The lines of a log that people look at, each with who wrote it.
fn warnings(log: &Path) -> Vec<(String, String, String)> {
    let lines = fs::read_to_string(log).unwrap();
    // What the test program itself says is no line of the log.
    let lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let lines = lines.map(|line| (text(&line["log.level"]), text(&line["log.logger"]), text(&line["message"])));
    lines.filter(|(level, ..)| ["warn", "error"].contains(&level.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_goes_and_comes_back_is_told_of_once_and_as_no_error() {
    let (database, proxy) = (database().await, Proxy::of(&amqp_url()).await);
    let log = std::env::temp_dir().join(format!("service-kit-{}.log", uuid::Uuid::new_v4()));
    let process = Process::start_logged(&database, &proxy.url, &log);
    let direct = Bus::Rabbit(RabbitBus::new(amqp_url().into(), &namespace(&database)));
    let said = |what: &str| warnings(&log).iter().filter(|(_, _, message)| message.contains(what)).count();
    for round in 1..=3 {
        let event = payment("sim_ok");
        deliver(&direct, std::slice::from_ref(&event)).await;
        until("the event to be done", || inbox_row(&database, event.id.uuid())).await;
        match round {
            1 => proxy.cut(),
            // Taken and broken at once, in the middle of the handshake: as of a broker that is starting.
            _ => proxy.leave(),
        }
        until("it to be told", || async { (said("the broker is away") >= 2 * round - 1).then_some(()) }).await;
        proxy.back();
    }
    let event = payment("sim_ok");
    deliver(&direct, std::slice::from_ref(&event)).await;
    until("the event to be done", || inbox_row(&database, event.id.uuid())).await;
    drop(process);
    let told = warnings(&log);
    let others: Vec<_> = told.iter().filter(|(level, _, _)| level == "error").collect();
    assert!(others.is_empty(), "{others:#?}");
    fs::remove_file(log).unwrap();
    Raw::connect(&database).await.tidy().await;
}
