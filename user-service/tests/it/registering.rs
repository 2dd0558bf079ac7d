//! `POST /auth/register` with an address that is new.

use crate::support::{PASSWORD, Users, ada};
use contracts::events::user::{Registered, VerificationRequested};
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_is_answered_with_an_id_and_what_to_do_next() {
    let users = Users::open().await;
    let answer = users.register("ada@example.com").await;
    answer.assert_status(201);
    insta::assert_json_snapshot!(answer.body, { ".user_id" => "[id]" }, @r#"
    {
      "message": "Almost done: open the link in the mail we sent you and give your password there, then log in.",
      "user_id": "[id]"
    }
    "#);
    users.running.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_event_names_the_registration_and_nothing_else() {
    let users = Users::open().await;
    let id = users.register("ada@example.com").await.text_at("/user_id");
    let event = users.recorder.wait_for(|_: &VerificationRequested| true).await;
    assert_eq!(serde_json::to_value(&event.data).unwrap(), json!({ "account_id": id }));
    assert_eq!((event.sequence, event.subject.to_string()), (1, id));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_fields_of_the_original_are_taken_and_kept() {
    let users = Users::open().await;
    let mut ada = ada(" Ada@Example.com ");
    ada["first_name"] = json!("  Ada ");
    ada["phone"] = json!("+44 20 7946 0958");
    ada["address"] = json!("12 St James's Square, London");
    users.visitor.post("/auth/register", ada).await.assert_status(201);
    let kept: (String, String, String, Option<String>, Option<String>) =
        sqlx::query_as("SELECT first_name, last_name, email, phone, address FROM registrations")
            .fetch_one(users.database.pool())
            .await
            .unwrap();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        kept,
        (
            "Ada".to_owned(),
            "Lovelace".to_owned(),
            "Ada@example.com".to_owned(),
            some("+44 20 7946 0958"),
            some("12 St James's Square, London"),
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_bcrypt_hash_of_the_password_is_kept() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let hash = users.password_hash(id).await;
    assert!(hash.starts_with("$2b$04$") && hash.len() == 60, "{hash}");
    assert!(!hash.contains(PASSWORD));
    // Two people with one password: the salt tells them apart.
    let other = users.customer("grace@example.com").await;
    assert_ne!(users.password_hash(other).await, hash);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_are_not_asked_for_are_refused() {
    let users = Users::open().await;
    for field in ["role", "verified", "verified_at", "id", "password_hash"] {
        let mut body = ada("ada@example.com");
        body[field] = json!("admin");
        let answer = users.visitor.post("/auth/register", body).await;
        let said = answer.assert_problem(422, "invalid_fields").text_at("/errors/0/detail");
        assert!(said.contains(field), "{said}");
    }
    assert_eq!(users.database.count("SELECT count(*) FROM registrations").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_wrong_is_named_at_once() {
    let users = Users::open().await;
    let body = json!({
        "first_name": " ", "last_name": "Love\nlace", "email": "Ada <ada@example.com>", "password": "short",
        "phone": "0".repeat(301), "address": "a\tb",
    });
    let answer = users.visitor.post("/auth/register", body).await;
    answer.assert_problem(422, "invalid_fields");
    insta::assert_json_snapshot!(answer.body["errors"], @r#"
    [
      {
        "detail": "must hold 1 to 100 characters on one line",
        "pointer": "/first_name"
      },
      {
        "detail": "must hold 1 to 100 characters on one line",
        "pointer": "/last_name"
      },
      {
        "detail": "is not an e-mail address: expected a form like name@example.com",
        "pointer": "/email"
      },
      {
        "detail": "must hold up to 300 characters on one line",
        "pointer": "/phone"
      },
      {
        "detail": "must hold up to 300 characters on one line",
        "pointer": "/address"
      },
      {
        "detail": "is too short: at least 8 characters, better 15 or more",
        "pointer": "/password"
      }
    ]
    "#);
    assert_eq!(users.database.count("SELECT count(*) FROM registrations").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_none_are_refused() {
    let users = Users::open().await;
    for body in [json!(null), json!([]), json!("ada"), json!({}), json!({"first_name": {"a": [1]}})] {
        users.visitor.post("/auth/register", body).await.assert_problem(422, "invalid_fields");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zero_byte_in_any_text_is_refused_before_the_database_would() {
    let users = Users::open().await;
    for field in ["first_name", "last_name", "email", "phone", "address"] {
        let mut body = ada("ada@example.com");
        body[field] = json!("a\0b@example.com");
        let answer = users.visitor.post("/auth/register", body).await;
        let pointer = answer.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer");
        assert_eq!(pointer, format!("/{field}"));
    }
    users.resend("a\0b@example.com").await.assert_problem(422, "invalid_fields");
    users.login("a\0b@example.com", PASSWORD).await.assert_problem(401, "invalid_credentials");
    users.verify("a\0b").await.assert_problem(422, "invalid_verification_token");
    users.verify_with("x", "a\0b").await.assert_problem(422, "invalid_verification_token");
    assert_eq!(users.database.count("SELECT count(*) FROM registrations").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_that_are_tried_first_are_refused_with_advice() {
    let users = Users::open().await;
    for password in ["password", "Password1!", "12345678", "qwertyuiop", "Lovelace1815", "ada@example.com"] {
        let mut body = ada("ada@example.com");
        body["password"] = json!(password);
        let answer = users.visitor.post("/auth/register", body).await;
        answer.assert_problem(422, "invalid_fields");
        let errors = json!([{
            "pointer": "/password",
            "detail": "is among the passwords that are tried first: choose one nobody would guess, for example four \
                       words that have nothing to do with each other",
        }]);
        assert_eq!(answer.body["errors"], errors, "{password}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_passwords_and_any_characters_are_taken_whole() {
    let users = Users::open().await;
    for (name, password) in [("a", "Übergrößenträger im Kühlschrank 🧊".to_owned()), ("b", "x1 y2 z3 ".repeat(28))]
    {
        let email = format!("{name}@example.com");
        let mut body = ada(&email);
        body["password"] = json!(password);
        users.visitor.post("/auth/register", body).await.assert_status(201);
        // The right password of an account that is not verified yet is known by its 403.
        users.login(&email, &password).await.assert_problem(403, "email_not_verified");
        let cut: String = password.chars().take(password.chars().count() - 1).collect();
        users.login(&email, &cut).await.assert_problem(401, "invalid_credentials");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_with_one_address_stand_side_by_side() {
    let users = Users::open().await;
    let spellings =
        ["ada@bücher.example", "Ada@BÜCHER.example", "ADA@xn--bcher-kva.example", "ada@bu\u{308}cher.example"];
    let register = |spelling: &str| {
        let (visitor, body) = (users.visitor.clone(), ada(spelling));
        tokio::spawn(async move { visitor.post("/auth/register", body).await })
    };
    let mut ids = BTreeSet::new();
    // Two at once: more hashes than that one client does not get on every machine.
    for pair in spellings.chunks(2) {
        for request in pair.iter().map(|spelling| register(spelling)).collect::<Vec<_>>() {
            ids.insert(request.await.unwrap().assert_status(201).text_at("/user_id"));
        }
    }
    assert_eq!(ids.len(), 4, "each answer has an id of its own");
    let alike = "SELECT count(*) FROM registrations WHERE email_key = 'ada@xn--bcher-kva.example'";
    assert_eq!(users.database.count(alike).await, 4);
    assert_eq!(users.announced::<VerificationRequested>().await, 4);
    assert_eq!(users.announced::<Registered>().await, 0);
    assert_eq!(users.database.count("SELECT count(*) FROM accounts").await, 0);
    users.running.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_looks_like_an_address_or_can_never_be_mailed_to_is_refused() {
    let users = Users::open().await;
    let (kelvin, angstrom, cyrillic) = ("\u{212a}ate@example.com", "\u{212b}sa@example.com", "\u{430}da@example.com");
    for address in
        [kelvin, angstrom, cyrillic, "jürgen@example.com", "ada@exa\u{200b}mple..com", "ada@\u{5d0}1a.example"]
    {
        let answer = users.register(address).await;
        let pointer = answer.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer");
        assert_eq!(pointer, "/email", "{address}");
    }
    let said = users.register(kelvin).await.text_at("/errors/0/detail");
    assert!(said.contains("plain letters, digits and signs before the @"), "{said}");
    assert_eq!(users.database.count("SELECT count(*) FROM registrations").await, 0);
}
