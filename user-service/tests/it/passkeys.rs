//! Passkeys: added, renamed, removed, and shown in place of a password. What does not hold opens nothing, and is told from
//! nothing else that does not.

use crate::{
    authenticator::Authenticator,
    support::{PASSWORD, Users},
};
use contracts::events::user::{PasskeyChange, PasskeysChanged};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use test_kit::{Answer, Client};
use time::Duration;

/// Adds one to the account of whoever asks; gives its id.
pub async fn add(person: &Client, authenticator: &mut Authenticator, name: &str) -> String {
    let asked = person.post("/auth/passkeys/begin", json!({})).await.assert_status(200).body.clone();
    let credential = authenticator.create(&asked["options"]);
    let body = json!({ "token": asked["token"], "credential": credential, "name": name });
    person.post("/auth/passkeys", body).await.assert_status(201).text_at("/id")
}

async fn question(users: &Users) -> Value {
    let asked = users.visitor.post("/auth/login/passkey/begin", json!({})).await;
    assert_eq!(asked.assert_status(200).headers["cache-control"], "no-store");
    asked.body.clone()
}

async fn answer(users: &Users, asked: &Value, credential: &Value) -> Answer {
    users.visitor.post("/auth/login/passkey", json!({ "token": asked["token"], "credential": credential })).await
}

