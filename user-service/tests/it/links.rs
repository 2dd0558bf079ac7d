//! What only notify-service may ask for: a contact, and whom the mail of a registration goes to with which link.

use crate::support::Users;
use contracts::{AccountId, EventId, ServiceName};
use serde_json::json;
use service_kit::auth::Role;

#[tokio::test(flavor = "multi_thread")]
async fn notify_service_learns_whom_to_write_to() {
    let users = Users::open().await;
    let id = users.customer("Ada@example.com").await;
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

#[tokio::test(flavor = "multi_thread")]
async fn notify_service_learns_of_many_at_once_whom_to_write_to() {
    let users = Users::open().await;
    let (ada, grace) = (users.customer("ada@example.com").await, users.customer("grace@example.com").await);
    let unknown: AccountId = users.clock.new_id();
    // A registration is no account: where it is reached is told with its link.
    let (registered, _) = users.register_anew("alan@example.com").await;
    let asked = json!({"account_ids": [grace, unknown, ada, registered, grace]});
    let answer = users.notify().post("/internal/contacts", asked).await;
    let mut answer = answer.assert_status(200).body.clone();
    answer["contacts"].as_array_mut().unwrap().sort_by_key(|contact| contact["email"].to_string());
    let contact = |id: AccountId, email: &str| json!({"account_id": id, "email": email, "first_name": "Ada", "last_name": "Lovelace"});
    let contacts = [contact(ada, "ada@example.com"), contact(grace, "grace@example.com")];
    assert_eq!(answer, json!({"contacts": contacts, "unknown": [unknown, registered]}));
    for wrong in [vec![], vec![ada; 257]] {
        let refused = users.notify().post("/internal/contacts", json!({ "account_ids": wrong })).await;
        refused.assert_problem(422, "invalid_fields");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_event_always_gives_the_same_link_and_no_name() {
    let users = Users::open().await;
    let (id, token) = users.register_anew("Ada@bücher.example").await;
    let event = users.asked(id).await;
    let (one, two) = (users.mail(id, event).await, users.mail(id, event).await);
    assert_eq!(one.assert_status(200).body, two.assert_status(200).body);
    let url = one.text_at("/link/url");
    assert_eq!(one.body, json!({"email": "Ada@xn--bcher-kva.example", "link": {"url": url, "valid_hours": 24}}));
    let token_in_url = url.strip_prefix("http://localhost:8080/verify-email?token=").unwrap();
    // 256 bits in base64url.
    assert_eq!(token_in_url.len(), 43);
    // The mail that is sent again, because its sender died before it could note that it was sent, is the same mail.
    users.verify(&token).await.assert_status(200);
    assert_eq!(users.mail(id, event).await.assert_status(200).body, one.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_a_known_address_gets_no_link() {
    let users = Users::open().await;
    let first = users.register_anew("ada@example.com").await;
    let (second, _) = users.register_anew("ada@example.com").await;
    let asked = users.asked(second).await;
    users.verify(&first.1).await.assert_status(200);
    let expected = json!({"email": "ada@example.com", "link": null});
    assert_eq!(users.mail(second, asked).await.assert_status(200).body, expected);
    // Nor whoever registers with it later.
    let third: AccountId = users.register("ADA@example.com").await.text_at("/user_id").parse().unwrap();
    let asked = users.asked(third).await;
    assert_eq!(users.mail(third, asked).await.assert_status(200).body["link"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_hash_of_a_links_token_is_kept() {
    let users = Users::open().await;
    let (_, token) = users.register_anew("ada@example.com").await;
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT l::text || ' ' || coalesce(encode(l.token_hash, 'escape'), '') FROM registration_links l
         UNION ALL SELECT l::text FROM event_log l UNION ALL SELECT r::text FROM registrations r",
    )
    .fetch_all(users.database.pool())
    .await
    .unwrap();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| !row.contains(&token)), "{rows:?}");
    let hash: Vec<u8> =
        sqlx::query_scalar("SELECT token_hash FROM registration_links").fetch_one(users.database.pool()).await.unwrap();
    assert_eq!(hash, aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes()).as_ref());
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_link_for_an_event_that_asked_for_none() {
    let users = Users::open().await;
    let (id, _) = users.register_anew("ada@example.com").await;
    let event = users.asked(id).await;
    let unknown: EventId = users.clock.new_id();
    users.mail(id, unknown).await.assert_problem(404, "registration_not_found");
    // Another's event neither.
    let (other, _) = users.register_anew("grace@example.com").await;
    users.mail(other, event).await.assert_problem(404, "registration_not_found");
    let path = format!("/internal/registrations/{id}/mail");
    users.notify().post(&path, json!({"event_id": "no-id"})).await.assert_problem(422, "invalid_fields");
    // Nor once the registration has ended.
    sqlx::query("DELETE FROM registrations").execute(users.database.pool()).await.unwrap();
    users.mail(id, event).await.assert_problem(404, "registration_not_found");
}

/// A notify-service of an older version runs beside us for a while.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_notify_service_finds_what_it_asks_for() {
    let users = Users::open().await;
    let (id, token) = users.register_anew("ada@example.com").await;
    let event = users.asked(id).await;
    let contact = users.notify().get(&format!("/internal/accounts/{id}/contact")).await;
    let expected = json!({"account_id": id, "email": "ada@example.com", "first_name": "", "last_name": ""});
    assert_eq!(contact.assert_status(200).body, expected, "no name of a stranger's");
    let link = format!("/internal/accounts/{id}/verification-link");
    let answer = users.notify().post(&link, json!({ "event_id": event })).await;
    assert!(answer.assert_status(200).text_at("/url").ends_with(&token));
    let unknown: EventId = users.clock.new_id();
    let refused = users.notify().post(&link, json!({ "event_id": unknown })).await;
    refused.assert_problem(404, "verification_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_may_ask() {
    let users = Users::open().await;
    let (id, _) = users.register_anew("ada@example.com").await;
    let body = json!({ "event_id": users.asked(id).await });
    let asked = [format!("/internal/accounts/{id}/verification-link"), format!("/internal/registrations/{id}/mail")];
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
        caller.post("/internal/contacts", json!({"account_ids": [id]})).await.assert_problem(status, code);
        for path in &asked {
            caller.post(path, body.clone()).await.assert_problem(status, code);
        }
    }
}
