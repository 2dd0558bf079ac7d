//! People who order without an account, and the owners of the mailboxes they name.

use crate::support::{PASSWORD, Users};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::{
    AccountId,
    events::user::{Erased, GuestJoined},
};
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::{Answer, until};
use uuid::Uuid;

const CART: &str = "01890a5d-ac96-774b-bcce-b302099a8070";

fn secret(which: u8) -> String {
    char::from(b'a' + which).to_string().repeat(43)
}

async fn make(users: &Users, email: &str, which: u8) -> Answer {
    let body = json!({ "email": email, "cart_id": CART, "secret": secret(which) });
    users.visitor.post("/auth/guests", body).await
}

/// A guest, by their id.
async fn guest(users: &Users, email: &str, which: u8) -> AccountId {
    make(users, email, which).await.assert_status(201).text_at("/guest_id").parse().unwrap()
}

async fn again(users: &Users, which: u8) -> Answer {
    users.visitor.post("/auth/guests/token", json!({ "secret": secret(which) })).await
}

/// What the mail about a guest's order is sent with.
async fn contact(users: &Users, guest: AccountId) -> Value {
    let asked = users.notify().post("/internal/contacts", json!({ "account_ids": [guest] })).await;
    asked.assert_status(200).body.clone()
}

async fn link(users: &Users, guest: AccountId) -> String {
    let url = contact(users, guest).await["contacts"][0]["join_url"].as_str().unwrap().to_owned();
    url.split_once("/guest?token=").unwrap().1.to_owned()
}

async fn by_link(users: &Users, act: &str, token: &str) -> Answer {
    users.visitor.post(&format!("/auth/guests/{act}"), json!({ "token": token })).await
}

async fn joined(users: &Users, guest: AccountId) -> AccountId {
    users.recorder.wait_for(|event: &GuestJoined| event.guest_id == guest).await.data.account_id
}

fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_made_once_and_their_token_is_for_one_cart() {
    let users = Users::open().await;
    let made = make(&users, "ada@example.com", 0).await;
    assert_eq!(made.assert_status(201).headers["cache-control"], "no-store");
    let said = claims(&made.text_at("/token"));
    assert_eq!((&said["sub"], &said["guest"]["only"]), (&made.body["guest_id"], &json!(CART)));
    assert_eq!((&said["client_id"], &said["scope"]), (&json!("ecom-micro-guest"), &json!("")));
    assert!(!said.to_string().contains("ada@"), "{said}");
    // The click that came twice, and the page that is opened again.
    assert_eq!(make(&users, "Ada@example.com", 0).await.assert_status(201).body["guest_id"], made.body["guest_id"]);
    assert_eq!(again(&users, 0).await.assert_status(200).body["guest_id"], made.body["guest_id"]);
    make(&users, "eve@example.com", 0).await.assert_problem(409, "guest_secret_used");
    again(&users, 1).await.assert_problem(401, "invalid_guest");
    assert_eq!(users.database.count("SELECT count(*) FROM guests").await, 1);
    for (field, value) in [("email", json!("no address")), ("secret", json!("short")), ("name", json!("Ada"))] {
        let mut body = json!({ "email": "ada@example.com", "cart_id": CART, "secret": secret(2) });
        body[field] = value;
        users.visitor.post("/auth/guests", body).await.assert_problem(422, "invalid_fields");
    }
    users.running.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_clicks_at_once_are_one_guest() {
    let users = Users::open().await;
    let clicks = (0..8).map(|_| {
        let visitor = users.visitor.clone();
        let body = json!({ "email": "ada@example.com", "cart_id": CART, "secret": secret(0) });
        tokio::spawn(async move { visitor.post("/auth/guests", body).await })
    });
    let mut ids = Vec::new();
    for click in clicks.collect::<Vec<_>>() {
        let answer = click.await.unwrap();
        // Five may be counted at a time; who is refused is so before anything was made.
        if answer.status == 201 {
            ids.push(answer.text_at("/guest_id"));
        } else {
            answer.assert_problem(429, "too_many_guests");
        }
    }
    ids.dedup();
    assert_eq!((ids.len(), users.database.count("SELECT count(*) FROM guests").await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_the_address_has_an_account_is_not_told() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let (known, unknown) = (make(&users, "ada@example.com", 0).await, make(&users, "eve@example.com", 1).await);
    let keys = |answer: &Answer| answer.body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!((known.status, keys(&known)), (unknown.status, keys(&unknown)));
    assert_eq!(users.announced::<GuestJoined>().await, 0);
}

/// By another address each time, or by another tag of one mailbox.
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_makes_only_so_many_guests() {
    let users = Users::open_with(&[("GUESTS_PER_CLIENT", "7")]).await;
    for which in 0..5 {
        make(&users, &format!("ada+{which}@example.com"), which).await.assert_status(201);
    }
    let refused = make(&users, "ada@example.com", 5).await;
    refused.assert_problem(429, "too_many_guests");
    assert!(refused.headers.contains_key("retry-after"));
    // Who is a guest goes on.
    make(&users, "ada+0@example.com", 0).await.assert_status(201);
    again(&users, 0).await.assert_status(200);
    make(&users, "eve@example.com", 6).await.assert_status(201);
    make(&users, "mallory@example.com", 7).await.assert_problem(429, "too_many_guests");
    assert_eq!(users.database.count("SELECT count(*) FROM guests").await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_of_one_mailbox_count_together_and_those_of_others_do_not() {
    let users = Users::open().await;
    let mut counted = Vec::new();
    for (which, email) in [(0, "ada@example.com"), (1, "Ada+shop@example.com"), (2, "eve@example.com")] {
        let made = make(&users, email, which).await;
        counted.push(claims(&made.text_at("/token"))["guest"]["counted_as"].clone());
    }
    assert_eq!((&counted[0][0], &counted[0][1]), (&counted[1][0], &counted[1][1]));
    assert_ne!(counted[0][0], counted[2][0]);
    assert_eq!(counted[0][1], counted[2][1], "they come from one place");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_to_a_guest_names_nobody_and_holds_the_link() {
    let users = Users::open().await;
    let id = guest(&users, "ada@example.com", 0).await;
    let told = contact(&users, id).await;
    let contact_of = &told["contacts"][0];
    assert_eq!((&contact_of["email"], &contact_of["first_name"]), (&json!("ada@example.com"), &json!("")));
    assert!(contact_of["join_url"].as_str().unwrap().contains("/guest?token="), "{told}");
    assert_eq!(contact(&users, id).await, told, "the same link each time");
    let older = users.notify().send(Method::GET, &format!("/internal/accounts/{id}/contact"), None).await;
    assert_eq!(older.assert_status(200).text_at("/last_name"), "");
}

/// The stranger never has the link; and somebody else's confirmation says nothing of this mailbox.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_of_the_mailbox_gets_what_a_guest_ordered() {
    let users = Users::open().await;
    let id = guest(&users, "ada@example.com", 0).await;
    let tagged = guest(&users, "ada+shop@example.com", 1).await;
    // Grace confirms her own; Mallory registers Ada's and has no link; Ada has an account, which alone changes nothing.
    users.customer("grace@example.com").await;
    users.register("ada@example.com").await;
    assert_eq!(users.announced::<GuestJoined>().await, 0);
    let ada = users.customer("ada@example.com").await;
    assert_eq!(joined(&users, id).await, ada);
    let later = guest(&users, "ada@example.com", 2).await;
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    users.running.settled().await;
    assert_eq!(users.announced::<GuestJoined>().await, 1, "the first alone");
    let wrong = by_link(&users, "join", "no such link").await;
    wrong.assert_problem(422, "invalid_link");
    // The token of one guest's link is none of another's.
    let token = link(&users, later).await;
    by_link(&users, "link", &token).await.assert_status(200);
    assert_eq!(users.announced::<GuestJoined>().await, 1, "looking changes nothing");
    for _ in 0..2 {
        by_link(&users, "join", &token).await.assert_status(200);
    }
    assert_eq!(joined(&users, later).await, ada);
    assert_eq!(users.announced::<GuestJoined>().await, 2, "once more changes nothing");
    // Another address, though of the same mailbox as many have it: whose it is only its own mail tells.
    let token = link(&users, tagged).await;
    assert_eq!(by_link(&users, "link", &token).await.body, json!({ "has_account": false, "joined": false }));
    by_link(&users, "join", &token).await.assert_problem(409, "address_without_account");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_joined_is_a_guest_no_more() {
    let users = Users::open().await;
    let id = guest(&users, "ada@example.com", 0).await;
    let token = make(&users, "ada@example.com", 0).await.text_at("/token");
    let mailed = link(&users, id).await;
    let ada = users.customer("ada@example.com").await;
    joined(&users, id).await;
    // The link in an older mail forgets nothing that is an account's by now.
    by_link(&users, "forget", &mailed).await.assert_problem(409, "guest_joined");
    again(&users, 0).await.assert_problem(409, "guest_joined");
    make(&users, "ada@example.com", 0).await.assert_problem(409, "guest_joined");
    users.visitor.with_token(token).get("/auth/current-user").await.assert_problem(401, "token_revoked");
    // Mails that were on their way go to the account, by its name.
    let told = contact(&users, id).await;
    assert_eq!((&told["contacts"][0]["first_name"], &told["contacts"][0]["join_url"]), (&json!("Ada"), &Value::Null));
    let account = contact(&users, ada).await;
    assert_eq!(account["contacts"][0]["email"], told["contacts"][0]["email"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_changed_and_confirmed_brings_its_guests() {
    let users = Users::open().await;
    let ada = users.customer("ada@example.com").await;
    let id = guest(&users, "new@example.com", 0).await;
    let person = users.logged_in("ada@example.com").await;
    let body = json!({ "email": "new@example.com", "password": PASSWORD });
    person.post("/auth/change-email", body).await.assert_status(202);
    let asked = users.recorder.wait_for(|_: &contracts::events::user::EmailChangeRequested| true).await;
    assert_eq!(users.announced::<GuestJoined>().await, 0, "it is only asked for");
    let token = users.request_token(asked.data.request_id).await;
    users.visitor.post("/auth/confirm-email", json!({ "token": token })).await.assert_status(200);
    assert_eq!(joined(&users, id).await, ada);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_whose_address_was_misused_is_forgotten_at_once() {
    let users = Users::open().await;
    let id = guest(&users, "ada@example.com", 0).await;
    let token = link(&users, id).await;
    by_link(&users, "forget", &token).await.assert_status(200);
    let told = users.recorder.wait_for(|event: &Erased| event.account_id == id).await;
    assert_eq!(told.data.also, Vec::<Uuid>::new());
    by_link(&users, "forget", &token).await.assert_problem(422, "invalid_link");
    again(&users, 0).await.assert_problem(401, "invalid_guest");
    assert_eq!(contact(&users, id).await["unknown"], json!([id]));
    assert_eq!(users.database.count("SELECT count(*) FROM guests").await, 0);
}

/// Whoever writes to the shop from their mailbox, without the link.
#[tokio::test(flavor = "multi_thread")]
async fn staff_find_a_guest_by_their_address_and_erase_them() {
    let users = Users::open().await;
    let id = guest(&users, "ada@example.com", 0).await;
    let other = guest(&users, "grace@example.com", 1).await;
    contact(&users, id).await;
    let admin = users.login_as_staff().await;
    let found = admin.get("/users/guests?email=Ada@example.com").await.assert_status(200).body.clone();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    let shown = admin.get(&format!("/users/guests/{id}")).await.assert_status(200).body.clone();
    assert_eq!(found["items"][0], shown);
    assert_eq!((&shown["email"], &shown["ordered"]), (&json!("ada@example.com"), &json!(true)));
    admin.get("/users/guests").await.assert_problem(400, "invalid_query");
    let asked = admin.post(&format!("/users/{id}/erasure"), json!({})).await;
    assert_eq!(asked.assert_status(202).text_at("/status"), "erasing");
    let told = users.recorder.wait_for(|event: &Erased| event.account_id == id).await;
    assert_eq!(told.data.also, Vec::<Uuid>::new());
    let again_asked = admin.post(&format!("/users/{id}/erasure"), json!({})).await;
    assert_eq!(again_asked.assert_status(202).body["id"], asked.body["id"], "the second click is the same");
    admin.delete(&format!("/users/{id}/erasure")).await.assert_problem(409, "erasure_begun");
    again(&users, 0).await.assert_problem(401, "invalid_guest");
    admin.get(&format!("/users/guests/{id}")).await.assert_problem(404, "account_not_found");
    assert_eq!(admin.get(&format!("/users/{id}/erasure")).await.assert_status(200).body["status"], "erasing");
    users.running.settled().await;
    assert_eq!(users.announced::<Erased>().await, 1);
    let audit = admin.get(&format!("/users/audit?subject={id}")).await.assert_status(200).body.clone();
    assert_eq!(audit["items"][0]["action"], "guest.erased", "{audit}");
    again(&users, 1).await.assert_status(200);
    assert_eq!(contact(&users, other).await["unknown"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_erased_by_nobody_else_and_not_once_an_account_has_their_orders() {
    let users = Users::open().await;
    let id = guest(&users, "ada@example.com", 0).await;
    let erasure = format!("/users/{id}/erasure");
    let token = make(&users, "ada@example.com", 0).await.text_at("/token");
    users.visitor.post(&erasure, json!({})).await.assert_status(401);
    users.visitor.with_token(token).post(&erasure, json!({})).await.assert_problem(403, "account_required");
    users.customer("grace@example.com").await;
    let grace = users.logged_in("grace@example.com").await;
    grace.post(&erasure, json!({})).await.assert_problem(403, "forbidden");
    grace.get(&format!("/users/guests/{id}")).await.assert_problem(403, "forbidden");
    assert_eq!(users.announced::<Erased>().await, 0);
    users.customer("ada@example.com").await;
    let account = joined(&users, id).await;
    let admin = users.login_as_staff().await;
    admin.post(&erasure, json!({})).await.assert_problem(409, "guest_joined");
    let shown = admin.get(&format!("/users/guests/{id}")).await.assert_status(200).body.clone();
    assert_eq!(shown["account_id"], account.to_string());
    assert_eq!(users.announced::<Erased>().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_clicks_of_staff_and_one_of_the_owner_erase_a_guest_once() {
    let users = Users::open().await;
    let id = guest(&users, "ada@example.com", 0).await;
    let token = link(&users, id).await;
    let admin = users.login_as_staff().await;
    let clicks = (0..8).map(|_| {
        let (admin, path) = (admin.clone(), format!("/users/{id}/erasure"));
        tokio::spawn(async move { admin.post(&path, json!({})).await })
    });
    let clicks: Vec<_> = clicks.collect();
    by_link(&users, "forget", &token).await;
    for click in clicks {
        click.await.unwrap().assert_status(202);
    }
    users.running.settled().await;
    assert_eq!(users.announced::<Erased>().await, 1);
    assert_eq!(users.database.count("SELECT count(*) FROM erasures").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_account_its_guests_are_erased_under_their_own_ids() {
    let users = Users::open_with(&[("ERASE_AFTER_HOURS", "0")]).await;
    let first = guest(&users, "ada@example.com", 0).await;
    let ada = users.customer("ada@example.com").await;
    joined(&users, first).await;
    let second = guest(&users, "ada@example.com", 1).await;
    let other = guest(&users, "grace@example.com", 2).await;
    let person = users.logged_in("ada@example.com").await;
    person.post("/auth/erasure", json!({})).await.assert_status(202);
    let told = users.recorder.wait_for(|event: &Erased| event.account_id == ada).await.data.also;
    assert!([first, second].iter().all(|guest| told.contains(&guest.uuid())), "{told:?}");
    assert!(!told.contains(&other.uuid()));
    let left = "SELECT count(*) FROM guests WHERE email_key <> 'grace@example.com'";
    assert_eq!(users.database.count(left).await, 0);
    again(&users, 2).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_ordered_nothing_is_forgotten_after_a_month_and_who_did_is_not() {
    let users = Users::open().await;
    guest(&users, "ada@example.com", 0).await;
    let ordered = guest(&users, "grace@example.com", 1).await;
    contact(&users, ordered).await;
    sqlx::query("UPDATE guests SET expires_at = now() - interval '2 days'")
        .execute(users.database.pool())
        .await
        .unwrap();
    again(&users, 0).await.assert_problem(401, "invalid_guest");
    // The job looks when it starts.
    let Users { running, database, signer, .. } = users;
    running.stop().await;
    let users = Users::on(database, signer, &[]).await;
    let left = "SELECT count(*) FROM guests";
    until("the job", || async { (users.database.count(left).await == 1).then_some(()) }).await;
    assert_eq!(contact(&users, ordered).await["unknown"], json!([]));
}