async fn log_in(users: &Users, authenticator: &mut Authenticator) -> Answer {
    let asked = question(users).await;
    answer(users, &asked, &authenticator.get(&asked["options"])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_opens_the_account_without_a_password_and_counts_for_both_factors() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let mut phone = Authenticator::new();
    let passkey = add(&ada, &mut phone, " My phone ").await;
    users.clock.advance(Duration::seconds(1));
    let login = log_in(&users, &mut phone).await;
    assert_eq!(login.assert_status(200).headers["cache-control"], "no-store");
    let by_password = users.login("ada@example.com", PASSWORD).await.assert_status(200).body.clone();
    let members = |body: &Value| body.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(members(&login.body), members(&by_password), "the same answer");
    assert_eq!(login.text_at("/user/id"), id.to_string());
    let here = users.visitor.with_token(login.text_at("/token"));
    let sessions = here.get("/auth/sessions").await.body["items"].clone();
    let own = sessions.as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
    assert_eq!(own["second_factor"], true);
    let listed = here.get("/auth/passkeys").await.assert_status(200).body["items"].clone();
    assert_eq!((listed[0]["id"].as_str(), &listed[0]["name"]), (Some(&*passkey), &json!("My phone")));
    assert!(listed[0]["last_used_at"].is_string(), "{listed}");
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let told = users.recorder.wait_for(|event: &PasskeysChanged| event.account_id == id).await;
    assert_eq!(told.data.change, PasskeyChange::Added);
}

/// What was wrong is for our log alone: the answer is one and the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_hold_opens_nothing_and_all_of_it_is_answered_alike() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let mut phone = Authenticator::new();
    add(&users.logged_in("ada@example.com").await, &mut phone, "Phone").await;
    let mut answers = Vec::new();
    // A page that is not ours.
    phone.origin = "http://localhost.evil.example:8080".to_owned();
    answers.push(log_in(&users, &mut phone).await);
    phone.origin = "http://localhost:8081".to_owned();
    answers.push(log_in(&users, &mut phone).await);
    phone.origin = "http://localhost:8080".to_owned();
    // The answer to something else.
    phone.challenge = Some("AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    answers.push(log_in(&users, &mut phone).await);
    phone.challenge = None;
    // Found, and not unlocked.
    phone.unlocked = false;
    answers.push(log_in(&users, &mut phone).await);
    phone.unlocked = true;
    // In another's name.
    phone.user_handle = Some("AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    answers.push(log_in(&users, &mut phone).await);
    phone.user_handle = None;
    // For another shop.
    let mut asked = question(&users).await;
    asked["options"]["rpId"] = json!("evil.example");
    answers.push(answer(&users, &asked, &phone.get(&asked["options"])).await);
    // By a key of one's own.
    let asked = question(&users).await;
    let mut forged = phone.get(&asked["options"]);
    forged["response"]["signature"] = Authenticator::new().get(&asked["options"])["response"]["signature"].clone();
    answers.push(answer(&users, &asked, &forged).await);
    // Of nobody.
    answers.push(log_in(&users, &mut Authenticator::new()).await);
    // Twice.
    let asked = question(&users).await;
    let good = phone.get(&asked["options"]);
    answer(&users, &asked, &good).await.assert_status(200);
    answers.push(answer(&users, &asked, &good).await);
    // To a question that was answered wrong before.
    let asked = question(&users).await;
    answers.push(answer(&users, &asked, &forged).await);
    answers.push(answer(&users, &asked, &phone.get(&asked["options"])).await);
    // Too late.
    let asked = question(&users).await;
    users.clock.advance(Duration::minutes(5) + Duration::seconds(1));
    answers.push(answer(&users, &asked, &phone.get(&asked["options"])).await);
    // To no question; and none.
    let asked = question(&users).await;
    answers.push(answer(&users, &json!({ "token": "made-up" }), &phone.get(&asked["options"])).await);
    for nonsense in [json!({}), json!({ "id": "x", "response": [] })] {
        answers.push(answer(&users, &question(&users).await, &nonsense).await);
    }
    for (place, refused) in answers.iter().enumerate() {
        refused.assert_problem(401, "invalid_passkey");
        assert_eq!(refused.body["detail"], answers[0].body["detail"], "{place}");
    }
    log_in(&users, &mut phone).await.assert_status(200);
}

/// Nobody says who they are, so nothing can be learned of who has an account.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_names_nobody() {
    let users = Users::open().await;
    let before = question(&users).await;
    users.customer("ada@example.com").await;
    add(&users.logged_in("ada@example.com").await, &mut Authenticator::new(), "Phone").await;
    let mut after = question(&users).await;
    after["options"]["challenge"] = before["options"]["challenge"].clone();
    assert_eq!(after["options"], before["options"]);
    insta::assert_json_snapshot!(before, { ".token" => "[token]", ".options.challenge" => "[challenge]" });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_one_is_what_was_asked_for_and_nobody_else_s() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    users.customer("eve@example.com").await;
    let (ada, eve) = (users.logged_in("ada@example.com").await, users.logged_in("eve@example.com").await);
    let begin = async || ada.post("/auth/passkeys/begin", json!({})).await.assert_status(200).body.clone();
    let finish = async |person: &Client, asked: &Value, credential: Value, name: &str| {
        let body = json!({ "token": asked["token"], "credential": credential, "name": name });
        person.post("/auth/passkeys", body).await
    };
    let mut phone = Authenticator::new();
    for (origin, challenge, unlocked) in [
        ("https://evil.example", None, true),
        ("http://localhost:8080", Some("AAAAAAAAAAAAAAAAAAAAAA"), true),
        ("http://localhost:8080", None, false),
    ] {
        let asked = begin().await;
        (phone.origin, phone.challenge, phone.unlocked) = (origin.to_owned(), challenge.map(str::to_owned), unlocked);
        finish(&ada, &asked, phone.create(&asked["options"]), "Phone").await.assert_problem(403, "wrong_passkey");
    }
    (phone.challenge, phone.unlocked) = (None, true);
    // Begun by one, and ended by another.
    let asked = begin().await;
    finish(&eve, &asked, phone.create(&asked["options"]), "Phone").await.assert_problem(403, "wrong_passkey");
    let nameless = finish(&ada, &asked, phone.create(&asked["options"]), " ").await;
    assert_eq!(nameless.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/name");
    finish(&ada, &asked, phone.create(&asked["options"]), "Phone").await.assert_status(201);
    finish(&ada, &asked, phone.create(&asked["options"]), "Phone").await.assert_problem(403, "wrong_passkey");
    // A question of a login is none to add one by.
    let login = question(&users).await;
    finish(&ada, &login, phone.create(&asked["options"]), "Phone").await.assert_problem(403, "wrong_passkey");
    let late = begin().await;
    assert_eq!(late["options"]["excludeCredentials"][0]["id"], phone.id(), "the browser makes no second one on it");
    users.clock.advance(Duration::minutes(5) + Duration::seconds(1));
    let late = finish(&ada, &late, Authenticator::new().create(&late["options"]), "Late").await;
    late.assert_problem(403, "wrong_passkey");
    let fresh = users.logged_in("eve@example.com").await;
    let theirs = fresh.post("/auth/passkeys/begin", json!({})).await.assert_status(200).body.clone();
    finish(&fresh, &theirs, phone.create(&theirs["options"]), "Mine").await.assert_problem(409, "passkey_exists");
    assert_eq!(users.announced::<PasskeysChanged>().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_label_on_the_device_is_the_person_and_the_handle_is_not() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let asked = ada.post("/auth/passkeys/begin", json!({})).await.assert_status(200).body.clone();
    let user = &asked["options"]["user"];
    assert_eq!((&user["name"], &user["displayName"]), (&json!("ada@example.com"), &json!("Ada Lovelace")));
    assert_eq!(user["id"].as_str().unwrap().len(), 22, "16 bytes: the account's id");
    assert_eq!(asked["options"]["rp"]["id"], "localhost");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_passkeys_asks_for_a_fresh_proof_and_a_removed_one_opens_nothing() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    users.customer("eve@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let mut phone = Authenticator::new();
    let path = format!("/auth/passkeys/{}", add(&ada, &mut phone, "Phone").await);
    let eve = users.logged_in("eve@example.com").await;
    let rename = |name: &str| Some(json!({ "name": name }));
    eve.send(Method::PATCH, &path, rename("Mine")).await.assert_problem(404, "passkey_not_found");
    eve.delete(&path).await.assert_problem(404, "passkey_not_found");
    users.clock.advance(Duration::minutes(6));
    ada.post("/auth/passkeys/begin", json!({})).await.assert_problem(401, "step_up_required");
    ada.delete(&path).await.assert_problem(401, "step_up_required");
    ada.send(Method::PATCH, &path, rename("Old phone")).await.assert_status(200);
    assert_eq!(ada.get("/auth/passkeys").await.body["items"][0]["name"], "Old phone");
    let fresh = users.visitor.with_token(log_in(&users, &mut phone).await.assert_status(200).text_at("/token"));
    fresh.delete(&path).await.assert_status(204);
    fresh.delete(&path).await.assert_problem(404, "passkey_not_found");
    log_in(&users, &mut phone).await.assert_problem(401, "invalid_passkey");
    fresh.get("/auth/current-user").await.assert_status(200);
    let removed = |event: &PasskeysChanged| event.account_id == id && event.change == PasskeyChange::Removed;
    users.recorder.wait_for(removed).await;
}

/// As a copy of it would, that somebody made.
#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_whose_counter_goes_back_is_refused_and_that_is_noted() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let mut phone = Authenticator::new();
    add(&users.logged_in("ada@example.com").await, &mut phone, "Phone").await;
    let (mut phone, mut copy) = phone.copied();
    log_in(&users, &mut phone).await.assert_status(200);
    log_in(&users, &mut copy).await.assert_problem(403, "passkey_copied");
    let noted = "SELECT count(*) FROM audit_entries WHERE action = 'passkey.copied' AND NOT allowed AND subject = $1";
    let noted = sqlx::query_scalar::<_, i64>(noted).bind(id.uuid()).fetch_one(users.database.pool()).await;
    assert_eq!(noted.unwrap(), 1);
    log_in(&users, &mut phone).await.assert_status(200);
    // Synced ones do not count at all.
    let mut synced = Authenticator::new();
    synced.counter = 0;
    add(&users.logged_in("ada@example.com").await, &mut synced, "Synced").await;
    for _ in 0..2 {
        synced.counter = 0;
        log_in(&users, &mut synced).await.assert_status(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_suspended_or_erased_stays_out_this_way_too() {
    let users = Users::open_with(&[("ERASE_AFTER_HOURS", "0")]).await;
    let id = users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let mut phone = Authenticator::new();
    add(&ada, &mut phone, "Phone").await;
    let admin = users.login_as_staff().await;
    admin.post(&format!("/users/{id}/suspend"), json!({ "reason": "charge-backs" })).await.assert_status(204);
    log_in(&users, &mut phone).await.assert_problem(403, "account_suspended");
    // Said to who has the passkey alone.
    phone.unlocked = false;
    log_in(&users, &mut phone).await.assert_problem(401, "invalid_passkey");
    phone.unlocked = true;
    admin.post(&format!("/users/{id}/restore"), json!({})).await.assert_status(204);
    let login = log_in(&users, &mut phone).await;
    let ada = users.visitor.with_token(login.assert_status(200).text_at("/token"));
    ada.post("/auth/erasure", json!({})).await.assert_status(202);
    let kept = async || users.database.count("SELECT count(*) FROM passkeys").await;
    let erased = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        while kept().await > 0 {
            tokio::task::yield_now().await;
        }
    });
    erased.await.unwrap();
    log_in(&users, &mut phone).await.assert_problem(401, "invalid_passkey");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_twenty_and_few_questions_under_way() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let first = ada.post("/auth/passkeys/begin", json!({})).await.assert_status(200).body.clone();
    for number in 0..19 {
        add(&ada, &mut Authenticator::new(), &number.to_string()).await;
    }
    let many = async || ada.post("/auth/passkeys/begin", json!({})).await.assert_status(200).body.clone();
    let mut asked = Vec::new();
    for _ in 0..11 {
        users.clock.advance(Duration::milliseconds(1));
        asked.push(many().await);
    }
    assert_eq!(users.database.count("SELECT count(*) FROM passkey_ceremonies").await, 10);
    let finish = async |asked: &Value| {
        let credential = Authenticator::new().create(&asked["options"]);
        ada.post("/auth/passkeys", json!({ "token": asked["token"], "credential": credential, "name": "One" })).await
    };
    for gone in [&first, &asked[0]] {
        finish(gone).await.assert_problem(403, "wrong_passkey");
    }
    finish(&asked[1]).await.assert_status(201);
    finish(&asked[2]).await.assert_problem(409, "too_many_passkeys");
    ada.post("/auth/passkeys/begin", json!({})).await.assert_problem(409, "too_many_passkeys");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_begins_and_fails_so_often_and_others_are_not_concerned() {
    let users = Users::open_with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let from = |address: &str| users.visitor.with_header("x-forwarded-for", address);
    let begin = async |client: &Client| client.post("/auth/login/passkey/begin", json!({})).await;
    let greedy = from("198.51.100.7");
    for _ in 0..100 {
        begin(&greedy).await.assert_status(200);
    }
    begin(&greedy).await.assert_problem(429, "too_many_passkey_logins");
    let nonsense = json!({ "token": "made-up", "credential": {} });
    for _ in 0..100 {
        greedy.post("/auth/login/passkey", nonsense.clone()).await.assert_problem(401, "invalid_passkey");
    }
    greedy.post("/auth/login/passkey", nonsense.clone()).await.assert_problem(429, "too_many_failed_logins");
    begin(&from("203.0.113.9")).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_is_reached_by_an_ip_address_says_that_it_has_none() {
    let users = Users::open_with(&[("PUBLIC_URL", "http://192.0.2.7:8080")]).await;
    users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    ada.post("/auth/passkeys/begin", json!({})).await.assert_problem(404, "passkeys_off");
    users.visitor.post("/auth/login/passkey/begin", json!({})).await.assert_problem(404, "passkeys_off");
    let body = json!({ "token": "made-up", "credential": {} });
    users.visitor.post("/auth/login/passkey", body).await.assert_problem(404, "passkeys_off");
    assert_eq!(ada.get("/auth/passkeys").await.assert_status(200).body["items"], json!([]));
}
