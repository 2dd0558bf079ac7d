//! `POST /auth/verify-email`.

use crate::support::{PASSWORD, Users};
use contracts::events::user::{VerificationRequested, Verified};
use serde_json::json;
use test_kit::until;

#[tokio::test]
async fn the_mailed_link_confirms_the_address_and_opens_the_login() {
    let users = Users::open().await;
    let (id, token) = users.register_anew("ada@example.com").await;
    users.login("ada@example.com", PASSWORD).await.assert_problem(403, "email_not_verified");
    let answer = users.verify(&token).await;
    assert_eq!(answer.assert_status(200).body, json!({"message": "Your address is confirmed: you can log in now."}));
    let event = users.recorder.wait_for(|event: &Verified| event.account_id == id).await;
    assert_eq!(event.sequence, 2);
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    users.running.settled().await;
}

#[tokio::test]
async fn a_token_with_spaces_around_it_was_copied_from_a_mail() {
    let users = Users::open().await;
    let (_, token) = users.register_anew("ada@example.com").await;
    users.verify(&format!(" {token}\n")).await.assert_status(200);
}

#[tokio::test]
async fn wrong_tokens_confirm_nothing() {
    let users = Users::open().await;
    let (_, token) = users.register_anew("ada@example.com").await;
    let mut other = token.clone();
    other.replace_range(..1, if token.starts_with('A') { "B" } else { "A" });
    for wrong in ["", "nonsense", &other, &token[..token.len() - 1], &"x".repeat(10_000)] {
        users.verify(wrong).await.assert_problem(422, "invalid_verification_token");
    }
    users.visitor.post("/auth/verify-email", json!({})).await.assert_problem(422, "invalid_fields");
    users.login("ada@example.com", PASSWORD).await.assert_problem(403, "email_not_verified");
}

#[tokio::test]
async fn a_link_works_once() {
    let users = Users::open().await;
    let (_, token) = users.register_anew("ada@example.com").await;
    users.verify(&token).await.assert_status(200);
    users.verify(&token).await.assert_problem(422, "verification_token_used");
    assert_eq!(users.announced::<Verified>().await, 1);
}

#[tokio::test]
async fn a_link_works_for_a_day() {
    let users = Users::open().await;
    let (_, early) = users.register_anew("early@example.com").await;
    let (id, late) = users.register_anew("late@example.com").await;
    users.advance(23);
    users.verify(&early).await.assert_status(200);
    users.advance(1);
    users.verify(&late).await.assert_problem(422, "verification_token_expired");
    // A new one works.
    users.resend("late@example.com").await.assert_status(202);
    let event = users.recorder.wait_for(|event: &VerificationRequested| event.account_id == id).await;
    users.verify(&users.link_token(id, event.id).await).await.assert_status(200);
}

#[tokio::test]
async fn of_many_clicks_at_once_one_confirms() {
    let users = Users::open().await;
    let (id, first) = users.register_anew("ada@example.com").await;
    users.resend("ada@example.com").await.assert_status(202);
    let event = users.recorder.wait_for(|event: &VerificationRequested| event.account_id == id).await;
    let second = users.link_token(id, event.id).await;
    // Two links, each clicked often: their rows must not be locked crosswise.
    let clicks = (0..16).map(|number| {
        let token = if number % 2 == 0 { first.clone() } else { second.clone() };
        let visitor = users.visitor.clone();
        tokio::spawn(async move { visitor.post("/auth/verify-email", json!({ "token": token })).await })
    });
    let mut confirmed = 0;
    for click in clicks.collect::<Vec<_>>() {
        let answer = click.await.unwrap();
        if answer.status == 200 {
            confirmed += 1;
        } else {
            answer.assert_problem(422, "verification_token_used");
        }
    }
    assert_eq!(confirmed, 1);
    assert_eq!(users.announced::<Verified>().await, 1);
    users.running.settled().await;
}

#[tokio::test]
async fn links_long_expired_are_deleted_with_what_was_registered() {
    let users = Users::open().await;
    let (old, _) = users.register_anew("ada@example.com").await;
    users.register_anew("grace@example.com").await;
    let Users { running, database, signer, .. } = users;
    running.stop().await;
    // Registered nine days ago, as the service that starts now sees it.
    let age = "UPDATE verifications SET expires_at = expires_at - interval '8 days 1 minute' WHERE account_id = $1";
    sqlx::query(age).bind(old.uuid()).execute(database.pool()).await.unwrap();
    let users = Users::on(database, signer, &[]).await;
    let links = || users.database.count("SELECT count(*) FROM verifications");
    until("the old link to be deleted", || async { (links().await == 1).then_some(()) }).await;
    let kept = users.database.count("SELECT count(*) FROM verifications WHERE expires_at > now()").await;
    assert_eq!(kept, 1, "the other link still works");
}
