//! Consul tells where the others are, and is told where we are; nothing hangs on it. Here it is a stand-in that speaks
//! the part of its API we use; `deploy/checks/discovery.sh` does the same with the real one.

use crate::support::{MIGRATIONS, Sample, Way, database, settings};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::{get, put},
};
use contracts::ServiceName;
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Bus, Clock, Kit, Settings, discovery::ConsulSettings};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use test_kit::{TestDatabase, until};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

const PRODUCT: ServiceName = ServiceName::Product;

struct Consul {
    told: Arc<Told>,
    address: SocketAddr,
    task: JoinHandle<()>,
}

/// What it was told, and what it tells of product-service.
struct Told {
    registered: Mutex<BTreeMap<String, Value>>,
    tokens: Mutex<Vec<Option<String>>>,
    /// The indexes at which it was asked for product-service.
    asked_at: Mutex<Vec<u64>>,
    product: watch::Sender<(u64, Vec<SocketAddr>)>,
}

#[derive(Deserialize)]
struct Question {
    passing: bool,
    index: u64,
    wait: String,
}

impl Consul {
    async fn start(product: Vec<SocketAddr>) -> Self {
        let told = Arc::new(Told {
            registered: Mutex::default(),
            tokens: Mutex::default(),
            asked_at: Mutex::default(),
            product: watch::Sender::new((7, product)),
        });
        let router = Router::new()
            .route("/v1/agent/service/register", put(register))
            .route("/v1/agent/service/deregister/{id}", put(deregister))
            .route("/v1/agent/service/{id}", get(show))
            .route("/v1/health/service/{name}", get(health))
            .with_state(Arc::clone(&told));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { told, address, task }
    }

    fn ids(&self) -> Vec<String> {
        self.told.registered.lock().unwrap().keys().cloned().collect()
    }

    async fn until_registered(&self) -> Value {
        until("the registration", || async { self.told.registered.lock().unwrap().values().next().cloned() }).await
    }
}

async fn register(State(told): State<Arc<Told>>, headers: HeaderMap, Json(body): Json<Value>) {
    let token = headers.get("x-consul-token").map(|token| token.to_str().unwrap().to_owned());
    told.tokens.lock().unwrap().push(token);
    told.registered.lock().unwrap().insert(body["ID"].as_str().unwrap().to_owned(), body);
}

async fn deregister(State(told): State<Arc<Told>>, Path(id): Path<String>) {
    told.registered.lock().unwrap().remove(&id);
}

async fn show(State(told): State<Arc<Told>>, Path(id): Path<String>) -> Result<Json<Value>, StatusCode> {
    told.registered.lock().unwrap().get(&id).cloned().map(Json).ok_or(StatusCode::NOT_FOUND)
}

/// Answers when its index is another than the one asked with, as a blocking query does.
async fn health(
    State(told): State<Arc<Told>>,
    Path(name): Path<String>,
    Query(question): Query<Question>,
) -> impl IntoResponse {
    assert!(question.passing && question.wait == "60s");
    let entry = |address: &SocketAddr| json!({"Node": {"Address": address.ip()}, "Service": {"Address": "", "Port": address.port()}});
    if name != PRODUCT.as_str() {
        if question.index == 1 {
            std::future::pending::<()>().await;
        }
        return ([("x-consul-index", "1".to_owned())], Json(json!([])));
    }
    told.asked_at.lock().unwrap().push(question.index);
    let mut product = told.product.subscribe();
    let (index, addresses) = product.wait_for(|(index, _)| *index != question.index).await.unwrap().clone();
    let entries: Vec<_> = addresses.iter().map(entry).collect();
    ([("x-consul-index", index.to_string())], Json(json!(entries)))
}

/// An instance of product-service that counts its calls.
async fn instance() -> (SocketAddr, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let answer = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Json(json!({})) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", get(answer))).await });
    (address, calls)
}

/// An address where nobody listens.
async fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

fn with_consul(settings: Settings, address: SocketAddr) -> Settings {
    let address = format!("http://{address}").parse().unwrap();
    Settings { consul: Some(ConsulSettings { address, token: None, own_address: None }), ..settings }
}

/// order-service's kit, which follows `consul`; product-service is configured to be at `configured`.
async fn follower(consul: SocketAddr, configured: SocketAddr) -> (Kit, TestDatabase) {
    let database = database().await;
    let settings = test_kit::settings(ServiceName::Order, &database, &[(PRODUCT, format!("http://{configured}"))]);
    let kit = Kit::open(with_consul(settings, consul), &MIGRATIONS, Bus::Elsewhere, Clock::system()).await.unwrap();
    let directory = kit.directory.clone();
    tokio::spawn(async move { directory.follow("order-service", CancellationToken::new()).await });
    (kit, database)
}

async fn until_known(kit: &Kit, instances: &[SocketAddr]) {
    let wanted: Vec<_> = instances.iter().map(|address| format!("http://{address}/")).collect();
    until("the directory to know the instances", || async {
        let known = kit.directory.addresses(PRODUCT);
        let (known, _configured) = known.split_at_checked(wanted.len())?;
        wanted.iter().all(|wanted| known.iter().any(|known| known.as_str() == wanted)).then_some(())
    })
    .await;
}

