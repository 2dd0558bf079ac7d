//! What the platform logs: every line for machines, an order's story by its trace, and no person.

use crate::{
    program::{ecom, free_ports, launched, signed_in, stopped},
    support::{key, order},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs::{self, File},
};
use tempfile::TempDir;
use test_kit::{Client, until};

/// What only the shopper and those who must know may know. A name is too short a word to search for by itself.
const ADDRESS: &str = "canary.ada@example.com";
const PASSWORD: &str = "canary horse battery";
const PERSONAL: [&str; 7] =
    ["canary", "Lovelace", "St James", "SW1Y 4JH", "+44 20 7946 0000", "4111111111111111", "Bearer"];

struct Secrets {
    session: String,
    link: String,
    trace_id: String,
}

/// Registers, confirms, logs in, tries a card's number where a method belongs, orders, and waits for the mail.
async fn an_order_is_placed(door: &Client) -> Secrets {
    let person = json!({
        "first_name": "Canary", "last_name": "Lovelace", "email": ADDRESS, "password": PASSWORD,
        "address": "12 St James's Square", "phone": "+44 20 7946 0000",
    });
    door.post("/api/auth/register", person).await.assert_status(201);
    let mail = mail(door, "Confirm").await;
    let link = mail.split_once("token=").unwrap().1.split_whitespace().next().unwrap().to_owned();
    door.post("/api/auth/verify-email", json!({"token": link, "password": PASSWORD})).await.assert_status(200);
    door.post("/api/auth/login", json!({"email": ADDRESS, "password": "canary wrong"})).await.assert_status(401);
    let login = door.post("/api/auth/login", json!({"email": ADDRESS, "password": PASSWORD})).await;
    let session = login.assert_status(200).text_at("/token");
    let customer = door.with_token(&session);
    order(&customer, &key(), "4111111111111111", &[("KIT-ENAMEL-MUG-350", 1)]).await.assert_status(422);
    let placed = order(&customer, &key(), "sim_ok", &[("KIT-ENAMEL-MUG-350", 1)]).await;
    let trace_id = placed.assert_status(201).headers["traceparent"].to_str().unwrap()[3..35].to_owned();
    self::mail(door, "Payment received").await;
    Secrets { session, link, trace_id }
}

async fn mail(door: &Client, subject: &str) -> String {
    until("the mail", || async {
        let mails = door.get(&format!("/dev/mails.json?to={ADDRESS}")).await;
        let found = mails.body.as_array()?.iter().find(|mail| mail["subject"].as_str().unwrap().contains(subject))?;
        Some(found["text"].as_str().unwrap().to_owned())
    })
    .await
}

/// Who said what about a trace, at the level that is on unless somebody asks for more.
fn story(log: &str, trace_id: &str) -> BTreeSet<(String, String)> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let of_order = lines.filter(|line| line["trace.id"] == trace_id && line["log.level"] == "info");
    let said = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    of_order.map(|line| (said(&line, "service.name"), said(&line, "message"))).collect()
}

