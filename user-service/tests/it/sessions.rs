//! Sessions: refreshed, listed and ended.

use crate::support::{PASSWORD, Users, refused};
use contracts::ServiceName;
use serde_json::{Value, json};
use service_kit::auth::Role;
use std::collections::BTreeSet;
use test_kit::{Answer, TestDatabase};
use user_service::MIGRATIONS;

async fn login(users: &Users) -> Value {
    users.login("ada@example.com", PASSWORD).await.assert_status(200).body.clone()
}

async fn refresh(users: &Users, token: &Value) -> Answer {
    users.visitor.post("/auth/refresh", json!({ "refresh_token": token })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_with_each_refresh_token_once() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let begun = login(&users).await;
    let next = refresh(&users, &begun["refresh_token"]).await;
    assert_eq!(next.assert_status(200).headers["cache-control"], "no-store");
    assert_eq!(next.body["session_id"], begun["session_id"]);
    assert_ne!(next.body["refresh_token"], begun["refresh_token"]);
    users.advance(20 * 24);
    let third = refresh(&users, &next.body["refresh_token"]).await;
    let ada = users.visitor.with_token(third.assert_status(200).text_at("/token"));
    ada.get("/auth/current-user").await.assert_status(200);
    users.advance(31 * 24);
    refresh(&users, &third.body["refresh_token"]).await.assert_problem(401, "invalid_refresh_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_ninety_days_however_often_it_is_refreshed() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let mut token = login(&users).await["refresh_token"].clone();
    for _ in 0..4 {
        users.advance(20 * 24);
        token = refresh(&users, &token).await.assert_status(200).body["refresh_token"].clone();
    }
    users.advance(10 * 24);
    refresh(&users, &token).await.assert_problem(401, "invalid_refresh_token");
}

/// Fifty tabs wake up and come with the same token.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_tabs_that_refresh_at_once_all_go_on_in_one_family() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let mut token = login(&users).await["refresh_token"].clone();
    for _ in 0..3 {
        let tabs: Vec<_> = (0..50)
            .map(|_| {
                let (visitor, body) = (users.visitor.clone(), json!({ "refresh_token": token }));
                tokio::spawn(async move { visitor.post("/auth/refresh", body).await })
            })
            .collect();
        let (mut successors, mut sessions) = (BTreeSet::new(), BTreeSet::new());
        for tab in tabs {
            let answer = tab.await.unwrap();
            successors.insert(answer.assert_status(200).text_at("/refresh_token"));
            sessions.insert(answer.text_at("/session_id"));
            let ada = users.visitor.with_token(answer.text_at("/token"));
            ada.get("/auth/current-user").await.assert_status(200);
        }
        assert_eq!((successors.len(), sessions.len()), (1, 1), "no log-out and one family");
        token = successors.into_iter().next().unwrap().into();
    }
    let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM refresh_tokens");
    assert_eq!(count.fetch_one(users.database.pool()).await.unwrap(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_token_ends_the_family_once_the_grace_is_over() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let begun = login(&users).await;
    let next = refresh(&users, &begun["refresh_token"]).await.assert_status(200).body.clone();
    users.clock.advance(time::Duration::seconds(31));
    let ada = users.visitor.with_token(next["token"].as_str().unwrap());
    ada.get("/auth/current-user").await.assert_status(200);
    refresh(&users, &begun["refresh_token"]).await.assert_problem(401, "invalid_refresh_token");
    refresh(&users, &next["refresh_token"]).await.assert_problem(401, "invalid_refresh_token");
    let refused = ada.get("/auth/current-user").await;
    assert_eq!(
        refused.assert_problem(401, "token_revoked").headers["www-authenticate"],
        "Bearer error=\"invalid_token\""
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_and_ended_refresh_tokens_are_refused_alike() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let begun = login(&users).await;
    let ada = users.visitor.with_token(begun["token"].as_str().unwrap());
    ada.post("/auth/logout", json!({})).await.assert_status(200);
    for token in [begun["refresh_token"].clone(), json!("ecomrt_made-up"), json!(""), begun["token"].clone()] {
        refresh(&users, &token).await.assert_problem(401, "invalid_refresh_token");
    }
    ada.get("/auth/current-user").await.assert_problem(401, "token_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended_one_others_all() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let phone = users.visitor.with_header("user-agent", "Mozilla/5.0 (Android 14; Mobile) Gecko/131 Firefox/131.0");
    let mut clients = Vec::new();
    for visitor in [&users.visitor, &phone, &users.visitor, &users.visitor] {
        let body = json!({ "email": "ada@example.com", "password": PASSWORD });
        let answer = visitor.post("/auth/login", body).await;
        users.clock.advance(time::Duration::seconds(1));
        clients.push((
            users.visitor.with_token(answer.assert_status(200).text_at("/token")),
            answer.text_at("/session_id"),
        ));
    }
    let listed = clients[0].0.get("/auth/sessions").await.assert_status(200).body["items"].clone();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 4);
    assert_eq!(listed[2]["device"], "Firefox on Android");
    assert_eq!(listed[2]["client"], "127.0.0.1");
    let current: Vec<_> = listed.iter().filter(|session| session["current"] == true).collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["id"], clients[0].1.as_str());

    clients[0].0.delete(&format!("/auth/sessions/{}", clients[1].1)).await.assert_status(204);
    clients[0].0.delete(&format!("/auth/sessions/{}", clients[1].1)).await.assert_problem(404, "session_not_found");
    clients[1].0.get("/auth/sessions").await.assert_problem(401, "token_revoked");
    assert_eq!(clients[0].0.delete("/auth/sessions?others=true").await.assert_status(200).body, json!({"ended": 2}));
    clients[2].0.get("/auth/sessions").await.assert_problem(401, "token_revoked");
    clients[0].0.get("/auth/sessions").await.assert_status(200);
    assert_eq!(clients[0].0.delete("/auth/sessions").await.assert_status(200).body, json!({"ended": 1}));
    clients[0].0.get("/auth/sessions").await.assert_problem(401, "token_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_s_session_is_not_there() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    users.customer("grace@example.com").await;
    let ada = login(&users).await;
    let grace = users.logged_in("grace@example.com").await;
    let path = format!("/auth/sessions/{}", ada["session_id"].as_str().unwrap());
    grace.delete(&path).await.assert_problem(404, "session_not_found");
    refresh(&users, &ada["refresh_token"]).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_no_more_than_fifty_sessions() {
    let users = Users::open_with(&[("LOGIN_FAILURES", "1000")]).await;
    users.customer("ada@example.com").await;
    let first = login(&users).await;
    for _ in 0..50 {
        users.clock.advance(time::Duration::seconds(1));
        login(&users).await;
    }
    refresh(&users, &first["refresh_token"]).await.assert_problem(401, "invalid_refresh_token");
    let ada = users.logged_in("ada@example.com").await;
    assert_eq!(ada.get("/auth/sessions").await.body["items"].as_array().unwrap().len(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_told_what_was_revoked_and_people_are_not() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let begun = login(&users).await;
    let ada = users.visitor.with_token(begun["token"].as_str().unwrap());
    ada.post("/auth/logout", json!({})).await.assert_status(200);
    let told = users.notify().get("/internal/revocations?since_ms=0").await.assert_status(200).body.clone();
    assert_eq!(told["revoked"][0]["id"], begun["session_id"]);
    assert_eq!(told["revoked"][0]["least_generation"], i32::MAX);
    users.advance(1);
    let later = users.notify().get("/internal/revocations?since_ms=0").await.assert_status(200).body.clone();
    assert_eq!(later["revoked"], json!([]), "no token of it lives any more");
    let id = service_kit::Clock::system().new_id();
    users.person(id, Role::Admin).get("/internal/revocations?since_ms=0").await.assert_status(401);
    let wrong = users.notify().get("/internal/revocations").await;
    wrong.assert_problem(400, "invalid_query");
    assert_eq!(users.running.kit.service, ServiceName::User);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_fresh_for_five_minutes() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let begun = login(&users).await;
    let ada = users.visitor.with_token(begun["token"].as_str().unwrap());
    users.clock.advance(time::Duration::minutes(6));
    ada.post("/auth/step-up", json!({ "password": "wrong horse" })).await.assert_problem(403, "wrong_password");
    let stepped = ada.post("/auth/step-up", json!({ "password": PASSWORD })).await;
    let fresh = users.visitor.with_token(stepped.assert_status(200).text_at("/token"));
    fresh.get("/auth/current-user").await.assert_status(200);
    assert_eq!(stepped.body["fresh_for"], 300);
    let claims = jsonwebtoken_claims(&stepped.text_at("/token"));
    assert_eq!(claims["auth_time"], users.clock.now().unix_timestamp());
    assert_eq!(claims["sid"], begun["session_id"]);
}

fn jsonwebtoken_claims(token: &str) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_told_where_the_operator_has_a_database_of_them() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/places.mmdb");
    let users = Users::open_with(&[("TRUSTED_PROXIES", "127.0.0.1"), ("PLACES_FILE", file)]).await;
    users.customer("ada@example.com").await;
    let mut ada = users.visitor.clone();
    for address in ["2001:db8:1:2::3", "198.51.100.7", "192.0.2.9"] {
        let there = users.visitor.with_header("x-forwarded-for", address);
        let login = there.post("/auth/login", json!({"email": "ada@example.com", "password": PASSWORD})).await;
        ada = users.visitor.with_token(login.assert_status(200).text_at("/token"));
    }
    let listed = ada.get("/auth/sessions").await;
    let items = listed.assert_status(200).body["items"].as_array().unwrap();
    let told: BTreeSet<_> =
        items.iter().map(|one| (one["client"].as_str().unwrap(), one.get("place").and_then(Value::as_str))).collect();
    let expected =
        [("192.0.2.9", None), ("198.51.100.7", Some("Japan")), ("2001:db8:1:2::/64", Some("São Paulo, Brazil"))];
    assert_eq!(told, BTreeSet::from(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_of_places_is_named_at_the_start() {
    let database = TestDatabase::new(ServiceName::User, &MIGRATIONS).await;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let refused = refused(&database, &[("PLACES_FILE", file)]).await;
    assert!(refused.starts_with(&format!("PLACES_FILE={file} cannot be used: name a readable database")), "{refused}");
}
