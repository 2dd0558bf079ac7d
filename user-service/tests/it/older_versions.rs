//! What versions wrote that kept registrations among the accounts, and took any letter before an `@`: found again, at the
//! start and while such a version still runs beside us.

use crate::support::{PASSWORD, Users, ada};
use contracts::AccountId;
use serde_json::json;
use test_kit::until;
use uuid::Uuid;

/// Registers as an older version did: an account that is not confirmed. Its password is everybody's here.
async fn register(users: &Users, first_name: &str, email: &str, key: &str) -> AccountId {
    let id: AccountId = users.clock.new_id();
    let hash = hash(users).await;
    sqlx::query(
        "INSERT INTO accounts (id, first_name, last_name, email, email_key, password_hash, role, created_at, version)
         VALUES ($1, $2, 'Lovelace', $3, $4, $5, 'customer', now(), 1)",
    )
    .bind(id.uuid())
    .bind(first_name)
    .bind(email)
    .bind(key)
    .bind(hash)
    .execute(users.database.pool())
    .await
    .unwrap();
    id
}

/// A fresh hash of [`PASSWORD`].
async fn hash(users: &Users) -> String {
    let body = ada(&format!("{}@example.com", Uuid::new_v4().simple()));
    let id = users.visitor.post("/auth/register", body).await.assert_status(201).text_at("/user_id");
    let query = sqlx::query_scalar("DELETE FROM registrations WHERE id = $1::uuid RETURNING password_hash").bind(id);
    query.fetch_one(users.database.pool()).await.unwrap()
}

/// Mails a link as it did, whose token is `token`: it confirms what the account holds at this moment.
async fn mail_link(users: &Users, account: AccountId, token: &str) {
    sqlx::query(
        "INSERT INTO verifications (event_id, account_id, token_hash, expires_at, first_name, last_name, password_hash)
         SELECT $1, id, $3, now() + interval '24 hours', first_name, last_name, password_hash FROM accounts WHERE id = $2",
    )
    .bind(users.clock.new_id::<Uuid>())
    .bind(account.uuid())
    .bind(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes()).as_ref())
    .execute(users.database.pool())
    .await
    .unwrap();
}

