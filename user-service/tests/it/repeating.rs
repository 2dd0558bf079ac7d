//! `POST /auth/register` and `POST /auth/resend-verification` with addresses that are known: nothing tells them from
//! new ones but the mail to their owner.

use crate::support::{PASSWORD, Users, ada};
use contracts::{
    AccountId,
    events::user::{Registered, RegistrationRepeated, VerificationRequested},
};
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_known_address_gets_the_same_answer_with_a_fresh_id() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let (known, new) = (users.register("ADA@example.com").await, users.register("grace@example.com").await);
    assert_eq!(known.status, new.status);
    assert_eq!(known.body["message"], new.body["message"]);
    let keys = |body: &serde_json::Value| body.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&known.body), keys(&new.body));
    let headers = |answer: &test_kit::Answer| answer.headers.keys().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!(headers(&known), headers(&new));
    let given: AccountId = known.text_at("/user_id").parse().unwrap();
    assert_ne!(given, id);
    assert_eq!(given.uuid().get_version_num(), 7);
    assert_eq!(users.database.count("SELECT count(*) FROM accounts").await, 2);
}

#[tokio::test]
async fn the_owner_of_a_verified_address_is_told_that_somebody_registered_again() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let before = users.password_hash(id).await;
    let mut stranger = ada("ada@example.com");
    stranger["password"] = json!("another horse");
    users.visitor.post("/auth/register", stranger).await.assert_status(201);
    users.recorder.wait_for(|event: &RegistrationRepeated| event.account_id == id).await;
    assert_eq!(users.announced::<VerificationRequested>().await, 0);
    assert_eq!(users.password_hash(id).await, before);
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
}

#[tokio::test]
async fn the_owner_of_an_unverified_address_gets_a_new_link() {
    let users = Users::open().await;
    let (id, first) = users.register_anew("ada@example.com").await;
    users.register("ada@example.com").await.assert_status(201);
    let event = users.recorder.wait_for(|event: &VerificationRequested| event.account_id == id).await;
    assert_eq!(event.sequence, 2);
    let second = users.link_token(id, event.id).await;
    assert_ne!(first, second);
    users.verify(&second).await.assert_status(200);
    assert_eq!(users.announced::<Registered>().await, 1);
    assert_eq!(users.announced::<RegistrationRepeated>().await, 0);
}

/// Somebody registers with another's address first, hoping that the owner confirms it later.
#[tokio::test]
async fn a_link_confirms_the_registration_it_was_mailed_for_and_no_strangers() {
    let users = Users::open().await;
    let mut stranger = ada("ada@example.com");
    stranger["first_name"] = json!("Mallory");
    stranger["password"] = json!("mallory waits here");
    stranger["address"] = json!("1 Mallory's Lane");
    let id: AccountId =
        users.visitor.post("/auth/register", stranger.clone()).await.text_at("/user_id").parse().unwrap();
    users.register("ada@example.com").await.assert_status(201);
    let own = users.recorder.wait_for(|event: &VerificationRequested| event.account_id == id).await;
    let own = users.link_token(id, own.id).await;
    // Once more, after the owner's mail went out.
    users.visitor.post("/auth/register", stranger).await.assert_status(201);

    users.verify(&own).await.assert_status(200);
    users.login("ada@example.com", "mallory waits here").await.assert_problem(401, "invalid_credentials");
    let own_data = users.login("ada@example.com", PASSWORD).await.assert_status(200).body["user"].clone();
    assert_eq!((&own_data["first_name"], &own_data["address"]), (&json!("Ada"), &json!(null)));
    let copies = "SELECT count(*) FROM verifications WHERE password_hash IS NOT NULL OR first_name IS NOT NULL";
    assert_eq!(users.database.count(copies).await, 0);
}

#[tokio::test]
async fn whoever_asks_for_the_mail_again_gets_the_same_answer() {
    let users = Users::open().await;
    users.customer("verified@example.com").await;
    let (waiting, _) = users.register_anew("waiting@example.com").await;
    let answers = [
        users.resend("waiting@example.com").await,
        users.resend("verified@example.com").await,
        users.resend("nobody@example.com").await,
    ];
    for answer in &answers {
        assert_eq!(answer.assert_status(202).text, answers[0].text);
    }
    insta::assert_json_snapshot!(answers[0].body, @r#"
    {
      "message": "If there is an account with this address that is not confirmed yet, a mail is on its way."
    }
    "#);
    users.recorder.wait_for(|event: &VerificationRequested| event.account_id == waiting).await;
    assert_eq!(users.announced::<VerificationRequested>().await, 1);
}

#[tokio::test]
async fn what_is_no_address_cannot_be_asked_for() {
    let users = Users::open().await;
    let answer = users.resend("nobody").await;
    assert_eq!(answer.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/email");
}

#[tokio::test]
async fn nobody_can_fill_anothers_mailbox() {
    let users = Users::open().await;
    let (id, _) = users.register_anew("ada@example.com").await;
    users.customer("grace@example.com").await;
    for _ in 0..10 {
        users.resend("ada@example.com").await.assert_status(202);
        users.register("ada@example.com").await.assert_status(201);
        users.register("grace@example.com").await.assert_status(201);
    }
    assert_eq!(users.announced::<VerificationRequested>().await, 5);
    assert_eq!(users.announced::<RegistrationRepeated>().await, 5);
    let open = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM verifications WHERE account_id = $1").bind(id.uuid());
    assert_eq!(open.fetch_one(users.database.pool()).await.unwrap(), 6);
}
