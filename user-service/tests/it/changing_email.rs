//! Another address: confirmed at the new one, told at the old one.

use crate::support::{PASSWORD, Users};
use contracts::{
    AccountId, AccountRequestId,
    events::user::{EmailChangeRequested, EmailChanged},
};
use serde_json::json;
use test_kit::Client;

async fn ask(users: &Users, person: &Client, id: AccountId, email: &str) -> AccountRequestId {
    let body = json!({ "email": email, "password": PASSWORD });
    person.post("/auth/change-email", body).await.assert_status(202);
    users.recorder.wait_for(|event: &EmailChangeRequested| event.account_id == id).await.data.request_id
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_changes_until_the_new_mailbox_says_so_and_the_old_one_is_told() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let request = ask(&users, &ada, id, "ada@new.example").await;
    let mail = users.account_mail(request).await.assert_status(200).body.clone();
    assert_eq!(mail["email"], "ada@new.example");
    assert_eq!(mail["first_name"], json!(null), "nobody is named at an address that is not confirmed");
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    let token = users.request_token(request).await;
    users.visitor.post("/auth/confirm-email", json!({ "token": token })).await.assert_status(200);
    ada.get("/auth/current-user").await.assert_problem(401, "token_revoked");
    users.login("ada@example.com", PASSWORD).await.assert_problem(401, "invalid_credentials");
    let answer = users.login("ada@new.example", PASSWORD).await;
    assert_eq!(answer.assert_status(200).text_at("/user/email"), "ada@new.example");
    let told = users.recorder.wait_for(|event: &EmailChanged| event.account_id == id).await.data.request_id;
    let told = users.account_mail(told).await.assert_status(200).body.clone();
    assert_eq!((told["email"].as_str(), told["first_name"].as_str()), (Some("ada@example.com"), Some("Ada")));
    users.visitor.post("/auth/confirm-email", json!({ "token": token })).await.assert_problem(422, "link_over");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_has_an_account_is_told_and_not_given() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    users.customer("grace@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let request = ask(&users, &ada, id, "grace@example.com").await;
    let mail = users.account_mail(request).await.assert_status(200).body.clone();
    assert_eq!((&mail["taken"], &mail["link"]), (&json!(true), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_somebody_else_confirmed_meanwhile_is_theirs() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let request = ask(&users, &ada, id, "shared@example.com").await;
    let token = users.request_token(request).await;
    users.customer("shared@example.com").await;
    users.visitor.post("/auth/confirm-email", json!({ "token": token })).await.assert_problem(409, "address_taken");
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    users.login("shared@example.com", PASSWORD).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_of_the_new_address_end() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let (_, link) = users.register_anew("ada@new.example").await;
    let ada = users.logged_in("ada@example.com").await;
    let request = ask(&users, &ada, id, "ada@new.example").await;
    let token = users.request_token(request).await;
    users.visitor.post("/auth/confirm-email", json!({ "token": token })).await.assert_status(200);
    users.verify(&link).await.assert_problem(422, "verification_token_used");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_asks_the_password() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let body = json!({ "email": "thief@example.com", "password": "wrong horse" });
    ada.post("/auth/change-email", body).await.assert_problem(403, "wrong_password");
    assert_eq!(users.announced::<EmailChangeRequested>().await, 0);
}
