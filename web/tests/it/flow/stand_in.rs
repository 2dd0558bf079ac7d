//! Stand-ins for the services' own `/flow` routes, each with an address of its own.

use crate::services::{NOWHERE, Pages, pages_until, serve};
use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use contracts::{
    Event, RawEvent,
    ServiceName::{self, Notify, Order, Payment},
};
use futures_util::stream;
use serde_json::json;
use service_kit::flow::{Announced, Arrival, Counts, Journey, Moment, Now, Queue, Span, SpanKind, Store, What, Work};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use test_kit::until;
use time::{Duration, OffsetDateTime, macros::datetime};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const START: OffsetDateTime = datetime!(2026-11-24 16:40:12 UTC);
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// What one service would answer.
pub struct Service {
    pub now: Now,
    announced: Vec<Announced>,
    work: Work,
}

pub struct Shop {
    pub pages: Pages,
    services: BTreeMap<ServiceName, Arc<Mutex<Service>>>,
    told: broadcast::Sender<Option<Moment>>,
    streams: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct App {
    service: Arc<Mutex<Service>>,
    told: broadcast::Sender<Option<Moment>>,
    streams: Arc<AtomicUsize>,
}

impl Shop {
    /// Only these services answer.
    pub async fn open(present: &[ServiceName]) -> Self {
        Self::open_until(present, CancellationToken::new()).await
    }

    pub async fn open_until(present: &[ServiceName], stop: CancellationToken) -> Self {
        let (told, streams) = (broadcast::Sender::new(65_536), Arc::new(AtomicUsize::new(0)));
        let (mut services, mut variables) = (BTreeMap::new(), Vec::new());
        for name in ServiceName::ALL {
            let mut url = NOWHERE.to_owned();
            if present.contains(&name) {
                let service = Arc::new(Mutex::new(quiet(name)));
                services.insert(name, Arc::clone(&service));
                url = serve(router(App { service, told: told.clone(), streams: Arc::clone(&streams) })).await;
            }
            variables.push((format!("{}_SERVICE_URL", name.short().to_uppercase()), url));
        }
        let variables: Vec<_> = variables.iter().map(|(name, url)| (name.as_str(), url.as_str())).collect();
        Self { pages: pages_until(&variables, stop).await, services, told, streams }
    }

    pub fn change(&self, service: ServiceName, change: impl FnOnce(&mut Service)) {
        change(&mut self.services[&service].lock().unwrap());
    }

    /// What the services whose moment it is tell whoever follows them.
    pub fn tell(&self, moment: &Moment) {
        self.told.send(Some(moment.clone())).unwrap();
    }

    /// Ends all streams.
    pub fn cut(&self) {
        self.told.send(None).unwrap();
    }

    /// How many streams of services are open.
    pub fn streams(&self) -> usize {
        self.streams.load(Ordering::SeqCst)
    }

    /// Waits until all five services are followed.
    pub async fn followed(&self) {
        until("all services to be followed", || async { (self.streams() == 5).then_some(()) }).await;
    }

    pub async fn watch(&self) -> Viewer {
        let stream = reqwest::get(format!("{}/flow/stream", self.pages.url)).await.unwrap();
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        Viewer { stream, heard: String::new() }
    }

    /// Order 1002 was placed, paid, and its customer told; later it was sent.
    pub fn place_order_1002(&self) {
        let created = event(1, 12, Order, "order.created", json!({ "number": 1002 }));
        let completed = event(2, 31, Payment, "payment.completed", json!({}));
        let paid = event(3, 40, Order, "order.paid", json!({ "number": 1002 }));
        let fulfilled = event(4, 3_600_000, Order, "order.fulfilled", json!({ "number": 1002 }));
        self.change(Order, |order| {
            order.announced = [created, paid, fulfilled].iter().map(announced).collect();
            order.announced[2].pending = true;
            order.work.arrivals = vec![arrival(2, 35, "done")];
            order.work.spans = vec![
                span(Order, "POST /orders", SpanKind::Server, 0, 16_000, &[("http.response.status_code", "201")]),
                span(Order, "POST", SpanKind::Client, 2_000, 6_500, &[("url.template", "/internal/reservations")]),
                span(Order, "transaction", SpanKind::Client, 9_000, 5_000, &[("db.namespace", "order_db")]),
                span(Order, "process payment.completed", SpanKind::Consumer, 35_000, 7_000, &[]),
            ];
        });
        self.change(ServiceName::Product, |product| {
            product.work.spans = vec![Span {
                failed: true,
                ..span(ServiceName::Product, "POST /internal/reservations", SpanKind::Server, 3_000, 5_000, &[])
            }];
            product.work.arrivals =
                vec![Arrival { reason: Some("the shelf fell".to_owned()), ..arrival(3, 44, "waiting") }];
        });
        self.change(Payment, |payment| {
            payment.announced = vec![announced(&completed)];
            payment.work.arrivals = vec![arrival(1, 19, "done")];
        });
        self.change(Notify, |notify| notify.work.arrivals = vec![arrival(1, 21, "done")]);
    }
}

/// Whoever has opened the page.
pub struct Viewer {
    stream: reqwest::Response,
    heard: String,
}

impl Viewer {
    /// Waits for the event of the stream that holds `wanted`.
    pub async fn hear(&mut self, wanted: &str) -> String {
        let heard = async {
            loop {
                while let Some((event, rest)) = self.heard.split_once("\n\n") {
                    let (event, rest) = (event.to_owned(), rest.to_owned());
                    self.heard = rest;
                    if event.contains(wanted) {
                        return event;
                    }
                }
                let chunk = self.stream.chunk().await.unwrap().unwrap();
                self.heard.push_str(&String::from_utf8_lossy(&chunk));
            }
        };
        let limit = std::time::Duration::from_secs(20);
        tokio::time::timeout(limit, heard).await.unwrap_or_else(|_| panic!("waited 20 s in vain for {wanted}"))
    }

