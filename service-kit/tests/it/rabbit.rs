//! RabbitMQ: what is declared, what counts as delivered, and what the broker gives up.

use crate::{
    broker::{Raw, tidy},
    support::{Sample, Way, announce_paid, database, deliver, drained, order_id, paid, payment},
};
use contracts::{RawEvent, ServiceName};
use lapin::types::{AMQPValue, FieldTable};
use service_kit::{Bus, Clock, bus::PublishError};
use std::collections::{BTreeMap, BTreeSet};
use test_kit::{event, until};

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

fn arguments(pairs: &[(&str, AMQPValue)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in pairs {
        table.insert((*name).into(), value.clone());
    }
    table
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_a_quorum_queue_whose_dead_letters_cannot_be_lost() {
    let sample = Sample::start(Way::Rabbit).await;
    sample.warm_up().await;
    let raw = Raw::connect(&sample.database).await;
    let queue = raw.queue(ServiceName::Order, "events");
    let dead_exchange = raw.exchange().replace(".events", ".dead");
    let declared = [
        ("x-queue-type", text("quorum")),
        ("x-delivery-limit", AMQPValue::LongLongInt(20)),
        ("x-dead-letter-exchange", text(&dead_exchange)),
        ("x-dead-letter-routing-key", text("order-service")),
        ("x-dead-letter-strategy", text("at-least-once")),
        ("x-overflow", text("reject-publish")),
    ];
    raw.declare(&queue, arguments(&declared)).await.unwrap();
    // The broker refuses a declaration that differs: so it really has each of them.
    for left_out in 0..declared.len() {
        let mut others = declared.to_vec();
        let (name, _) = others.remove(left_out);
        let refused = raw.declare(&queue, arguments(&others)).await.unwrap_err().to_string();
        assert!(refused.contains("PRECONDITION_FAILED") && refused.contains(name), "without {name}: {refused}");
    }
    raw.close().await;
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_announced_before_a_subscriber_ever_started_waits_for_it() {
    let database = database().await;
    let bus = Way::Rabbit.bus(&database);
    // Its subscribers are product-service and notify-service; one of them being there is not enough.
    let early = event(1, paid(order_id()));
    deliver(&bus, std::slice::from_ref(&early)).await;
    let raw = Raw::connect(&database).await;
    for service in [ServiceName::Product, ServiceName::Notify] {
        assert_eq!(raw.receive(&raw.queue(service, "events")).await, early.id);
    }
    raw.close().await;
    // The same for the sample, which takes it when it starts.
    let early = payment("sim_ok");
    deliver(&bus, std::slice::from_ref(&early)).await;
    let sample = Sample::start_on(database, bus, Clock::system()).await;
    sample.done(early.id).await;
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_says_outside_its_body_what_it_is_whose_and_when() {
    let database = database().await;
    let bus = Way::Rabbit.bus(&database);
    let event = event(1, paid(order_id()));
    deliver(&bus, std::slice::from_ref(&event)).await;
    let raw = Raw::connect(&database).await;
    let queue = raw.queue(ServiceName::Notify, "events");
    let message = until("the message", || raw.take(&queue)).await;
    let properties = &message.delivery.properties;
    let text = |property: &Option<lapin::types::ShortString>| property.as_ref().map(ToString::to_string);
    assert_eq!(text(properties.message_id()), Some(event.id.to_string()));
    assert_eq!(text(properties.kind()).as_deref(), Some("order.paid"));
    assert_eq!(text(properties.app_id()).as_deref(), Some("order-service"));
    assert_eq!(*properties.timestamp(), Some(event.time.unix_timestamp().unsigned_abs()));
    raw.tidy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_nobody_took_yet_are_counted_and_missing_queues_hold_none() {
    let database = database().await;
    let Bus::Rabbit(bus) = Way::Rabbit.bus(&database) else { panic!("a bus over RabbitMQ") };
    assert_eq!(bus.waiting().await.unwrap(), BTreeMap::new(), "nothing was declared yet");
    // Its subscribers are product-service and notify-service.
    deliver(&Bus::Rabbit(bus.clone()), &[event(1, paid(order_id()))]).await;
    until("both to be counted", || async {
        let waiting = bus.waiting().await.unwrap();
        let count = |service| waiting.get(&service).copied().unwrap_or_default();
        (count(ServiceName::Product) == 1 && count(ServiceName::Notify) == 1 && count(ServiceName::Order) == 0)
            .then_some(())
    })
    .await;
    Raw::connect(&database).await.tidy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_reaches_no_queue_is_told_apart_from_what_does_within_one_batch() {
    let sample = Sample::start(Way::Rabbit).await;
    sample.warm_up().await;
    let raw = Raw::connect(&sample.database).await;
    for service in [ServiceName::Product, ServiceName::Notify] {
        raw.delete(&raw.queue(service, "events")).await;
    }
    // lapin hangs a returned message on whichever confirm comes next: go by ids.
    for _ in 0..5 {
        let batch: Vec<RawEvent> = (0..64).flat_map(|_| [payment("sim_ok"), event(1, paid(order_id()))]).collect();
        let answers = sample.bus.publish(&batch).await;
        for (event, answer) in batch.iter().zip(answers) {
            match event.kind.as_str() {
                "payment.completed" => answer.unwrap(),
                _ => assert!(matches!(answer, Err(PublishError::NoQueue { kind }) if kind == "order.paid")),
            }
        }
    }
    raw.close().await;
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_without_a_queue_stays_in_the_outbox_until_there_is_one() {
    let sample = Sample::start(Way::Rabbit).await;
    sample.warm_up().await;
    let raw = Raw::connect(&sample.database).await;
    let queues = [ServiceName::Product, ServiceName::Notify].map(|service| raw.queue(service, "events"));
    for queue in &queues {
        raw.delete(queue).await;
    }
    let id = announce_paid(sample.kit(), order_id()).await;
    until("the event to be refused", || async {
        (sample.database.count("SELECT coalesce(max(attempts), -1)::bigint FROM outbox").await > 0).then_some(())
    })
    .await;
    for queue in &queues {
        raw.declare(queue, FieldTable::default()).await.unwrap();
        raw.bind(queue, "order.paid").await;
    }
    for queue in &queues {
        assert_eq!(raw.receive(queue).await, id);
    }
    drained(&sample.database).await;
    raw.close().await;
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_queue_refuses_stays_in_the_outbox_until_there_is_room() {
    let database = database().await;
    let raw = Raw::connect(&database).await;
    // Made before by somebody else, with other arguments: it is given its types all the same.
    let queue = raw.queue(ServiceName::Notify, "events");
    let room_for_one = arguments(&[("x-max-length", AMQPValue::LongInt(1)), ("x-overflow", text("reject-publish"))]);
    raw.declare(&queue, room_for_one).await.unwrap();
    let bus = Way::Rabbit.bus(&database);
    let sample = Sample::start_on(database, bus, Clock::system()).await;
    let mut announced = BTreeSet::new();
    for _ in 0..3 {
        announced.insert(announce_paid(sample.kit(), order_id()).await);
    }
    until("an event to be refused", || async {
        (sample.database.count("SELECT coalesce(max(attempts), 0)::bigint FROM outbox").await > 0).then_some(())
    })
    .await;
    let mut arrived = BTreeSet::new();
    while arrived != announced {
        arrived.insert(raw.receive(&queue).await);
    }
    drained(&sample.database).await;
    raw.close().await;
    tidy(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_cannot_be_read_is_a_dead_letter_and_holds_up_nobody() {
    let sample = Sample::start(Way::Rabbit).await;
    sample.warm_up().await;
    let raw = Raw::connect(&sample.database).await;
    // PostgreSQL stores no NUL character: neither in text nor in JSON.
    let bodies: [&[u8]; 4] = [b"no event\0at all", b"{\"id\": \"\\u0000\"}", b"\xff\xfe", b""];
    for body in bodies {
        raw.publish("payment.completed", body).await;
    }
    let mut odd = payment("sim_ok");
    odd.data["method"] = "nul\0".into();
    odd.data["order_id"] = "no id".into();
    raw.publish("payment.completed", odd.to_json().to_string().as_bytes()).await;
    // The last of them shows that it still runs.
    raw.publish("payment.completed", b"the last").await;
    until("six rows that are not done", || async {
        let dead = sample.database.count("SELECT count(*) FROM inbox WHERE status = 'dead'").await;
        let waiting = sample.database.count("SELECT count(*) FROM inbox WHERE status = 'waiting'").await;
        (dead == 5 && waiting == 1).then_some(())
    })
    .await;
    let query = "SELECT count(*) FROM inbox WHERE status = 'dead' AND type = 'unreadable' AND envelope = '\"the last\"'
                 AND reason LIKE 'not a CloudEvents 1.0 envelope: %'";
    assert_eq!(sample.database.count(query).await, 1);
    let next = payment("sim_ok");
    sample.deliver(std::slice::from_ref(&next)).await;
    sample.done(next.id).await;
    raw.close().await;
    tidy(sample).await;
}

/// Attempts the inbox had counted when the event acted.
async fn attempts_when_acting(sample: &Sample, event: &RawEvent) -> i32 {
    let query = sqlx::query_scalar("SELECT attempts FROM effects WHERE event_id = $1").bind(event.id.uuid());
    query.fetch_one(sample.database.pool()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_delivered_before_counts_its_attempt_before_acting() {
    let sample = Sample::start(Way::Rabbit).await;
    sample.warm_up().await;
    let (database, bus) = sample.stop().await;
    let (fresh, again) = (payment("sim_ok"), payment("sim_ok"));
    deliver(&bus, std::slice::from_ref(&again)).await;
    let raw = Raw::connect(&database).await;
    let queue = raw.queue(ServiceName::Order, "events");
    // A consumer that dies of it.
    let _message = until("the message", || raw.take(&queue)).await;
    raw.close().await;
    deliver(&bus, std::slice::from_ref(&fresh)).await;
    let sample = Sample::start_on(database, bus, Clock::system()).await;
    sample.done(fresh.id).await;
    sample.done(again.id).await;
    assert_eq!(attempts_when_acting(&sample, &fresh).await, 0);
    // One for the delivery that did not end, one for this.
    assert_eq!(attempts_when_acting(&sample, &again).await, 2);
    tidy(sample).await;
}
