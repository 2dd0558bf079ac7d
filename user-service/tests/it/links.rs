//! What only notify-service may ask for: a contact, and the link of a verification mail.

use crate::support::Users;
use contracts::{AccountId, EventId, ServiceName, events::user::Registered};
use serde_json::json;
use service_kit::auth::Role;

#[tokio::test]
async fn notify_service_learns_whom_to_write_to() {
    let users = Users::open().await;
    let (id, _) = users.register_anew("Ada@example.com").await;
    let answer = users.notify().get(&format!("/internal/accounts/{id}/contact")).await;
    assert_eq!(
        answer.assert_status(200).body,
        json!({"account_id": id, "email": "Ada@example.com", "first_name": "Ada", "last_name": "Lovelace"})
    );
    let unknown: AccountId = users.clock.new_id();
    let answer = users.notify().get(&format!("/internal/accounts/{unknown}/contact")).await;
    answer.assert_problem(404, "account_not_found");
    users.notify().get("/internal/accounts/no-id/contact").await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn the_same_event_always_gives_the_same_link() {
    let users = Users::open_with(&[]).await;
    let id: AccountId = users.register("ada@example.com").await.text_at("/user_id").parse().unwrap();
    let event = users.recorder.wait_for(|event: &Registered| event.account_id == id).await;
    let (one, two) = (users.link(id, event.id).await, users.link(id, event.id).await);
    assert_eq!(one.assert_status(200).body, two.assert_status(200).body);
    assert_eq!(one.body["valid_hours"], 24);
    let url = one.text_at("/url");
    let token = url.strip_prefix("http://localhost:8080/verify-email?token=").unwrap();
    // 256 bits in base64url.
    assert_eq!(token.len(), 43);
}

#[tokio::test]
async fn only_a_hash_of_a_links_token_is_kept() {
    let users = Users::open().await;
    let (_, token) = users.register_anew("ada@example.com").await;
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT v::text || ' ' || coalesce(convert_from(v.token_hash, 'LATIN1'), '') FROM verifications v
         UNION ALL SELECT l::text FROM event_log l UNION ALL SELECT a::text FROM accounts a",
    )
    .fetch_all(users.database.pool())
    .await
    .unwrap();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| !row.contains(&token)), "{rows:?}");
    let hash: Vec<u8> =
        sqlx::query_scalar("SELECT token_hash FROM verifications").fetch_one(users.database.pool()).await.unwrap();
    assert_eq!(hash, aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes()).as_ref());
}

#[tokio::test]
async fn there_is_no_link_for_an_event_that_asked_for_none() {
    let users = Users::open().await;
    let id: AccountId = users.register("ada@example.com").await.text_at("/user_id").parse().unwrap();
    let event = users.recorder.wait_for(|event: &Registered| event.account_id == id).await;
    let unknown: EventId = users.clock.new_id();
    users.link(id, unknown).await.assert_problem(404, "verification_not_found");
    // Another's event neither.
    let (other, _) = users.register_anew("grace@example.com").await;
    users.link(other, event.id).await.assert_problem(404, "verification_not_found");
    let path = format!("/internal/accounts/{id}/verification-link");
    users.notify().post(&path, json!({"event_id": "no-id"})).await.assert_problem(422, "invalid_fields");
}

#[tokio::test]
async fn nobody_else_may_ask() {
    let users = Users::open().await;
    let id: AccountId = users.register("ada@example.com").await.text_at("/user_id").parse().unwrap();
    let event = users.recorder.wait_for(|event: &Registered| event.account_id == id).await;
    let link = (format!("/internal/accounts/{id}/verification-link"), json!({ "event_id": event.id }));
    let contact = format!("/internal/accounts/{id}/contact");
    let signer = &users.signer;
    let mut callers = vec![
        (None, 401, "token_required"),
        (Some(signer.person(id, Role::Customer)), 401, "invalid_token"),
        (Some(signer.person(id, Role::Admin)), 401, "invalid_token"),
        // notify-service's token for somebody else.
        (Some(signer.service(ServiceName::Notify, ServiceName::Order)), 401, "invalid_token"),
    ];
    for service in ServiceName::ALL.into_iter().filter(|service| *service != ServiceName::Notify) {
        callers.push((Some(signer.service(service, ServiceName::User)), 403, "forbidden"));
    }
    for (token, status, code) in callers {
        let caller = token.map_or_else(|| users.visitor.clone(), |token| users.visitor.with_token(token));
        caller.get(&contact).await.assert_problem(status, code);
        caller.post(&link.0, link.1.clone()).await.assert_problem(status, code);
    }
}
