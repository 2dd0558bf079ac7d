//! What is recorded of a service's work: one trace through requests, transactions, events and their retries. And that
//! nothing depends on it.

use crate::sample::{ANNOUNCING, FAILING};
use crate::support::{MIGRATIONS, Sample, Way, announce_in, database, order_id, payment, settings};
use contracts::{RawEvent, ServiceName, events::payment::Completed};
use futures_util::future::BoxFuture;
use service_kit::{
    Bus, Cause, Clock, Env, Gather, Kit, KitError,
    bus::LocalBus,
    gather::Item,
    spans::{self, conventions},
    trace,
};
use std::{
    collections::BTreeSet,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};
use test_kit::{Collector, Recorder, Span, until};
use tokio::net::TcpListener;
use uuid::Uuid;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

fn traces(endpoint: &str, variables: &[(&str, &str)]) -> spans::Settings {
    let env = Env::of(variables.iter().copied());
    let env = env.with("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint).with("OTEL_BSP_SCHEDULE_DELAY", "20");
    spans::Settings::read(&env).unwrap()
}

async fn sample(way: Way, traces: spans::Settings) -> Sample {
    let database = database().await;
    let mut settings = settings(&database);
    settings.traces = traces;
    let bus = way.bus(&database);
    Sample::start_with(settings, database, bus, Clock::system()).await
}

fn traced(event: RawEvent, flags: &str) -> RawEvent {
    RawEvent { traceparent: Some(format!("00-{TRACE}-{PARENT}-{flags}")), ..event }
}

/// Waits for a span of the trace.
async fn span(collector: &Collector, name: &str) -> Span {
    until(name, || async { collector.trace(TRACE).into_iter().find(|span| span.name == name) }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_its_reaction_and_what_that_announces_are_one_trace() {
    let collector = Collector::start().await;
    let sample = sample(Way::Rabbit, traces(&collector.url, &[])).await;
    let event = traced(payment(ANNOUNCING), "01");
    sample.deliver(std::slice::from_ref(&event)).await;
    let published = span(&collector, "publish order.paid").await;
    let processed = span(&collector, "process payment.completed").await;
    let transaction = span(&collector, "transaction").await;
    assert_eq!((processed.kind, &*processed.parent_id), ("consumer", PARENT));
    assert_eq!((transaction.kind, &transaction.parent_id), ("client", &processed.span_id));
    assert_eq!((published.kind, &published.parent_id), ("producer", &processed.span_id));
    let said = |span: &Span, keys: &[&str]| keys.iter().map(|key| span.attributes[*key].clone()).collect::<Vec<_>>();
    assert_eq!(
        said(
            &processed,
            &[
                "messaging.system",
                "messaging.operation.type",
                "messaging.message.id",
                "messaging.message.conversation_id",
                "ecom.subject",
                "ecom.attempt",
                "ecom.outcome",
            ]
        ),
        [
            "rabbitmq",
            "process",
            &event.id.to_string(),
            &event.correlation_id.to_string(),
            &event.subject.to_string(),
            "1",
            "done",
        ]
    );
    assert_eq!(said(&transaction, &["db.system.name", "ecom.outcome"]), ["postgresql", "committed"]);
    assert_eq!(said(&published, &["messaging.system", "ecom.event.type"]), ["rabbitmq", "order.paid"]);
    assert!(collector.trace(TRACE).iter().all(|span| span.error.is_none() && span.service == "order-service"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_acts_on_an_event_goes_on_from_the_span_that_published_it() {
    let collector = Collector::start().await;
    let (database, bus) = (database().await, LocalBus::new());
    let _others = Recorder::attach(&bus, ServiceName::Order);
    let mut settings = settings(&database);
    settings.traces = traces(&collector.url, &[]);
    let sample = Sample::start_with(settings, database, Bus::Local(bus), Clock::system()).await;
    // It listens from here on: what follows is published once.
    sample.warm_up().await;
    // Announced by the sample in payment-service's place, so that one collector sees both ends.
    let mut tx = sample.kit().database.begin("a_test").await.unwrap();
    let data = payment("sim_ok").decode::<Completed>().unwrap().data;
    let id = sample.kit().announce(&mut tx, &Cause::current(), 1, data).unwrap();
    let _committed = tx.commit().await.unwrap();
    let about_it = async |name: &str| {
        let id = id.to_string();
        let is_it = |span: &Span| span.name == name && span.attributes.get("messaging.message.id") == Some(&id);
        until(name, || async { collector.spans().into_iter().find(is_it) }).await
    };
    let published = about_it("publish payment.completed").await;
    let processed = about_it("process payment.completed").await;
    assert_eq!((processed.trace_id, processed.parent_id), (published.trace_id, published.span_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_that_fails_is_seen_with_each_of_its_tries() {
    let collector = Collector::start().await;
    let sample = sample(Way::Local, traces(&collector.url, &[])).await;
    sample.script.broken.store(true, Ordering::SeqCst);
    let event = traced(payment(FAILING), "01");
    sample.deliver(std::slice::from_ref(&event)).await;
    sample.inbox(event.id, |row| row.status == "waiting" && row.attempts >= 2).await;
    sample.script.broken.store(false, Ordering::SeqCst);
    sample.done(event.id).await;
    let tries = until("a try that succeeded", || async {
        let tries: Vec<_> =
            collector.trace(TRACE).into_iter().filter(|span| span.name == "process payment.completed").collect();
        tries.iter().any(|span| span.error.is_none()).then_some(tries)
    })
    .await;
    let (last, failed) = tries.split_last().unwrap();
    assert_eq!(last.attributes["ecom.attempt"], (failed.len() + 1).to_string());
    for (number, one) in failed.iter().enumerate() {
        assert_eq!(one.attributes["ecom.attempt"], (number + 1).to_string());
        assert_eq!(one.error.as_deref(), Some("the till is stuck"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_several_events_points_at_each_one_s_own_trace() {
    let collector = Collector::start().await;
    let sample = sample(Way::Rabbit, traces(&collector.url, &[])).await;
    let mut tx = sample.kit().database.begin("a_test").await.unwrap();
    for _ in 0..3 {
        announce_in(sample.kit(), &mut tx, order_id()).await.unwrap();
    }
    let _committed = tx.commit().await.unwrap();
    let batch = until("the batch", || async { collector.spans().into_iter().find(|span| span.name == "send") }).await;
    let published = until("three published events", || async {
        let published: Vec<_> =
            collector.spans().into_iter().filter(|span| span.name == "publish order.paid").collect();
        (published.len() == 3).then_some(published)
    })
    .await;
    let ids = |spans: &[Span]| spans.iter().map(|span| (span.trace_id.clone(), span.span_id.clone())).collect();
    let (published, linked): (BTreeSet<_>, BTreeSet<_>) = (ids(&published), batch.links.into_iter().collect());
    assert_eq!((published.len(), linked), (3, published.clone()));
    assert!(published.iter().all(|(trace, _)| *trace != batch.trace_id));
}

#[derive(Clone)]
struct Wish(Uuid);

impl Item for Wish {
    fn owner(&self) -> Uuid {
        self.0
    }

    fn rows(&self) -> usize {
        1
    }
}

fn a_step(_: &(), wishes: Vec<Wish>) -> BoxFuture<'_, Vec<Result<(), KitError>>> {
    Box::pin(async move {
        drop(spans::child(|| conventions::work("step")));
        wishes.into_iter().map(|_| Ok(())).collect()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_several_requests_points_at_each_one_s_own_trace_and_one_alone_stays_in_its_own() {
    let collector = Collector::start().await;
    let sample = sample(Way::Local, traces(&collector.url, &[])).await;
    let gather = Gather::<Wish, (), KitError>::new(sample.kit(), "a_test");
    let ask = || async {
        let (caller, context) = sample.kit().spans.begin(None, || conventions::work("caller"));
        trace::within(context, gather.one(&(), Wish(Uuid::new_v4()), a_step)).await.unwrap();
        drop(caller);
    };
    ask().await;
    let named = |name: &'static str| collector.spans().into_iter().filter(move |span| span.name == name);
    let alone = until("the step of one alone", || async { named("step").next() }).await;
    let caller = until("its caller", || async { named("caller").next() }).await;
    assert_eq!((&alone.trace_id, &alone.parent_id), (&caller.trace_id, &caller.span_id));
    let batch = until("a batch of several", || async {
        futures_util::future::join_all((0..8).map(|_| ask())).await;
        named("batch").next()
    })
    .await;
    assert_eq!(batch.attributes["ecom.work"], "a_test");
    let step = until("its step", || async { named("step").find(|step| step.trace_id == batch.trace_id) }).await;
    assert_eq!(step.parent_id, batch.span_id);
    let linked: BTreeSet<_> = batch.links.into_iter().collect();
    until("its callers", || async {
        let callers: BTreeSet<_> = named("caller").map(|caller| (caller.trace_id, caller.span_id)).collect();
        (linked.len() > 1 && linked.is_subset(&callers)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_sampled_leaves_nothing_but_its_ids() {
    let collector = Collector::start().await;
    // Either the sampler says no, or the caller did.
    for (sampler, flags) in [("always_off", "01"), ("parentbased_always_on", "00")] {
        let sample = sample(Way::Rabbit, traces(&collector.url, &[("OTEL_TRACES_SAMPLER", sampler)])).await;
        let client = sample.running.client().with_header("traceparent", format!("00-{TRACE}-{PARENT}-{flags}"));
        let ours = client.get("/notes/1").await.headers["traceparent"].to_str().unwrap().to_owned();
        assert_eq!((&ours[..36], &ours[52..]), (&*format!("00-{TRACE}-"), "-00"), "{ours}");
        assert_ne!(&ours[36..52], PARENT);
        sample.deliver(&[traced(payment(ANNOUNCING), flags)]).await;
        let announced = until("order.paid", || async {
            let query = "SELECT envelope ->> 'traceparent' FROM event_log";
            sqlx::query_scalar::<_, String>(query).fetch_optional(sample.database.pool()).await.unwrap()
        })
        .await;
        assert_eq!((&announced[..36], &announced[52..]), (&*format!("00-{TRACE}-"), "-00"), "{announced}");
        sample.stop().await;
    }
    assert!(collector.spans().is_empty(), "{:?}", collector.spans());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_machines_ask_every_few_seconds_is_not_recorded() {
    let collector = Collector::start().await;
    let sample = sample(Way::Local, traces(&collector.url, &[])).await;
    for path in ["/livez", "/readyz", "/metrics", "/nothing"] {
        sample.running.client().get(path).await;
    }
    sample.stop().await;
    let names: BTreeSet<_> = collector.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, BTreeSet::from(["GET none".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_collector_nothing_is_recorded() {
    let database = database().await;
    let open = async |variables: &[(&str, &str)]| {
        let mut settings = settings(&database);
        settings.traces = spans::Settings::read(&Env::of(variables.iter().copied())).unwrap();
        // What it shows of itself is made of spans too.
        settings.flow = !variables.is_empty();
        Kit::open(settings, &MIGRATIONS, Bus::Local(LocalBus::new()), Clock::system()).await.unwrap()
    };
    assert!(open(&[]).await.spans.is_off());
    let disabled = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"), ("OTEL_SDK_DISABLED", "true")];
    assert!(open(&disabled).await.spans.is_off());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_or_silent_changes_nothing() {
    // Takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    for endpoint in ["http://127.0.0.1:9", &silent] {
        let sample = sample(Way::Local, traces(endpoint, &[])).await;
        let event = payment("sim_ok");
        sample.deliver(std::slice::from_ref(&event)).await;
        sample.done(event.id).await;
        sample.running.client().get("/livez").await.assert_status(200);
        let started = Instant::now();
        sample.stop().await;
        assert!(started.elapsed() < Duration::from_secs(3), "{endpoint}: {:?}", started.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_collector_did_not_take_is_counted() {
    let sample = sample(Way::Local, traces("http://127.0.0.1:9", &[])).await;
    sample.running.client().get("/notes/1").await;
    until("the count of lost spans", || async {
        let metrics = sample.running.client().get("/metrics").await.text;
        metrics.contains(r#"spans_dropped_total{service="order-service",reason="not_taken"}"#).then_some(())
    })
    .await;
}

#[test]
fn a_wrong_setting_is_refused_by_name_and_a_secret_is_not_repeated() {
    let refused = |name: &str, value: &str| spans::Settings::read(&Env::of([(name, value)])).unwrap_err().to_string();
    let cases = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "expected a URL starting with http:// or https://"),
        ("OTEL_TRACES_SAMPLER", "sometimes", "expected always_on, always_off,"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5", "expected a share of all traces from 0 to 1"),
        ("OTEL_SDK_DISABLED", "yes", "expected true or false"),
        ("OTEL_BSP_SCHEDULE_DELAY", "soon", "expected a whole number of milliseconds"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key", "expected name=value"),
    ];
    for (name, value, expected) in cases {
        let said = refused(name, value);
        assert!(said.starts_with(name) && said.contains(expected), "{said}");
    }
    let secret = refused("OTEL_EXPORTER_OTLP_HEADERS", "api key=hush");
    assert!(!secret.contains("hush"), "{secret}");
}
