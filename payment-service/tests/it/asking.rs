//! What payment-service says to a provider, word for word.

use crate::support::{Order, Patience, Provider, config};
use axum::{
    Json, Router,
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use contracts::{ServiceName, events::payment::Completed};
use payment_service::{MIGRATIONS, build};
use serde_json::{Value, json};
use service_kit::{Bus, Clock, bus::LocalBus};
use std::sync::{Arc, Mutex};
use test_kit::{Recorder, Running, TestDatabase, until};
use tokio::net::TcpListener;

/// Method and address, key, body of each request.
type Heard = Arc<Mutex<Vec<(String, String, Value)>>>;

/// Fails the first charge without a trace, then works.
async fn provider_of_one_failure(State(heard): State<Heard>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 10_000).await.unwrap();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let key = parts.headers.get("idempotency-key").map_or("", |key| key.to_str().unwrap());
    let number = {
        let mut heard = heard.lock().unwrap();
        heard.push((format!("{} {}", parts.method, parts.uri), key.to_owned(), body));
        heard.len()
    };
    match (parts.method, number) {
        (Method::POST, 1) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        (Method::GET, _) => StatusCode::NOT_FOUND.into_response(),
        _ => Json(json!({ "id": "ch_1", "status": "captured", "amount": 1999, "currency": "EUR" })).into_response(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_charge_is_asked_for_before_it_is_sent_again_under_its_key() {
    let heard = Heard::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(provider_of_one_failure).with_state(Arc::clone(&heard));
    tokio::spawn(async move { axum::serve(listener, router).await });

    let database = TestDatabase::new(ServiceName::Payment, &MIGRATIONS).await;
    let bus = LocalBus::new();
    let recorder = Recorder::attach(&bus, ServiceName::Payment);
    let mut config = config(&database, &Provider::away().await, Patience::default());
    config.provider_url = url.parse().unwrap();
    let _running = Running::start(build(config, Bus::Local(bus.clone()), Clock::system()).await.unwrap()).await;
    let order = Order::new("sim_ok");
    let created = order.created();
    until("the service", || async { bus.deliver_to(ServiceName::Payment, &created).await.ok() }).await;
    recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;

    let key = format!("charge-{}", order.id);
    let body = json!({ "amount": 1999, "currency": "EUR", "method": "sim_ok", "reference": order.id });
    let charge = ("POST /charges".to_owned(), key.clone(), body);
    let question = (format!("GET /charges?key={key}"), String::new(), Value::Null);
    assert_eq!(*heard.lock().unwrap(), [charge.clone(), question, charge]);
}