    pub async fn until_it_ends(&mut self) {
        while self.stream.chunk().await.unwrap().is_some() {}
    }
}

fn quiet(service: ServiceName) -> Service {
    let now = Now {
        service,
        at: START + Duration::seconds(1),
        bus: "local".to_owned(),
        store: Some(Store { outbox: 0, oldest: None, waiting: 0, dead: 0 }),
        queue: Queue::None,
        last_minute: Counts::default(),
        lately: Vec::new(),
    };
    Service { now, announced: Vec::new(), work: Work { service, arrivals: Vec::new(), spans: Vec::new() } }
}

fn router(app: App) -> Router {
    Router::new()
        .route("/flow/now", get(|State(app): State<App>| async move { Json(app.service.lock().unwrap().now.clone()) }))
        .route("/flow/stream", get(stream_of))
        .route("/flow/journeys/{name}", get(journey))
        .route(
            "/flow/journeys/{name}/work",
            get(|State(app): State<App>| async move { Json(app.service.lock().unwrap().work.clone()) }),
        )
        .with_state(app)
}

async fn journey(State(app): State<App>, Path(name): Path<String>) -> Json<Journey> {
    let service = app.service.lock().unwrap();
    let (name_of, id) = (service.now.service, order());
    let named = name == id.to_string();
    // Only one service knows numbers.
    let id = if named || (name == "1002" && name_of == Order) { Some(id) } else { name.parse().ok() };
    let announced = if id == Some(order()) { service.announced.clone() } else { Vec::new() };
    Json(Journey { service: name_of, id, announced, pruned_to: None })
}

/// Counts itself as long as it is open.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn stream_of(State(app): State<App>) -> Response {
    app.streams.fetch_add(1, Ordering::SeqCst);
    let (open, told, service) = (Open(app.streams), app.told.subscribe(), app.service.lock().unwrap().now.service);
    let lines = stream::unfold((open, told), move |(open, mut told)| async move {
        loop {
            let moment = told.recv().await.ok()??;
            if moment.service == service {
                let line = format!("event: moment\ndata: {}\n\n", serde_json::to_string(&moment).unwrap());
                return Some((Ok::<_, Infallible>(line), (open, told)));
            }
        }
    });
    ([("content-type", "text/event-stream")], Body::from_stream(lines)).into_response()
}

pub fn order() -> Uuid {
    Uuid::from_u128(0x01a2_0dcd_a66f_7656_a76a_ffe4_29cd_1b31)
}

pub fn moment(millis: i64, service: ServiceName, what: What, event: u128, kind: &'static str) -> Moment {
    Moment {
        at: START + Duration::milliseconds(millis),
        service,
        what,
        event_id: Uuid::from_u128(event).into(),
        kind: kind.into(),
        source: Order,
        subject: order(),
        correlation_id: order(),
        number: Some(1002),
        micros: (what != What::Announced).then_some(7_400),
    }
}

fn event(id: u128, millis: i64, source: ServiceName, kind: &str, data: serde_json::Value) -> RawEvent {
    Event {
        id: Uuid::from_u128(id).into(),
        source,
        kind: kind.to_owned(),
        subject: order(),
        sequence: 1,
        time: START + Duration::milliseconds(millis),
        correlation_id: order(),
        causation_id: None,
        traceparent: Some(format!("00-{TRACE}-00f067aa0ba902b7-01")),
        data,
    }
}

fn announced(event: &RawEvent) -> Announced {
    Announced { event: event.to_json(), pending: false }
}

fn arrival(event: u128, millis: i64, status: &str) -> Arrival {
    let waits = status == "waiting";
    Arrival {
        event_id: Uuid::from_u128(event),
        at: START + Duration::milliseconds(millis),
        status: status.to_owned(),
        attempts: i32::from(waits),
        next_at: waits.then_some(START + Duration::seconds(1)),
        reason: None,
    }
}

fn span(
    service: ServiceName,
    name: &str,
    kind: SpanKind,
    start: i64,
    micros: u64,
    attributes: &[(&str, &str)],
) -> Span {
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Span {
        service,
        trace_id: TRACE.to_owned(),
        span_id: format!("{start:016x}"),
        parent_id: None,
        name: name.to_owned(),
        kind,
        start: START + Duration::microseconds(start),
        micros,
        failed: false,
        attributes: attributes.collect(),
    }
}