async fn call(kit: &Kit) {
    let answer: Value = kit.peers.get(PRODUCT, "/").await.unwrap();
    assert_eq!(answer, json!({}));
}

fn count(calls: &AtomicUsize) -> usize {
    calls.load(Ordering::SeqCst)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_registers_with_a_check_and_takes_itself_off_when_it_stops() {
    let consul = Consul::start(Vec::new()).await;
    let database = database().await;
    let mut settings = with_consul(settings(&database), consul.address);
    settings.consul.as_mut().unwrap().token = Some("a-token".to_owned().into());
    let bus = Way::Local.bus(&database);
    let sample = Sample::start_with(settings, database, bus, Clock::system()).await;
    let port: u16 = sample.running.url.rsplit_once(':').unwrap().1.parse().unwrap();
    // Consul's agent is on this machine: its node's address is ours.
    let expected = json!({
        "ID": format!("order-service-{port}"),
        "Name": "order-service",
        "Address": "",
        "Port": port,
        "Tags": ["ecom"],
        "Meta": {"version": env!("CARGO_PKG_VERSION")},
        "Check": {
            "HTTP": format!("http://127.0.0.1:{port}/readyz"),
            "Interval": "10s",
            "Timeout": "2s",
            "DeregisterCriticalServiceAfter": "2m",
        },
    });
    assert_eq!(consul.until_registered().await, expected);
    assert_eq!(*consul.told.tokens.lock().unwrap(), [Some("a-token".to_owned())]);
    let _ = sample.stop().await;
    assert_eq!(consul.ids(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consul_that_has_forgotten_an_instance_is_told_again() {
    let consul = Consul::start(Vec::new()).await;
    let database = database().await;
    let mut settings = with_consul(settings(&database), consul.address);
    settings.consul.as_mut().unwrap().own_address = Some("127.0.0.2".to_owned());
    let bus = Way::Local.bus(&database);
    let sample = Sample::start_with(settings, database, bus, Clock::system()).await;
    let first = consul.until_registered().await;
    assert_eq!(first["Address"], "127.0.0.2");
    consul.told.registered.lock().unwrap().clear();
    assert_eq!(consul.until_registered().await, first);
    let _ = sample.stop().await;
    assert_eq!(consul.ids(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_go_round_the_instances_that_are_well() {
    let ((one, ones), (two, twos), nowhere) = (instance().await, instance().await, nobody().await);
    let consul = Consul::start(vec![one, two]).await;
    let (kit, _database) = follower(consul.address, nowhere).await;
    until_known(&kit, &[one, two]).await;
    for _ in 0..4 {
        call(&kit).await;
    }
    let asked = (count(&ones), count(&twos));
    assert_eq!(asked, (2, 2));
    // One leaves: nobody asks it any more.
    consul.told.product.send_replace((8, vec![two]));
    until("the directory to forget one", || async { (kit.directory.addresses(PRODUCT).len() == 2).then_some(()) })
        .await;
    for _ in 0..3 {
        call(&kit).await;
    }
    assert_eq!((count(&ones), count(&twos)), (2, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_connected_to_is_passed_over() {
    let ((here, calls), (gone, nowhere)) = (instance().await, (nobody().await, nobody().await));
    let consul = Consul::start(vec![gone, here]).await;
    let (kit, _database) = follower(consul.address, nowhere).await;
    until_known(&kit, &[gone, here]).await;
    for _ in 0..4 {
        call(&kit).await;
    }
    assert_eq!(count(&calls), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_consul_away_the_last_known_addresses_serve() {
    let ((here, calls), nowhere) = (instance().await, nobody().await);
    let consul = Consul::start(vec![here]).await;
    let (kit, _database) = follower(consul.address, nowhere).await;
    until_known(&kit, &[here]).await;
    // Started anew, it knows of nobody yet: that is not believed.
    consul.told.product.send_replace((2, Vec::new()));
    until("the question after that", || async { consul.told.asked_at.lock().unwrap().contains(&2).then_some(()) })
        .await;
    call(&kit).await;
    consul.task.abort();
    call(&kit).await;
    assert_eq!(count(&calls), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_went_backwards_begins_anew() {
    let ((one, _), (two, _), nowhere) = (instance().await, instance().await, nobody().await);
    let consul = Consul::start(vec![one]).await;
    let (kit, _database) = follower(consul.address, nowhere).await;
    until_known(&kit, &[one]).await;
    consul.told.product.send_replace((3, vec![two]));
    until_known(&kit, &[two]).await;
    until("the next question", || async { consul.told.asked_at.lock().unwrap().contains(&3).then_some(()) }).await;
    assert_eq!(*consul.told.asked_at.lock().unwrap(), [0, 7, 0, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consul_that_is_away_or_never_answers_holds_nobody_up() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for consul in [nobody().await, silent.local_addr().unwrap()] {
        let (configured, calls) = instance().await;
        let database = database().await;
        let peers = [(PRODUCT, format!("http://{configured}"))];
        let settings = with_consul(test_kit::settings(ServiceName::Order, &database, &peers), consul);
        let bus = Way::Local.bus(&database);
        let began = Instant::now();
        let sample = Sample::start_with(settings, database, bus, Clock::system()).await;
        call(sample.kit()).await;
        assert_eq!(count(&calls), 1);
        let _ = sample.stop().await;
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}
