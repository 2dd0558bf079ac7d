//! `GET /auth/current-user` and `GET /auth/health`.

use crate::support::Users;
use serde_json::json;
use service_kit::auth::{PLATFORM, Role};
use test_kit::{Signer, TestDatabase};

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_their_own_account() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let grace = users.customer("grace@example.com").await;
    let answer = users.logged_in("grace@example.com").await.get("/auth/current-user").await;
    assert_eq!(answer.assert_status(200).text_at("/id"), grace.to_string());
    insta::assert_json_snapshot!(answer.body, { ".id" => "[id]", ".created_at" => "[time]" }, @r#"
    {
      "address": null,
      "created_at": "[time]",
      "email": "grace@example.com",
      "first_name": "Ada",
      "id": "[id]",
      "last_name": "Lovelace",
      "phone": null,
      "role": "customer",
      "verified": true
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_or_with_a_forged_one_nobody_sees_anything() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let path = "/auth/current-user";
    let missing = users.visitor.get(path).await;
    assert_eq!(missing.assert_problem(401, "token_required").headers["www-authenticate"], "Bearer");

    let now = users.clock.now().unix_timestamp();
    let claims = |change: serde_json::Value| {
        let mut claims = json!({
            "iss": "user-service", "aud": PLATFORM, "sub": id, "role": "admin",
            "iat": now, "nbf": now, "exp": now + 900, "jti": uuid::Uuid::new_v4(),
        });
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        claims
    };
    // Everything right but the key.
    let elsewhere = TestDatabase::new(contracts::ServiceName::User, &user_service::MIGRATIONS).await;
    let stranger = Signer::trusted_by(&elsewhere).await;
    let genuine = users.signer.sign("at+jwt", &claims(json!({})));
    let (head, rest) = genuine.split_once('.').unwrap();
    let forged = [
        stranger.sign("at+jwt", &claims(json!({}))),
        users.signer.sign("at+jwt", &claims(json!({"iss": "order-service"}))),
        users.signer.sign("at+jwt", &claims(json!({"aud": "another-shop"}))),
        users.signer.sign("at+jwt", &claims(json!({"nbf": now + 600}))),
        users.signer.sign("service+jwt", &claims(json!({}))),
        users.signer.service(contracts::ServiceName::Notify, contracts::ServiceName::User),
        // {"alg":"none","typ":"at+jwt"}
        format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{rest}"),
        format!("{head}.{}", rest.rsplit_once('.').unwrap().0),
        "a.b.c".to_owned(),
    ];
    for token in forged {
        users.visitor.with_token(&token).get(path).await.assert_problem(401, "invalid_token");
    }
    let ended = users.signer.sign("at+jwt", &claims(json!({"exp": now - 60})));
    users.visitor.with_token(ended).get(path).await.assert_problem(401, "token_expired");
    users.visitor.with_token(genuine).get(path).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_gone_is_not_there() {
    let users = Users::open().await;
    let gone = users.person(users.clock.new_id(), Role::Customer);
    gone.get("/auth/current-user").await.assert_problem(404, "account_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_that_it_is_well() {
    let users = Users::open().await;
    let answer = users.visitor.get("/auth/health").await;
    assert_eq!(answer.assert_status(200).body, json!({"status": "ok", "service": "user-service"}));
}
