//! What a service shows of itself on its own port at `/flow`, and that showing it holds nothing up.

use crate::{
    sample::ANNOUNCING,
    support::{Sample, Way, announce_paid, database, order_id, payment, settings},
};
use contracts::{RawEvent, ServiceName};
use opentelemetry::{
    KeyValue,
    trace::{Span as _, SpanKind as OtelKind, Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::SdkTracerProvider;
use service_kit::{
    Bus, Clock,
    bus::{LocalBus, RabbitBus},
    flow::{Journey, Now, Queue, SpanKind, Store, What, Work},
};
use std::time::{Duration, Instant};
use test_kit::{Recorder, until};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

/// The sample with somebody in every other service's place, who takes what it announces.
async fn listened_to() -> (Sample, Recorder) {
    let bus = LocalBus::new();
    let recorder = Recorder::attach(&bus, ServiceName::Order);
    (Sample::start_on(database().await, Bus::Local(bus), Clock::system()).await, recorder)
}

async fn now(sample: &Sample) -> Now {
    sample.running.client().get("/flow/now").await.expect(200)
}

/// Waits for a state: answers are shared for half a second.
async fn when(sample: &Sample, what: &str, is_so: impl Fn(&Now) -> bool) -> Now {
    until(what, || async { Some(now(sample).await).filter(|now| is_so(now)) }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_shown_from_the_outbox_to_its_effect() {
    let (sample, _recorder) = listened_to().await;
    let event = payment(ANNOUNCING);
    sample.deliver(std::slice::from_ref(&event)).await;
    sample.done(event.id).await;
    sample.running.settled().await;
    let now = when(&sample, "three moments", |now| now.lately.len() == 3).await;
    let mut seen: Vec<_> = now.lately.iter().map(|moment| (moment.what, &*moment.kind, moment.service)).collect();
    seen.sort();
    let here = ServiceName::Order;
    assert_eq!(
        seen,
        [
            (What::Announced, "order.paid", here),
            (What::Published, "order.paid", here),
            (What::Done, "payment.completed", here)
        ]
    );
    for moment in &now.lately {
        let number = (moment.kind == "order.paid").then_some(1001);
        assert_eq!((moment.number, moment.micros.is_some()), (number, moment.what != What::Announced), "{moment:?}");
    }
    assert_eq!(now.store, Some(Store { outbox: 0, oldest: None, waiting: 0, dead: 0 }));
    assert_eq!((now.service, now.bus.as_str(), now.queue), (here, "local", Queue::None));
    assert_eq!((now.last_minute.announced, now.last_minute.done, now.last_minute.failed), (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_takes_is_shown_in_the_outbox_and_on_its_journey() {
    let sample = Sample::start(Way::Local).await;
    let order = order_id();
    let id = announce_paid(sample.kit(), order).await;
    let now = when(&sample, "one event in the outbox", |now| now.lately.len() == 1).await;
    let store = now.store.unwrap();
    assert_eq!((store.outbox, store.oldest.is_some()), (1, true));
    let journey: Journey = sample.running.client().get(&format!("/flow/journeys/{order}")).await.expect(200);
    assert_eq!((journey.service, journey.id), (ServiceName::Order, Some(order.uuid())));
    let [announced] = journey.announced.as_slice() else { panic!("{journey:?}") };
    let event = RawEvent::from_json(announced.event.clone()).unwrap();
    assert_eq!((event.id, event.kind.as_str(), announced.pending), (id, "order.paid", true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journey_is_found_by_its_number_where_the_service_knows_numbers() {
    let sample = Sample::start(Way::Local).await;
    let (client, order) = (sample.running.client(), order_id());
    let unknown: Journey = client.get("/flow/journeys/1001").await.expect(200);
    assert_eq!((unknown.id, unknown.announced.len()), (None, 0));
    let known = order.uuid();
    sample.kit().flow.find_by_number(move |number| async move { Ok((number == 1001).then_some(known)) });
    let found: Journey = client.get("/flow/journeys/1001").await.expect(200);
    assert_eq!((found.id, found.announced.len()), (Some(known), 0));
    let nonsense: Journey = client.get("/flow/journeys/mug").await.expect(200);
    assert_eq!(nonsense.id, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_work_on_a_journey_is_its_arrivals_and_its_spans() {
    let sample = Sample::start(Way::Local).await;
    let event = payment("sim_ok");
    sample.deliver(std::slice::from_ref(&event)).await;
    sample.done(event.id).await;
    // One of its own: what the sample did with the event is in the ring too.
    let journey = Uuid::new_v4();
    let provider = SdkTracerProvider::builder().with_span_processor(sample.kit().flow.span_ring().unwrap()).build();
    let tracer = provider.tracer("test");
    let span = |name: &'static str, kind, attributes: Vec<KeyValue>| {
        let mut span = tracer.span_builder(name).with_kind(kind).with_attributes(attributes).start(&tracer);
        span.end();
        span.span_context().trace_id().to_string()
    };
    let of_journey = vec![
        KeyValue::new("messaging.message.conversation_id", journey.to_string()),
        KeyValue::new("enduser.id", "not shown"),
    ];
    span("process payment.completed", OtelKind::Consumer, of_journey);
    let trace = span("POST /orders", OtelKind::Server, vec![KeyValue::new("http.route", "/orders")]);
    span("GET /other", OtelKind::Server, Vec::new());
    let path = format!("/flow/journeys/{journey}/work?events={},nonsense&traces={trace}", event.id);
    let work: Work = sample.running.client().get(&path).await.expect(200);
    let [arrival] = work.arrivals.as_slice() else { panic!("{work:?}") };
    assert_eq!((arrival.event_id, arrival.status.as_str(), arrival.attempts), (event.id.uuid(), "done", 0));
    let spans: Vec<_> = work.spans.iter().map(|span| (span.name.as_str(), span.kind, span.service)).collect();
    let here = ServiceName::Order;
    assert_eq!(
        spans,
        [("process payment.completed", SpanKind::Consumer, here), ("POST /orders", SpanKind::Server, here)]
    );
    assert!(!work.spans[0].attributes.contains_key("enduser.id"), "{:?}", work.spans[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_is_told_of_an_event_announced_after_they_came() {
    let sample = Sample::start(Way::Local).await;
    let mut stream = reqwest::get(format!("{}/flow/stream", sample.running.url)).await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let id = announce_paid(sample.kit(), order_id()).await;
    let mut heard = String::new();
    while !heard.contains("\n\n") {
        heard.push_str(&String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap()));
    }
    assert!(heard.starts_with("event: moment\ndata: {"), "{heard}");
    assert!(heard.contains("\"what\":\"announced\"") && heard.contains(&id.to_string()), "{heard}");
}

/// One watches and never reads, one has gone away: events and the end of the service do not wait for either.
#[tokio::test(flavor = "multi_thread")]
async fn viewers_hold_up_neither_events_nor_the_end() {
    let sample = Sample::start(Way::Local).await;
    let address = sample.running.url.strip_prefix("http://").unwrap().to_owned();
    let mut silent = tokio::net::TcpStream::connect(&address).await.unwrap();
    silent.write_all(b"GET /flow/stream HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    drop(reqwest::get(format!("{}/flow/stream", sample.running.url)).await.unwrap());
    let events: Vec<_> = (0..100).map(|_| payment("sim_ok")).collect();
    sample.deliver(&events).await;
    sample.done(events[99].id).await;
    let started = Instant::now();
    sample.running.stop().await;
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_may_watch_and_no_more() {
    let sample = Sample::start(Way::Local).await;
    let url = format!("{}/flow/stream", sample.running.url);
    let mut viewers = Vec::new();
    for _ in 0..16 {
        viewers.push(reqwest::get(&url).await.unwrap());
    }
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 503);
    viewers.clear();
    until("a place to be free again", || async { reqwest::get(&url).await.ok()?.status().is_success().then_some(()) })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn switched_off_there_is_nothing_and_nothing_is_kept() {
    let database = database().await;
    let mut settings = settings(&database);
    settings.flow = false;
    let sample = Sample::start_with(settings, database, Bus::Local(LocalBus::new()), Clock::system()).await;
    announce_paid(sample.kit(), order_id()).await;
    for path in ["/flow/now", "/flow/stream", "/flow/journeys/1001", "/flow"] {
        sample.running.client().get(path).await.assert_problem(404, "not_found");
    }
    assert!(sample.kit().flow.span_ring().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_broker_the_queues_are_counted() {
    let sample = Sample::start(Way::Rabbit).await;
    sample.warm_up().await;
    let now = when(&sample, "the queues to be counted", |now| matches!(now.queue, Queue::Holds { .. })).await;
    assert_eq!((now.bus.as_str(), now.queue), ("rabbitmq: connected", Queue::Holds { events: 0, dead: 0 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_is_said_to_be() {
    // Port 9 (discard) has no listener.
    let bus = Bus::Rabbit(RabbitBus::new("amqp://127.0.0.1:9".to_owned().into(), "away"));
    let sample = Sample::start_on(database().await, bus, Clock::system()).await;
    let now = now(&sample).await;
    assert_eq!((now.queue, now.bus.as_str()), (Queue::Away, "rabbitmq: away, events wait in the outbox"));
    assert!(now.store.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_every_connection_in_use_what_lies_in_the_database_is_shown_all_the_same() {
    let sample = Sample::start(Way::Local).await;
    let pool = sample.kit().database.pool().clone();
    let mut taken = Vec::new();
    while let Ok(connection) = pool.acquire().await {
        taken.push(connection);
    }
    let now = now(&sample).await;
    assert_eq!(now.store, Some(Store { outbox: 0, oldest: None, waiting: 0, dead: 0 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_wrong_is_told_so_as_a_problem() {
    let sample = Sample::start(Way::Local).await;
    let client = sample.running.client();
    client.get("/flow/journeys/mug/work").await.assert_problem(404, "not_found");
    let twice = format!("/flow/journeys/{}/work?events=1&events=2", Uuid::new_v4());
    client.get(&twice).await.assert_problem(400, "invalid_query");
}
