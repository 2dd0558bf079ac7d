//! `POST /auth/verify-email`.

use crate::support::{PASSWORD, Users};
use contracts::events::user::{Registered, VerificationRequested, Verified};
use serde_json::json;
use test_kit::until;

#[tokio::test(flavor = "multi_thread")]
async fn the_mailed_link_and_the_password_make_the_account_and_open_the_login() {
    let users = Users::open().await;
    let (id, token) = users.register_anew("ada@example.com").await;
    users.login("ada@example.com", PASSWORD).await.assert_problem(403, "email_not_verified");
    let answer = users.verify(&token).await;
    assert_eq!(answer.assert_status(200).body, json!({"message": "Your address is confirmed: you can log in now."}));
    let registered = users.recorder.wait_for(|event: &Registered| event.account_id == id).await;
    let verified = users.recorder.wait_for(|event: &Verified| event.account_id == id).await;
    assert_eq!((registered.sequence, verified.sequence), (2, 3));
    assert_eq!(serde_json::to_value(&registered.data).unwrap(), json!({"account_id": id, "confirmed": true}));
    let user = users.login("ada@example.com", PASSWORD).await.assert_status(200).body["user"].clone();
    assert_eq!((&user["id"], &user["role"], &user["verified"]), (&json!(id), &json!("customer"), &json!(true)));
    users.running.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_spaces_around_it_was_copied_from_a_mail() {
    let users = Users::open().await;
    let (_, token) = users.register_anew("ada@example.com").await;
    users.verify(&format!(" {token}\n")).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_neither_the_password_nor_a_new_one_is_refused_with_the_field() {
    let users = Users::open().await;
    let (_, token) = users.register_anew("ada@example.com").await;
    for (rest, pointers) in [
        (json!({}), vec!["/password"]),
        (json!({"password": PASSWORD, "new_password": "tell nobody of it"}), vec!["/password"]),
        (json!({"password": PASSWORD, "first_name": "Mallory"}), vec!["/password"]),
        (json!({"new_password": "tell nobody of it"}), vec!["/first_name", "/last_name"]),
        (json!({"new_password": "tell nobody of it", "first_name": "Ada"}), vec!["/last_name"]),
        (json!({"new_password": "short", "first_name": "Ada", "last_name": "L"}), vec!["/new_password"]),
        (json!({"new_password": "Lovelace1815", "first_name": "Ada", "last_name": "Lovelace"}), vec!["/new_password"]),
        (json!({"password": PASSWORD, "role": "admin"}), vec![""]),
    ] {
        let mut body = rest.clone();
        body["token"] = json!(token);
        let answer = users.visitor.post("/auth/verify-email", body).await;
        let errors = answer.assert_problem(422, "invalid_fields").body["errors"].as_array().unwrap().clone();
        let named: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        if pointers != [""] {
            assert_eq!(named, pointers, "{rest}");
        }
    }
    // None of that was a try.
    users.verify(&token).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_passwords_end_the_link_and_a_new_one_can_be_asked_for() {
    let users = Users::open().await;
    let (id, token) = users.register_anew("ada@example.com").await;
    for left in (1..5).rev() {
        let answer = users.verify_with(&token, "wrong horse").await;
        let said = answer.assert_problem(422, "wrong_registration_password").text_at("/detail");
        assert!(said.contains(&format!("tries left: {left}.")), "{said}");
    }
    users.verify_with(&token, "wrong horse").await.assert_problem(422, "verification_token_ended");
    users.verify(&token).await.assert_problem(422, "verification_token_ended");
    let own = json!({"token": token, "new_password": "tell nobody of it", "first_name": "Ada", "last_name": "L"});
    users.visitor.post("/auth/verify-email", own).await.assert_problem(422, "verification_token_ended");
    assert_eq!(users.database.count("SELECT count(*) FROM accounts").await, 0);
    users.resend("ada@example.com").await.assert_status(202);
    let again = users.asked(id).await;
    users.verify(&users.link_token(id, again).await).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_passwords_at_once_are_no_way_around_the_five() {
    let users = Users::open_with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let (_, token) = users.register_anew("ada@example.com").await;
    let guesses = (0..60).map(|number| {
        // From many places, so that the queue for hashing is not what bounds them.
        let visitor = users.visitor.with_header("x-forwarded-for", format!("198.51.100.{number}"));
        let body = json!({"token": token, "password": format!("horse {number} is wrong")});
        tokio::spawn(async move { visitor.post("/auth/verify-email", body).await })
    });
    let (mut checked, mut ended) = (0, 0);
    for guess in guesses.collect::<Vec<_>>() {
        let answer = guess.await.unwrap();
        match answer.body["code"].as_str().unwrap() {
            "wrong_registration_password" => checked += 1,
            "verification_token_ended" => ended += 1,
            code => assert_eq!(code, "busy"),
        }
    }
    // The fifth is told that it was the last.
    assert!(checked <= 4 && ended > 0, "{checked} were checked, {ended} were told that the link has ended");
    assert_eq!(users.database.count("SELECT tries::bigint FROM registration_links").await, 5);
    users.verify(&token).await.assert_problem(422, "verification_token_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_once() {
    let users = Users::open().await;
    let (_, token) = users.register_anew("ada@example.com").await;
    users.verify(&token).await.assert_status(200);
    users.verify(&token).await.assert_problem(422, "verification_token_used");
    assert_eq!(users.announced::<Verified>().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_for_a_day() {
    let users = Users::open().await;
    let (_, early) = users.register_anew("early@example.com").await;
    let (id, late) = users.register_anew("late@example.com").await;
    let (_, too_late) = users.register_anew("later@example.com").await;
    users.advance(23);
    users.verify(&early).await.assert_status(200);
    users.resend("late@example.com").await.assert_status(202);
    users.advance(2);
    for expired in [&late, &too_late] {
        users.verify(expired).await.assert_problem(422, "verification_token_expired");
    }
    users.login("later@example.com", PASSWORD).await.assert_problem(401, "invalid_credentials");
    // The one that was asked for again works for a day of its own.
    let again = users.asked(id).await;
    users.verify(&users.link_token(id, again).await).await.assert_status(200);
    let before = users.announced::<VerificationRequested>().await;
    users.resend("later@example.com").await.assert_status(202);
    assert_eq!(users.announced::<VerificationRequested>().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_clicks_at_once_one_makes_the_account() {
    let users = Users::open_with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(users.register_anew("ada@example.com").await.1);
    }
    // Three registrations, each link clicked often: their rows must not be locked crosswise.
    let clicks = (0..15).map(|number| {
        let visitor = users.visitor.with_header("x-forwarded-for", format!("198.51.100.{number}"));
        let body = json!({"token": tokens[number % 3], "password": PASSWORD});
        tokio::spawn(async move { visitor.post("/auth/verify-email", body).await })
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
    assert_eq!((users.announced::<Registered>().await, users.announced::<Verified>().await), (1, 1));
    assert_eq!(users.database.count("SELECT count(*) FROM registrations").await, 0);
    users.running.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_end_by_themselves_with_all_they_hold_and_their_links_later() {
    let users = Users::open().await;
    let (old, _) = users.register_anew("ada@example.com").await;
    let (yesterdays, late) = users.register_anew("grace@example.com").await;
    users.register_anew("joan@example.com").await;
    let Users { running, database, signer, .. } = users;
    running.stop().await;
    // Registered nine days and one day ago, as the service that starts now sees it.
    for (id, age) in [(old, "9 days"), (yesterdays, "25 hours")] {
        for table in ["registration_links WHERE registration_id", "registrations WHERE id"] {
            let (table, condition) = table.split_once(" WHERE ").unwrap();
            let query = format!("UPDATE {table} SET expires_at = expires_at - interval '{age}' WHERE {condition} = $1");
            sqlx::query(sqlx::AssertSqlSafe(query)).bind(id.uuid()).execute(database.pool()).await.unwrap();
        }
    }
    let users = Users::on(database, signer, &[]).await;
    let kept = || users.database.count("SELECT count(*) FROM registrations");
    until("the old registrations to end", || async { (kept().await == 1).then_some(()) }).await;
    let links = || users.database.count("SELECT count(*) FROM registration_links");
    until("the oldest link to be forgotten", || async { (links().await == 2).then_some(()) }).await;
    users.verify(&late).await.assert_problem(422, "verification_token_expired");
}
