//! What is there together is worked together: one transaction, one acknowledgement, and nobody pays for a neighbour.

use crate::{
    broker::{Raw, tidy},
    sample::{FAILING, HANGING, PANICKING},
    support::{Sample, Way, announce_in, database, deliver, drained, order_id, payment},
};
use contracts::{EventId, RawEvent, ServiceName, envelope};
use lapin::options::BasicAckOptions;
use service_kit::{Clock, Env, Settings};
use std::sync::atomic::Ordering;
use test_kit::until;
use uuid::Uuid;

/// Has the sample find `events` together: over RabbitMQ they gather behind one that hangs until they are all there.
async fn deliver_together(sample: &Sample, way: Way, events: &[RawEvent]) {
    let Way::Rabbit = way else { return sample.deliver(events).await };
    let begun = sample.script.reactions.load(Ordering::SeqCst);
    sample.deliver(&[payment(HANGING)]).await;
    until("the one that hangs", || async { (sample.script.reactions.load(Ordering::SeqCst) > begun).then_some(()) })
        .await;
    sample.deliver(events).await;
    let raw = Raw::connect(&sample.database).await;
    let queue = raw.queue(ServiceName::Order, "events");
    until("all to be handed out", || async { (raw.waiting(&queue).await == 0).then_some(()) }).await;
    raw.close().await;
    sample.script.release.notify_one();
}

/// How many transactions these events' effects took.
async fn transactions(sample: &Sample, events: &[RawEvent]) -> i64 {
    let ids: Vec<Uuid> = events.iter().map(|event| event.id.uuid()).collect();
    let query = "SELECT count(DISTINCT xmin::text) FROM effects WHERE event_id = ANY($1)";
    sqlx::query_scalar(query).bind(ids).fetch_one(sample.database.pool()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_together_takes_one_transaction() {
    for way in Way::BOTH {
        let sample = Sample::start(way).await;
        sample.warm_up().await;
        let events: Vec<_> = (0..40).map(|_| payment("sim_ok")).collect();
        deliver_together(&sample, way, &events).await;
        for event in &events {
            sample.done(event.id).await;
        }
        let transactions = transactions(&sample, &events).await;
        // Over RabbitMQ the last few may arrive a moment later.
        assert!(transactions <= 4, "{way:?}: {transactions}");
        tidy(sample).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_or_panics_takes_none_of_its_batch_along() {
    for way in Way::BOTH {
        let sample = Sample::start(way).await;
        sample.warm_up().await;
        sample.script.broken.store(true, Ordering::SeqCst);
        let mut events: Vec<_> = (0..10).map(|_| payment("sim_ok")).collect();
        events.insert(3, payment(FAILING));
        events.insert(7, payment(PANICKING));
        let twice = events[0].clone();
        events.push(twice);
        deliver_together(&sample, way, &events).await;
        for event in events.iter().filter(|event| event.data["method"] == "sim_ok") {
            sample.done(event.id).await;
        }
        let failed = "SELECT count(*) FROM inbox WHERE status <> 'done'
                      AND (reason LIKE '%the till is stuck%' OR reason LIKE '%the till exploded%')";
        until("both failures to be recorded", || async { (sample.database.count(failed).await == 2).then_some(()) })
            .await;
        // Each acted once, at its first attempt.
        assert_eq!(sample.database.count("SELECT count(*) FROM inbox WHERE status = 'dead'").await, 0);
        let good = "SELECT count(*) FROM effects JOIN inbox USING (event_id) WHERE inbox.attempts = 0";
        assert!(sample.database.count(good).await >= 10);
        sample.script.broken.store(false, Ordering::SeqCst);
        sample.done(events[3].id).await;
        tidy(sample).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_many_events_in_one_message_each_subscriber_gets_its_own() {
    let database = database().await;
    let bus = Way::Rabbit.bus(&database);
    let env = Env::of([("DATABASE_URL", database.url()), ("EVENTS_BATCH", "on")]);
    let settings = Settings::read(&env, ServiceName::Order).unwrap();
    let sample = Sample::start_with(settings, database, bus, Clock::system()).await;
    sample.warm_up().await;
    let mut tx = sample.kit().database.begin("a_test").await.unwrap();
    let mut announced = Vec::new();
    for _ in 0..5 {
        announced.push(announce_in(sample.kit(), &mut tx, order_id()).await.unwrap());
    }
    let _committed = tx.commit().await.unwrap();
    drained(&sample.database).await;
    let raw = Raw::connect(&sample.database).await;
    for service in [ServiceName::Product, ServiceName::Notify] {
        let queue = raw.queue(service, "events");
        let message = until("the message", || raw.take(&queue)).await;
        message.delivery.acker.ack(BasicAckOptions::default()).await.unwrap();
        let content_type = message.delivery.properties.content_type().as_ref().map(ToString::to_string);
        assert_eq!(content_type.as_deref(), Some(envelope::BATCH_CONTENT_TYPE));
        let parts = envelope::parts(&message.delivery.data).unwrap();
        let ids: Vec<EventId> = parts.into_iter().map(|part| RawEvent::from_slice(part).unwrap().id).collect();
        assert_eq!(ids, announced);
        assert_eq!(raw.waiting(&queue).await, 0);
    }
    raw.close().await;
    tidy(sample).await;
}

fn body(events: &[&RawEvent], more: &str) -> Vec<u8> {
    let texts: Vec<_> = events.iter().map(|event| event.to_json().to_string()).collect();
    envelope::batch(texts.iter().map(String::as_str).chain([more])).into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_message_with_many_events_only_what_cannot_be_read_is_a_dead_letter() {
    let sample = Sample::start(Way::Rabbit).await;
    sample.warm_up().await;
    let raw = Raw::connect(&sample.database).await;
    let (one, two) = (payment("sim_ok"), payment("sim_ok"));
    raw.publish_batch("payment.completed", &body(&[&one, &two], r#"{"id": "none"}"#)).await;
    sample.done(one.id).await;
    sample.done(two.id).await;
    let dead = "SELECT count(*) FROM inbox WHERE status = 'dead' AND envelope::text LIKE '%none%'";
    until("the dead letter", || async { (sample.database.count(dead).await == 1).then_some(()) }).await;
    raw.close().await;
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_many_events_that_comes_again_counts_an_attempt_for_each() {
    let sample = Sample::start(Way::Rabbit).await;
    sample.warm_up().await;
    let (database, bus) = sample.stop().await;
    let raw = Raw::connect(&database).await;
    let (one, two) = (payment("sim_ok"), payment("sim_ok"));
    let third = payment("sim_ok");
    let third = third.to_json().to_string();
    raw.publish_batch("payment.completed", &body(&[&one, &two], &third)).await;
    // A consumer that dies of it.
    let queue = raw.queue(ServiceName::Order, "events");
    let _message = until("the message", || raw.take(&queue)).await;
    raw.close().await;
    let fresh = payment("sim_ok");
    deliver(&bus, std::slice::from_ref(&fresh)).await;
    let sample = Sample::start_on(database, bus, Clock::system()).await;
    for id in [one.id, two.id, fresh.id] {
        sample.done(id).await;
    }
    until("the third as well", || async {
        let counted = "SELECT count(*) FROM effects WHERE attempts = 2";
        (sample.database.count(counted).await == 3).then_some(())
    })
    .await;
    tidy(sample).await;
}
