//! What the platform logs: every line for machines, an order's story by its trace, and no person.

use crate::{
    program::{ecom, free_ports, launched, stopped},
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
    door.post("/api/auth/verify-email", json!({ "token": link })).await.assert_status(200);
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
