//! API keys of machines.

use crate::support::Users;
use serde_json::{Value, json};
use test_kit::Client;

async fn make(admin: &Client, permissions: &[&str]) -> Value {
    let body = json!({ "name": "Scanner", "permissions": permissions });
    let made = admin.post("/users/api-keys", body).await;
    assert_eq!(made.assert_status(201).headers["cache-control"], "no-store");
    made.body.clone()
}

async fn exchanged(users: &Users, key: &Value) -> test_kit::Answer {
    users.notify().post("/internal/api-keys/exchange", json!({ "key": key })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_worth_its_permissions_and_is_shown_once() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let made = make(&admin, &["users:read"]).await;
    let token = exchanged(&users, &made["key"]).await.assert_status(200).text_at("/token");
    let machine = users.visitor.with_token(token);
    machine.get("/users").await.assert_status(200);
    machine.get("/users/audit").await.assert_problem(403, "forbidden");
    machine.get("/auth/current-user").await.assert_problem(403, "forbidden");
    machine.get("/auth/sessions").await.assert_problem(403, "forbidden");
    let listed = admin.get("/users/api-keys").await.assert_status(200).clone();
    assert!(!listed.text.contains(made["key"].as_str().unwrap()));
    assert!(made["key"].as_str().unwrap().starts_with(listed.body["items"][0]["prefix"].as_str().unwrap()));
    assert!(listed.body["items"][0]["last_used_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_before_a_rotation_works_another_day() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let made = make(&admin, &["users:read"]).await;
    let path = format!("/users/api-keys/{}/rotate", made["id"].as_str().unwrap());
    let rotated = admin.post(&path, json!({})).await.assert_status(200).body.clone();
    exchanged(&users, &made["key"]).await.assert_status(200);
    exchanged(&users, &rotated["key"]).await.assert_status(200);
    users.advance(25);
    exchanged(&users, &made["key"]).await.assert_problem(422, "invalid_api_key");
    exchanged(&users, &rotated["key"]).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_and_an_expired_key_work_no_more() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let made = make(&admin, &["users:read"]).await;
    let token = exchanged(&users, &made["key"]).await.text_at("/token");
    admin.delete(&format!("/users/api-keys/{}", made["id"].as_str().unwrap())).await.assert_status(204);
    exchanged(&users, &made["key"]).await.assert_problem(422, "invalid_api_key");
    users.visitor.with_token(token).get("/users").await.assert_problem(401, "token_revoked");
    admin
        .delete(&format!("/users/api-keys/{}", made["id"].as_str().unwrap()))
        .await
        .assert_problem(404, "api_key_not_found");

    let until = (users.clock.now() + time::Duration::minutes(2)).format(&time::format_description::well_known::Rfc3339);
    let body = json!({ "name": "Brief", "permissions": ["users:read"], "expires_at": until.unwrap() });
    let brief = admin.post("/users/api-keys", body).await.assert_status(201).body.clone();
    let token = exchanged(&users, &brief["key"]).await.text_at("/token");
    users.clock.advance(time::Duration::minutes(3));
    exchanged(&users, &brief["key"]).await.assert_problem(422, "invalid_api_key");
    users.visitor.with_token(token).get("/users").await.assert_problem(401, "token_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_hash_of_a_key_is_kept_and_only_services_exchange_it() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let made = make(&admin, &["users:read"]).await;
    let kept: String = sqlx::query_scalar("SELECT to_jsonb(api_keys)::text FROM api_keys")
        .fetch_one(users.database.pool())
        .await
        .unwrap();
    assert!(!kept.contains(&made["key"].as_str().unwrap()["ecomkey_".len() + 6..]));
    admin.post("/internal/api-keys/exchange", json!({ "key": made["key"] })).await.assert_status(401);
    exchanged(&users, &json!("ecomkey_made-up")).await.assert_problem(422, "invalid_api_key");
}
