//! What passes the front door, and what never does.

use crate::support::{Shop, Way, key, order};
use contracts::ServiceName;
use serde_json::json;
use std::time::Duration;
use test_kit::{Client, until};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test(flavor = "multi_thread")]
async fn internal_and_operators_routes_never_pass_the_front_door() {
    let shop = Shop::open(Way::Local).await;
    let order = shop.signer.service(ServiceName::Order, ServiceName::Product);
    for path in [
        "/internal/reservations",
        "/api/internal/reservations",
        "/api/products/../internal/reservations",
        "/api/products/%2e%2e/internal/reservations",
        "/api//internal/reservations",
        "/api/orders/../../internal/reservations",
        "/metrics",
        "/api/metrics",
        "/api/products/../metrics",
        "/readyz",
        "/api/readyz",
        "/api/docs",
        "/openapi.json",
    ] {
        let visitor = shop.visitor().with_token(order.clone());
        assert_eq!(visitor.get(path).await.status.as_u16(), 404, "GET {path}");
        let status = visitor.post(path, json!({})).await.status.as_u16();
        assert!(matches!(status, 404 | 405), "POST {path} gave {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_service_shows_its_operators_routes_on_its_own_port() {
    let shop = Shop::open(Way::Local).await;
    for (service, url) in &shop.services {
        let own = Client::new(url);
        assert_eq!(own.get("/livez").await.assert_status(200).text, "alive");
        let ready = test_kit::until("readiness", || async {
            let answer = own.get("/readyz").await;
            (answer.status.as_u16() == 200).then_some(answer)
        })
        .await;
        assert_eq!(ready.body["database"], "reachable", "{service}");
        assert!(own.get("/metrics").await.assert_status(200).text.contains("http_requests_total"));
        assert_eq!(own.get("/openapi.json").await.assert_status(200).text_at("/openapi"), "3.1.0");
        assert!(own.get("/docs/").await.assert_status(200).text.contains("swagger-ui"));
        assert_eq!(own.get("/.well-known/jwks.json").await.assert_status(200).text_at("/keys/0/crv"), "Ed25519");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_page_and_the_shops_pictures_are_served() {
    let shop = Shop::open(Way::Local).await;
    let start = shop.visitor().get("/").await;
    assert!(start.assert_status(200).headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(start.headers.contains_key("content-security-policy"));
    assert_eq!(shop.visitor().get("/no-such-page").await.status.as_u16(), 404);
    shop.visitor().get("/api/no-such-thing").await.assert_problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_method_or_body_is_a_problem_that_says_why() {
    let shop = Shop::open(Way::Local).await;
    let visitor = shop.visitor();
    visitor.get("/api/auth/login").await.assert_problem(405, "method_not_allowed");
    let login = visitor.post("/api/auth/login", json!({"email": "a@b.c", "password": 1})).await;
    assert_eq!(login.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/password");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_api_tells_about_an_answer_holds_at_the_door() {
    let origin = "https://shop.example";
    let shop = Shop::open_with(Way::Local, &[("CORS_ORIGINS", origin)]).await;
    let product = shop.sell("MUG", 1250, 10).await;
    let made = json!({
        "sku": "CUP", "name": "A cup", "description": "For a test.", "category": "tests",
        "price": {"amount": 100, "currency": "EUR"}, "status": "active", "stock": 1,
    });
    let made = shop.admin().post("/api/products", made).await;
    let location = made.assert_status(201).headers["location"].to_str().unwrap();
    assert!(location.starts_with("/api/products/"), "{location}");
    shop.visitor().get(location).await.assert_status(200);

    let page = shop.visitor().with_header("Origin", origin);
    for path in [&format!("/api/products/{product}"), "/api/orders", "/api/no-such-thing"] {
        let admitted = page.get(path).await.headers.get_all("access-control-allow-origin").iter().count();
        assert_eq!(admitted, 1, "{path}");
    }
    for path in ["/", "/dev/mails.json", "/apis"] {
        assert!(!page.get(path).await.headers.contains_key("access-control-allow-origin"), "{path}");
    }
    let personal = [
        shop.customer().get("/api/orders").await,
        shop.visitor().post("/api/auth/login", json!({"email": "a@example.com", "password": "wrong"})).await,
        shop.visitor().get("/dev/mails.json").await,
        shop.visitor().get(&format!("/dev/events?journey={product}")).await,
        shop.visitor().get("/verify-email?token=a").await,
    ];
    for answer in personal {
        assert_eq!(answer.headers["cache-control"], "no-store", "{answer:?}");
    }
}

/// Else the door would close the connection under whatever a proxy sends on it next.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_nowhere_is_answered_once_its_body_has_come() {
    let shop = Shop::open(Way::Local).await;
    for path in ["/api/no-such-thing", "/no-such-page"] {
        let mut connection = TcpStream::connect(shop.url.strip_prefix("http://").unwrap()).await.unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\n\r\n");
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut status = [0; 12];
        let early = tokio::time::timeout(Duration::from_millis(200), connection.read_exact(&mut status)).await;
        assert!(early.is_err(), "{path}: answered before the body");
        connection.write_all(b"{}").await.unwrap();
        connection.read_exact(&mut status).await.unwrap();
        assert_eq!(&status, b"HTTP/1.1 404", "{path}");
    }
}

/// A request in work needs other services (this one reserves stock) and its database to the end.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_in_work_at_the_door_is_finished_before_the_services_stop() {
    let shop = Shop::open(Way::Local).await;
    shop.sell("MUG", 1250, 10).await;
    let database = &shop.databases[&ServiceName::Order];
    let mut holding = database.pool().begin().await.unwrap();
    sqlx::query("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE").execute(&mut *holding).await.unwrap();
    let customer = shop.customer();
    let placing = tokio::spawn(async move { order(&customer, &key(), "sim_ok", &[("MUG", 2)]).await });
    // It looks for the customer's unpaid orders before it reserves; the service's jobs wait for other statements.
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                   AND wait_event_type = 'Lock' AND query LIKE '%begin_checkout%'";
    until("the order to wait", || async { (database.count(waiting).await > 0).then_some(()) }).await;
    shop.ask_to_stop();
    let door = shop.url.strip_prefix("http://").unwrap();
    until("the door to be closed", || async { TcpStream::connect(door).await.err() }).await;
    holding.rollback().await.unwrap();
    assert_eq!(placing.await.unwrap().assert_status(201).body["lines"][0]["quantity"], 2);
}
