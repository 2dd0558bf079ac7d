//! Calls to other services: with a token for them alone, the caller's trace, and a deadline.

use crate::support::{MIGRATIONS, database};
use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use contracts::ServiceName;
use serde_json::{Value, json};
use service_kit::{Bus, Clock, Fault, Kind, Kit, KitError, peers::PeerError, trace};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// Shows what it was called with.
async fn echo(headers: HeaderMap) -> Json<Value> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    Json(json!({"authorization": text("authorization"), "traceparent": text("traceparent")}))
}

async fn refuse() -> (StatusCode, Json<Value>) {
    (StatusCode::CONFLICT, Json(json!({"code": "out_of_stock", "detail": "None left.", "short": ["MUG"]})))
}

/// A service whose product-service is a stand-in at `url`.
async fn caller(url: String) -> Kit {
    let database = database().await;
    let settings = test_kit::settings(ServiceName::Order, &database, &[(ServiceName::Product, url)]);
    Kit::open(settings, &MIGRATIONS, Bus::Elsewhere, Clock::system()).await.unwrap()
}

async fn product_service() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/echo", post(echo))
        .route("/refuse", get(refuse))
        .route("/nonsense", get(|| async { "no JSON" }))
        .route("/elsewhere", get(|| async { axum::response::Redirect::temporary("/echo") }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn peer_error(answer: Result<Value, KitError>) -> PeerError {
    match answer {
        Err(KitError::Peer(cause)) => cause,
        other => panic!("expected a peer's error, got {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_carries_a_token_for_its_callee_and_the_caller_s_trace() {
    let kit = caller(product_service().await).await;
    let context = trace::Context::continuing(None);
    let body = json!({});
    let call = kit.peers.post(ServiceName::Product, "/echo", &body);
    let seen: Value = trace::within(context.clone(), call).await.unwrap();
    assert_eq!(seen["traceparent"], context.traceparent);
    let token = seen["authorization"].as_str().unwrap().strip_prefix("Bearer ").unwrap();
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(token).unwrap();
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("order-service"), &json!("product-service")));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_a_nonsense_and_a_redirect_are_told_apart() {
    let kit = caller(product_service().await).await;
    let get = async |path| peer_error(kit.peers.get(ServiceName::Product, path).await);
    let PeerError::Refused { status, problem, .. } = get("/refuse").await else { panic!("not refused") };
    assert_eq!((status.as_u16(), problem.code.as_str()), (409, "out_of_stock"));
    assert_eq!(problem.members["short"], json!(["MUG"]));
    assert!(matches!(get("/nonsense").await, PeerError::Unreadable { .. }));
    // Followed, a token would go where somebody else points.
    assert!(matches!(get("/elsewhere").await, PeerError::Refused { status, .. } if status.as_u16() == 307));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_away_or_does_not_answer_is_unreachable_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    for (url, got_there) in [("http://127.0.0.1:9".to_owned(), false), (silent, true)] {
        let kit = caller(url).await;
        let started = Instant::now();
        let answer: Result<Value, _> = kit.peers.get(ServiceName::Product, "/echo").await;
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        assert_eq!(answer.as_ref().unwrap_err().kind(), Kind::Unavailable);
        let PeerError::Unreachable { sent, .. } = peer_error(answer) else { panic!("reached") };
        assert_eq!(sent, got_there);
    }
}