async fn restarted(users: Users) -> Users {
    let Users { running, database, signer, .. } = users;
    running.stop().await;
    Users::on(database, signer, &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_never_confirmed_becomes_a_registration_and_its_link_works() {
    let users = Users::open().await;
    let id = register(&users, "Ada", "Ada@example.com", "ada@example.com").await;
    mail_link(&users, id, "the first link").await;
    let users = restarted(users).await;
    assert_eq!(users.database.count("SELECT count(*) FROM accounts").await, 0);
    assert_eq!(users.database.count("SELECT count(*) FROM verifications").await, 0);
    users.login("ada@example.com", PASSWORD).await.assert_problem(403, "email_not_verified");
    users.verify("the first link").await.assert_status(200);
    let user = users.login("ada@example.com", PASSWORD).await.assert_status(200).body["user"].clone();
    assert_eq!((&user["id"], &user["first_name"]), (&json!(id), &json!("Ada")));
    // Its events go on where they were.
    let query = "SELECT max(sequence) FROM event_log WHERE type = 'user.verified'";
    assert_eq!(users.database.count(query).await, 3);
}

/// A later registration took the account's place; the earlier one's link still confirmed what it was mailed for.
#[tokio::test(flavor = "multi_thread")]
async fn each_link_leads_to_what_was_registered_with_it() {
    for (token, first_name) in [("mallory's link", "Mallory"), ("mallory's second", "Mallory"), ("ada's link", "Ada")] {
        let users = Users::open().await;
        let id = register(&users, "Mallory", "ada@example.com", "ada@example.com").await;
        mail_link(&users, id, "mallory's link").await;
        mail_link(&users, id, "mallory's second").await;
        let replaced = "UPDATE accounts SET first_name = 'Ada', password_hash = $2 WHERE id = $1";
        let own = hash(&users).await;
        sqlx::query(replaced).bind(id.uuid()).bind(own).execute(users.database.pool()).await.unwrap();
        mail_link(&users, id, "ada's link").await;
        let users = restarted(users).await;
        assert_eq!(users.database.count("SELECT count(*) FROM registrations").await, 2);
        users.verify(token).await.assert_status(200);
        let user = users.login("ada@example.com", PASSWORD).await.assert_status(200).body["user"].clone();
        assert_eq!(user["first_name"], json!(first_name));
        for ended in ["mallory's link", "mallory's second", "ada's link"] {
            users.verify(ended).await.assert_problem(422, "verification_token_used");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_a_confirmed_account_says_that_it_is() {
    let users = Users::open().await;
    let id = register(&users, "Ada", "ada@example.com", "ada@example.com").await;
    mail_link(&users, id, "an old link").await;
    let confirmed = "UPDATE accounts SET verified_at = now() WHERE id = $1";
    sqlx::query(confirmed).bind(id.uuid()).execute(users.database.pool()).await.unwrap();
    let users = restarted(users).await;
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    users.verify("an old link").await.assert_problem(422, "verification_token_used");
    assert_eq!(users.database.count("SELECT count(*) FROM accounts").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_confirms_meanwhile_is_not_held_up_by_an_older_versions_registration() {
    let users = Users::open().await;
    let (id, token) = users.register_anew("ada@example.com").await;
    let other = register(&users, "Mallory", "ada@example.com", "ada@example.com").await;
    mail_link(&users, other, "mallory's link").await;
    users.verify(&token).await.assert_status(200);
    let user = users.login("ada@example.com", PASSWORD).await.assert_status(200).body["user"].clone();
    assert_eq!(user["id"], json!(id));
    assert_eq!(users.database.count("SELECT count(*) FROM accounts").await, 1);
}

/// A customer whose address was confirmed under the older rules.
async fn customer(users: &Users, email: &str, key: &str) -> AccountId {
    let id = register(users, "Ada", email, key).await;
    let confirmed = "UPDATE accounts SET verified_at = now() WHERE id = $1";
    sqlx::query(confirmed).bind(id.uuid()).execute(users.database.pool()).await.unwrap();
    id
}

async fn key(users: &Users, id: AccountId) -> String {
    let query = sqlx::query_scalar("SELECT email_key FROM accounts WHERE id = $1").bind(id.uuid());
    query.fetch_one(users.database.pool()).await.unwrap()
}

async fn logs_in(users: &Users, typed: &str, whose: AccountId) {
    let user = users.login(typed, PASSWORD).await.assert_status(200).body["user"].clone();
    assert_eq!(user["id"], json!(whose), "{typed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_get_their_keys_of_today_and_are_found_however_they_are_typed() {
    let users = Users::open().await;
    let idn = customer(&users, "Ada@Bücher.example", "ada@bücher.example").await;
    let umlaut = customer(&users, "jürgen@example.com", "jürgen@example.com").await;
    // A look-alike, which had Kate's key.
    let kelvin = customer(&users, "\u{212a}ate@example.com", "kate@example.com").await;
    let users = restarted(users).await;
    let expected = ["ada@xn--bcher-kva.example", "jürgen@example.com", "\u{212a}ate@example.com"];
    for (id, expected) in [idn, umlaut, kelvin].into_iter().zip(expected) {
        assert_eq!(key(&users, id).await, expected);
    }
    for typed in ["ada@bücher.example", "ADA@xn--bcher-kva.example", "ada@bu\u{308}cher.example"] {
        logs_in(&users, typed, idn).await;
    }
    logs_in(&users, "JÜRGEN@example.com", umlaut).await;
    logs_in(&users, "\u{212a}ate@example.com", kelvin).await;
    // The real Kate has her own.
    let kate = users.customer("kate@example.com").await;
    logs_in(&users, "Kate@example.com", kate).await;
    logs_in(&users, "\u{212a}ate@example.com", kelvin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_fall_together_keep_their_old_keys_until_a_person_decides() {
    let users = Users::open().await;
    let unicode = customer(&users, "ada@bücher.example", "ada@bücher.example").await;
    let ascii = customer(&users, "ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example").await;
    let users = restarted(users).await;
    assert_eq!(key(&users, unicode).await, "ada@bücher.example");
    logs_in(&users, "Ada@Bücher.example", unicode).await;
    logs_in(&users, "ada@xn--bcher-kva.example", ascii).await;
    // The person removes one: the other gets the key by itself.
    sqlx::query("DELETE FROM accounts WHERE id = $1").bind(ascii.uuid()).execute(users.database.pool()).await.unwrap();
    let users = restarted(users).await;
    until("the key of today", || async { (key(&users, unicode).await == "ada@xn--bcher-kva.example").then_some(()) })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_hashed_as_it_was_typed_still_logs_in_and_is_hashed_in_its_enforced_form() {
    let users = Users::open().await;
    let (typed, composed) = ("cafe\u{301} au lait", "caf\u{e9} au lait");
    let mut body = ada("ada@example.com");
    body["password"] = json!(composed);
    let (id, token) = users.register_as(body).await;
    // Either way of typing it is the same password.
    users.verify_with(&token, typed).await.assert_status(200);
    // An older version hashed the bytes as they came.
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA384, typed.as_bytes());
    let prepared = base64::Engine::encode(&base64::engine::general_purpose::STANDARD_NO_PAD, digest);
    let old = bcrypt::hash(prepared, 4).unwrap();
    let query = sqlx::query("UPDATE accounts SET password_hash = $2 WHERE id = $1").bind(id.uuid()).bind(&old);
    query.execute(users.database.pool()).await.unwrap();
    users.login("ada@example.com", composed).await.assert_problem(401, "invalid_credentials");
    users.login("ada@example.com", "cafe au lait").await.assert_problem(401, "invalid_credentials");
    users.login("ada@example.com", typed).await.assert_status(200);
    assert_ne!(users.password_hash(id).await, old);
    users.login("ada@example.com", composed).await.assert_status(200);
    users.login("ada@example.com", typed).await.assert_status(200);
}
