//! Keys are made at the first start and found again at every other.

use crate::support::{PASSWORD, Users, ada, config};
use contracts::ServiceName;
use serde_json::json;
use service_kit::{Bus, Clock};
use test_kit::{Running, Signer, TestDatabase};
use user_service::{MIGRATIONS, build};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn tokens_and_links_outlive_a_restart() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let token = users.login("ada@example.com", PASSWORD).await.text_at("/token");
    let (id, _) = users.register_anew("grace@example.com").await;
    let event = users.asked(id).await;
    let (link, keys) = (users.mail(id, event).await.body, users.visitor.get("/.well-known/jwks.json").await.body);

    let Users { running, database, signer, .. } = users;
    running.stop().await;
    let users = Users::on(database, signer, &[]).await;
    assert_eq!(users.visitor.get("/.well-known/jwks.json").await.body, keys);
    assert_eq!(users.mail(id, event).await.body, link);
    users.visitor.with_token(token).get("/auth/current-user").await.assert_status(200);
    let link_token = users.link_token(id, event).await;
    users.verify(&link_token).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_that_start_together_agree_on_their_keys() {
    let database = TestDatabase::new(ServiceName::User, &MIGRATIONS).await;
    let signer = Signer::trusted_by(&database).await;
    let start = || async {
        let service = build(config(&database, &[]), Bus::Elsewhere, Clock::system()).await.unwrap();
        let running = Running::start(service).await;
        running.leaves_queued("it has no bus to announce on");
        running
    };
    let (one, other) = tokio::join!(start(), start());
    let keys = one.client().get("/.well-known/jwks.json").await.assert_status(200).body.clone();
    assert_eq!(other.client().get("/.well-known/jwks.json").await.body, keys);
    // Both derive the same link.
    let id = one.client().post("/auth/register", ada("ada@example.com")).await.text_at("/user_id");
    let event: Uuid = sqlx::query_scalar("SELECT event_id FROM event_log").fetch_one(database.pool()).await.unwrap();
    let path = format!("/internal/registrations/{id}/mail");
    let notify = signer.service(ServiceName::Notify, ServiceName::User);
    let mut links = Vec::new();
    for instance in [&one, &other] {
        let answer = instance.client().with_token(&notify).post(&path, json!({ "event_id": event })).await;
        links.push(answer.assert_status(200).text_at("/link/url"));
    }
    assert_eq!(links[0], links[1]);
}
