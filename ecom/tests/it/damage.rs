//! The checker is itself checked: each damage is done to a copy of a healthy shop, and exactly the invariants that it
//! breaks must say so.

mod statements;

use crate::doctor::{examine, lived_in_shop, sentences, strict, urls};
use axum::{Json, Router, routing::get};
use contracts::ServiceName;
use futures_util::{StreamExt, stream};
use operate::doctor::Invariant::{self, Money, Once, Reconciliation};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use statements::DAMAGES;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use test_kit::until;
use uuid::Uuid;

type Log = Arc<Mutex<Vec<Value>>>;
type Forgery = (&'static str, fn(&mut Vec<Value>), &'static [Invariant]);

/// Damages of the provider's log.
const FORGERIES: &[Forgery] = &[
    ("the provider charged under another key", charge_again, &[Money, Once, Reconciliation]),
    ("the provider took another amount", |log| change(log, "captured", "amount", json!(1)), &[Money, Reconciliation]),
    ("the provider took another currency", |log| change(log, "captured", "currency", json!("USD")), &[Reconciliation]),
    ("the provider forgot a refusal", |log| log.retain(|entry| entry["status"] != "declined"), &[Reconciliation]),
    (
        "the provider never gave the money back",
        |log| log.retain(|entry| entry["entry"] != "refund"),
        &[Money, Reconciliation],
    ),
    ("an entry cannot be read", |log| log.push(json!({"entry": "chargeback"})), &[Reconciliation]),
];

fn captured(log: &[Value]) -> usize {
    log.iter().position(|entry| entry["status"] == "captured").unwrap()
}

fn charge_again(log: &mut Vec<Value>) {
    let mut again = log[captured(log)].clone();
    (again["key"], again["id"]) = (json!("another key"), json!("ch_99"));
    log.push(again);
}

fn change(log: &mut [Value], status: &str, field: &str, value: Value) {
    let entry = log.iter_mut().find(|entry| entry["status"] == status).unwrap();
    entry[field] = value;
}

/// Serves a provider's log that can be changed.
async fn serve(log: Log) -> String {
    let answer = move || {
        let items = log.lock().unwrap().clone();
        async move { Json(json!({ "items": items })) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/log", get(answer))).await.unwrap() });
    url
}

/// A copy of a database, damaged; gives its URL.
pub async fn damaged(url: &str, damage: &str) -> String {
    let (server, name) = url.rsplit_once('/').unwrap();
    let copy = format!("copy_{}", Uuid::new_v4().simple());
    let admin = PgPool::connect_lazy(&format!("{server}/postgres")).unwrap();
    until("the database to be copied", || async {
        // Fails as long as anybody is connected.
        let copying = AssertSqlSafe(format!("CREATE DATABASE {copy} TEMPLATE {name}"));
        sqlx::raw_sql(copying).execute(&admin).await.ok()
    })
    .await;
    let url = format!("{server}/{copy}");
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let damage = AssertSqlSafe(format!("SET session_replication_role = replica; {damage}"));
    sqlx::raw_sql(damage).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    url
}

async fn drop_database(url: &str) {
    let (server, name) = url.rsplit_once('/').unwrap();
    let mut admin = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    let dropping = AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
    sqlx::raw_sql(dropping).execute(&mut admin).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_damage_is_found_and_nothing_else() {
    let shop = lived_in_shop().await;
    let log: Log = Arc::new(Mutex::new(shop.provider_log()));
    let healthy = urls(&shop);
    shop.close().await;
    // Nobody connects to these, so that a copy of them waits for nobody, and nobody for it.
    let originals = stream::iter(&healthy).then(async |(service, url)| (*service, damaged(url, "").await));
    let originals: BTreeMap<ServiceName, String> = originals.collect().await;
    let provider = serve(Arc::clone(&log)).await;
    let examined = stream::iter(DAMAGES).map(|(what, service, damage, expected)| {
        let (mut databases, original, provider) = (healthy.clone(), &originals[service], &provider);
        async move {
            let copy = damaged(original, damage).await;
            databases.insert(*service, copy.clone());
            let report = examine(&databases, provider, &strict()).await;
            drop_database(&copy).await;
            (report.broken() != *expected).then(|| (*what, sentences(&report)))
        }
    });
    let wrong: Vec<_> = examined.buffer_unordered(4).collect().await;
    let mut wrong: BTreeMap<_, _> = wrong.into_iter().flatten().collect();
    for (what, forge, expected) in FORGERIES {
        let before = log.lock().unwrap().clone();
        forge(&mut log.lock().unwrap());
        let report = examine(&healthy, &provider, &strict()).await;
        if report.broken() != *expected {
            wrong.insert(*what, sentences(&report));
        }
        *log.lock().unwrap() = before;
    }
    for original in originals.values() {
        drop_database(original).await;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
