//! `POST /auth/introspect`.

use crate::support::{PASSWORD, Users};
use contracts::ServiceName;
use serde_json::json;
use service_kit::auth::Role;

#[tokio::test(flavor = "multi_thread")]
async fn staff_learn_whose_a_token_is() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let token = users.login("ada@example.com", PASSWORD).await.text_at("/token");
    let staff = users.person(users.clock.new_id(), Role::Admin);
    let mut answer = staff.post("/auth/introspect", json!({ "token": token })).await.assert_status(200).body.clone();
    let now = users.clock.now().unix_timestamp();
    for unforeseen in ["jti", "sid"] {
        assert!(answer.as_object_mut().unwrap().remove(unforeseen).is_some());
    }
    // RFC 7662, 2.2, and the role.
    assert_eq!(
        answer,
        json!({
            "active": true, "token_type": "Bearer", "iss": "user-service", "aud": "ecom-micro", "sub": id,
            "client_id": "ecom-micro", "scope": "", "role": "customer", "iat": now, "nbf": now, "exp": now + 900,
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_token_that_is_not_valid_nothing_else_is_told() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let ended = users.login("ada@example.com", PASSWORD).await.text_at("/token");
    users.advance(1);
    let staff = users.login_as_staff().await;
    let gone = users.signer.person(users.clock.new_id(), Role::Customer);
    let of_a_service = users.signer.service(ServiceName::Notify, ServiceName::User);
    for token in [ended, gone, of_a_service, "a.b.c".to_owned(), String::new()] {
        let answer = staff.post("/auth/introspect", json!({ "token": token })).await;
        assert_eq!(answer.assert_status(200).body, json!({"active": false}), "{token}");
    }
    staff.post("/auth/introspect", json!({})).await.assert_problem(422, "invalid_fields");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_staff_may_ask() {
    let users = Users::open().await;
    let body = json!({"token": "a.b.c"});
    let path = "/auth/introspect";
    users.visitor.post(path, body.clone()).await.assert_problem(401, "token_required");
    let customer = users.person(users.clock.new_id(), Role::Customer);
    customer.post(path, body.clone()).await.assert_problem(403, "forbidden");
    users.notify().post(path, body).await.assert_problem(401, "invalid_token");
}
