//! A copy of all that is kept of a person: put together of the services' pieces, and fetched by a signed link.

use crate::support::{PASSWORD, Users};
use contracts::{
    ServiceName,
    events::user::{ExportReady, ExportRequested},
};
use serde_json::{Value, json};
use test_kit::{Answer, Client};

/// A service hands over a piece.
async fn hand_over(users: &Users, service: ServiceName, export: &str, piece: Value) -> Answer {
    let client = users.visitor.with_token(users.signer.service(service, ServiceName::User));
    client.post(&format!("/internal/exports/{export}/pieces"), piece).await
}

fn piece(number: i32, kind: &str, items: impl Into<Value>, last: bool) -> Value {
    let items = items.into();
    json!({ "number": number, "kind": kind, "items": items, "last": last })
}

async fn newest(person: &Client) -> Value {
    person.get("/auth/exports").await.assert_status(200).body["items"][0].clone()
}

/// The path of a link, without the shop's address.
fn path(export: &Value) -> String {
    let url = export["url"].as_str().unwrap();
    url.split_once("/api").unwrap().1.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_ready_when_the_last_piece_is_there_and_fetched_by_who_has_the_link() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let person = users.logged_in("ada@example.com").await;
    let linked = "INSERT INTO outside_identities VALUES ('https://login.example', 'ada-elsewhere', $1, now())";
    sqlx::query(linked).bind(id.uuid()).execute(users.database.pool()).await.unwrap();
    crate::passkeys::add(&person, &mut crate::authenticator::Authenticator::new(), "My phone").await;
    let asked = person.post("/auth/exports", json!({})).await;
    let export = asked.assert_status(202).text_at("/id");
    assert_eq!(person.post("/auth/exports", json!({})).await.text_at("/id"), export, "asked twice, it is one");
    let told = users.recorder.wait_for(|event: &ExportRequested| event.account_id == id).await;
    assert_eq!(told.data.export_id.to_string(), export);
    for service in [ServiceName::Product, ServiceName::Payment] {
        let taken = hand_over(&users, service, &export, piece(0, "nothing", json!([]), true)).await;
        assert_eq!(taken.assert_status(200).body, json!({ "wanted": true }));
    }
    hand_over(&users, ServiceName::Order, &export, piece(0, "orders", json!([{"number": 1}]), false)).await;
    // Handed over again, after a crash: in the place of the first.
    hand_over(&users, ServiceName::Order, &export, piece(0, "orders", json!([{"number": 2}]), false)).await;
    hand_over(&users, ServiceName::Order, &export, piece(1, "orders", json!([{"number": 3}]), true)).await;
    assert_eq!(newest(&person).await["url"], Value::Null);
    hand_over(&users, ServiceName::Notify, &export, piece(0, "messages", json!([{"title": "Hi"}]), true)).await;
    users.recorder.wait_for(|event: &ExportReady| event.account_id == id).await;
    let ready = newest(&person).await;
    assert!(ready["services"].as_array().unwrap().iter().all(|service| service["done_at"].is_string()), "{ready}");
    let file = users.visitor.get(&path(&ready)).await;
    assert_eq!(file.assert_status(200).headers["cache-control"], "no-store");
    assert!(file.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let services = &file.body["services"];
    assert_eq!(services["order-service"], json!({ "orders": [{"number": 2}, {"number": 3}] }));
    assert_eq!(services["user-service"]["account"][0]["email"], "ada@example.com");
    assert_eq!(services["user-service"]["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(services["user-service"]["identities"][0]["subject"], "ada-elsewhere");
    assert_eq!(services["user-service"]["passkeys"][0]["name"], "My phone");
    assert_eq!(services["notify-service"]["messages"][0]["title"], "Hi");
    assert!(!file.text.contains("$2b$") && !file.text.contains("token"), "no secret: {}", file.text);
    assert_eq!(users.announced::<ExportReady>().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_good_for_one_export_and_an_hour_and_nothing_else_opens_it() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    users.customer("eve@example.com").await;
    let person = users.logged_in("ada@example.com").await;
    let export = person.post("/auth/exports", json!({})).await.text_at("/id");
    for service in [ServiceName::Product, ServiceName::Payment, ServiceName::Order, ServiceName::Notify] {
        hand_over(&users, service, &export, piece(0, "nothing", json!([]), true)).await.assert_status(200);
    }
    let link = path(&newest(&person).await);
    let (file, query) = link.split_once('?').unwrap();
    let (expires, signature) = query.split_once('&').unwrap();
    let later: i64 = expires.split_once('=').unwrap().1.parse::<i64>().unwrap() + 3600;
    let other = uuid::Uuid::new_v4();
    for forged in [
        format!("{file}?expires={later}&{signature}"),
        format!("{file}?{expires}&signature=AAAA"),
        format!("{file}?{expires}&{signature}A"),
        format!("/auth/exports/{other}/file?{query}"),
    ] {
        users.visitor.get(&forged).await.assert_problem(404, "export_not_found");
    }
    // Another's is nowhere.
    let eve = users.logged_in("eve@example.com").await;
    assert_eq!(eve.get("/auth/exports").await.body["items"], json!([]));
    eve.get(file).await.assert_status(400);
    users.visitor.get(&link).await.assert_status(200);
    users.advance(2);
    users.visitor.get(&link).await.assert_problem(404, "export_not_found");
    users.advance(24 * 8);
    let person = users.logged_in("ada@example.com").await;
    assert_eq!(person.get("/auth/exports").await.body["items"], json!([]));
    let late = hand_over(&users, ServiceName::Order, &export, piece(9, "orders", json!([]), true)).await;
    assert!(late.status == 401 || late.body == json!({ "wanted": false }), "{}", late.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_that_is_none_is_refused_and_nobody_else_hands_over_any() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let person = users.logged_in("ada@example.com").await;
    let export = person.post("/auth/exports", json!({})).await.text_at("/id");
    for (wrong, pointer) in [
        (piece(-1, "orders", json!([]), false), "/number"),
        (piece(0, "", json!([]), false), "/kind"),
        (piece(0, "Orders!", json!([]), false), "/kind"),
        (piece(0, "orders", json!([1]), false), "/items"),
        (piece(0, "orders", Value::Array(vec![json!({}); 101]), false), "/items"),
    ] {
        let refused = hand_over(&users, ServiceName::Order, &export, wrong).await;
        assert_eq!(refused.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), pointer);
    }
    let body = piece(0, "orders", json!([]), true);
    person.post(&format!("/internal/exports/{export}/pieces"), body.clone()).await.assert_status(401);
    hand_over(&users, ServiceName::User, &export, body.clone()).await.assert_status(403);
    let unknown = hand_over(&users, ServiceName::Order, &uuid::Uuid::new_v4().to_string(), body).await;
    assert_eq!(unknown.assert_status(200).body, json!({ "wanted": false }));
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
}