const STORY: [(&str, &str); 7] = [
    ("notify-service", "a mail was sent"),
    ("order-service", "order paid"),
    ("order-service", "order placed"),
    ("payment-service", "a payment changed"),
    ("product-service", "a reservation changed"),
    ("product-service", "stock reserved"),
    ("user-service", "a contact was told to notify-service"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_tells_an_orders_story_and_no_line_names_a_person() {
    let folder = TempDir::new().unwrap();
    let (data, base, file) = (folder.path().join("data"), free_ports(), folder.path().join("log"));
    let mut command = ecom(&data, base);
    command.env("RUST_LOG", "debug").env("LOG_FORMAT", "ecs").stderr(File::create(&file).unwrap());
    let child = launched(command, &data).await;
    let secrets = an_order_is_placed(&Client::new(format!("http://127.0.0.1:{base}"))).await;
    until("the end of the story", || async {
        (story(&fs::read_to_string(&file).unwrap(), &secrets.trace_id).len() >= STORY.len()).then_some(())
    })
    .await;
    stopped("TERM", child, &data).await;

    let log = fs::read_to_string(file).unwrap();
    let expected = STORY.map(|(service, message)| (service.to_owned(), message.to_owned()));
    assert_eq!(story(&log, &secrets.trace_id), BTreeSet::from(expected));
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for name in ["@timestamp", "log.level", "message", "ecs.version", "service.name", "event.dataset", "log.logger"] {
        let line = lines.iter().find(|line| !line[name].is_string());
        assert!(line.is_none(), "{name} is missing in {}", line.unwrap_or(&Value::Null));
    }
    let folded = log.to_lowercase();
    for personal in PERSONAL.iter().chain([&secrets.session.as_str(), &secrets.link.as_str(), &"$2b$"]) {
        let line = folded.lines().find(|line| line.contains(&personal.to_lowercase()));
        assert!(line.is_none(), "{personal} is in {}", line.unwrap_or_default());
    }
}

/// The lines about requests that were refused.
fn refusals(log: &str) -> Vec<Value> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["message"] == "a request was refused").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_refused_is_logged_with_address_and_account() {
    let folder = TempDir::new().unwrap();
    let (data, base, file) = (folder.path().join("data"), free_ports(), folder.path().join("log"));
    let mut command = ecom(&data, base);
    command.env("RUST_LOG", "info").env("LOG_FORMAT", "ecs").stderr(File::create(&file).unwrap());
    command.env("TRUSTED_PROXIES", "127.0.0.1");
    let child = launched(command, &data).await;
    let door = Client::new(format!("http://127.0.0.1:{base}"));
    let customer = signed_in(&door).await;
    let account = customer.get("/api/auth/current-user").await.assert_status(200).text_at("/id");
    let behind = customer.with_header("X-Forwarded-For", "203.0.113.9, 198.51.100.7");
    behind.post("/api/products", json!({})).await.assert_status(403);
    behind.post(&format!("/api/orders/{account}/fulfil"), json!({})).await.assert_status(403);
    let stranger = door.with_header("Forwarded", "for=\"[2001:db8::7]:4711\"").with_token("not.a.token");
    stranger.get("/api/orders").await.assert_problem(401, "invalid_token");
    stopped("TERM", child, &data).await;

    let log = fs::read_to_string(file).unwrap();
    let said = |line: &Value| {
        ["service.name", "client.address", "error.code", "account.id"]
            .map(|name| line[name].as_str().unwrap_or("-").to_owned())
    };
    let told: BTreeSet<_> = refusals(&log).iter().map(said).collect();
    for expected in [
        ["product-service", "198.51.100.7", "forbidden", &account],
        ["order-service", "198.51.100.7", "forbidden", &account],
        ["order-service", "2001:db8::7", "invalid_token", "-"],
    ] {
        assert!(told.contains(&expected.map(str::to_owned)), "{expected:?} is not in {told:?}");
    }
    assert!(!log.contains("203.0.113.9"), "what a stranger writes into a header is no address");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_production_a_failed_login_is_logged_unless_told_otherwise() {
    let folder = TempDir::new().unwrap();
    let (data, base, file) = (folder.path().join("data"), free_ports(), folder.path().join("log"));
    let mut command = ecom(&data, base);
    command.env("ECOM_ENV", "production").env("BCRYPT_COST", "12").env_remove("RUST_LOG");
    command.env("PROVIDER_URL", "https://127.0.0.1:9").env("SMTP_URL", "smtps://shop:secret@127.0.0.1:9");
    command.env("SECRETS_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    command.env("PUBLIC_URL", "https://shop.example").stderr(File::create(&file).unwrap());
    let child = launched(command, &data).await;
    let door = Client::new(format!("http://127.0.0.1:{base}"));
    let login = json!({"email": ADDRESS, "password": PASSWORD});
    door.post("/api/auth/login", login).await.assert_status(401);
    stopped("TERM", child, &data).await;

    let log = fs::read_to_string(file).unwrap();
    let told = refusals(&log);
    let failed = told.iter().find(|line| line["http.route"] == "/auth/login").expect("the failed login is logged");
    assert_eq!((&failed["client.address"], &failed["http.response.status_code"]), (&json!("127.0.0.1"), &json!(401)));
    assert!(!log.contains("canary"), "{log}");
}
