//! The second factor: codes by time, recovery codes, and what asks for them.

use crate::support::{PASSWORD, Users};
use http::Method;
use serde_json::{Value, json};
use test_kit::Client;
use time::Duration;
use totp_rs::{Builder, Secret};

/// What an authenticator app shows at the service's time.
fn code(users: &Users, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(users.clock.now().unix_timestamp()).unwrap()).to_string()
}

/// Gives the secret and the recovery codes.
async fn enrol(users: &Users, person: &Client) -> (String, Vec<String>) {
    let begun = person.post("/auth/second-factor/totp", json!({})).await;
    let secret = begun.assert_status(201).text_at("/secret");
    assert!(begun.text_at("/url").contains(&secret));
    let confirmed = json!({ "code": code(users, &secret) });
    let confirmed = person.post("/auth/second-factor/totp/confirm", confirmed).await;
    let codes = confirmed.assert_status(200).body["recovery_codes"].as_array().unwrap().clone();
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

async fn ticket(users: &Users) -> Value {
    let asked = users.login("ada@example.com", PASSWORD).await;
    assert_eq!(asked.assert_problem(401, "second_factor_required").body["methods"], json!(["totp", "recovery_code"]));
    asked.body["ticket"].clone()
}

async fn show(users: &Users, ticket: &Value, code: &str) -> test_kit::Answer {
    users.visitor.post("/auth/login/second-factor", json!({ "ticket": ticket, "code": code })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn once_enrolled_a_login_asks_for_a_code_and_each_code_works_once() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let (secret, codes) = enrol(&users, &ada).await;
    assert_eq!(codes.len(), 10);
    let how = ada.get("/auth/second-factor").await.body.clone();
    assert_eq!(how, json!({ "enrolled": true, "recovery_codes_left": 10, "passkeys": 0, "required": false }));
    let asked = ticket(&users).await;
    let used = code(&users, &secret);
    show(&users, &asked, &used).await.assert_problem(403, "wrong_code");
    users.clock.advance(Duration::seconds(30));
    let next = code(&users, &secret);
    let login = show(&users, &asked, &next).await;
    assert_eq!(login.assert_status(200).headers["cache-control"], "no-store");
    let here = users.visitor.with_token(login.text_at("/token"));
    assert_eq!(here.get("/auth/sessions").await.body["items"][0]["second_factor"], true);
    show(&users, &asked, &next).await.assert_problem(401, "login_over");
    let again = ticket(&users).await;
    show(&users, &again, &next).await.assert_problem(403, "wrong_code");
}

/// Two who read one code over a shoulder: one is too late.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_works_once_also_for_many_at_once() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let (secret, _) = enrol(&users, &users.logged_in("ada@example.com").await).await;
    users.clock.advance(Duration::seconds(60));
    let code = code(&users, &secret);
    let mut tries = Vec::new();
    for _ in 0..6 {
        let (visitor, body) = (users.visitor.clone(), json!({ "ticket": ticket(&users).await, "code": code }));
        tries.push(tokio::spawn(async move { visitor.post("/auth/login/second-factor", body).await.status.as_u16() }));
    }
    let mut answers = Vec::new();
    for one in tries {
        answers.push(one.await.unwrap());
    }
    answers.sort_unstable();
    assert_eq!(answers, [200, 403, 403, 403, 403, 403]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_works_once_and_new_ones_end_the_old() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let (_, codes) = enrol(&users, &users.logged_in("ada@example.com").await).await;
    let typed = codes[0].to_uppercase().replace('-', " ");
    let login = show(&users, &ticket(&users).await, &typed).await;
    let ada = users.visitor.with_token(login.assert_status(200).text_at("/token"));
    assert_eq!(ada.get("/auth/second-factor").await.body["recovery_codes_left"], 9);
    show(&users, &ticket(&users).await, &codes[0]).await.assert_problem(403, "wrong_code");
    let renewed = ada.post("/auth/second-factor/recovery-codes", json!({})).await.assert_status(200).body.clone();
    show(&users, &ticket(&users).await, &codes[1]).await.assert_problem(403, "wrong_code");
    let new = renewed["recovery_codes"][0].as_str().unwrap().to_owned();
    show(&users, &ticket(&users).await, &new).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_has_five_tries_and_ten_minutes() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let (secret, _) = enrol(&users, &users.logged_in("ada@example.com").await).await;
    users.clock.advance(Duration::seconds(60));
    let asked = ticket(&users).await;
    for _ in 0..5 {
        show(&users, &asked, "000000").await.assert_problem(403, "wrong_code");
    }
    show(&users, &asked, &code(&users, &secret)).await.assert_problem(401, "login_over");
    let late = ticket(&users).await;
    users.clock.advance(Duration::minutes(11));
    show(&users, &late, &code(&users, &secret)).await.assert_problem(401, "login_over");
    show(&users, &json!("made-up"), &code(&users, &secret)).await.assert_problem(401, "login_over");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_knows_the_password_has_few_guesses_at_the_code_whatever_tickets_they_get() {
    let users = Users::open_with(&[("LOGIN_FAILURES", "7")]).await;
    users.customer("ada@example.com").await;
    enrol(&users, &users.logged_in("ada@example.com").await).await;
    let mut slowed_down = false;
    for _ in 0..4 {
        let asked = ticket(&users).await;
        for _ in 0..3 {
            let answer = show(&users, &asked, "000000").await;
            slowed_down |= answer.status == 429;
        }
    }
    assert!(slowed_down);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_matters_asks_for_a_fresh_proof_with_the_second_factor() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let (secret, _) = enrol(&users, &ada).await;
    users.clock.advance(Duration::minutes(6));
    ada.delete("/auth/second-factor").await.assert_problem(401, "step_up_required");
    let without = ada.post("/auth/step-up", json!({ "password": PASSWORD })).await;
    assert_eq!(without.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/code");
    let wrong = json!({ "password": PASSWORD, "code": "000000" });
    ada.post("/auth/step-up", wrong).await.assert_problem(403, "wrong_code");
    let right = json!({ "password": PASSWORD, "code": code(&users, &secret) });
    let stepped = ada.post("/auth/step-up", right).await;
    let ada = users.visitor.with_token(stepped.assert_status(200).text_at("/token"));
    ada.delete("/auth/second-factor").await.assert_status(204);
    ada.delete("/auth/second-factor").await.assert_problem(409, "no_second_factor");
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_can_permit_nothing_without_it() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let roles = admin.get("/users/roles").await.body.clone();
    let support = roles["roles"].as_array().unwrap().iter().find(|role| role["name"] == "support").unwrap().clone();
    let change = json!({
        "title": "Support", "permissions": support["permissions"], "needs_second_factor": true,
    });
    let tagged = admin.with_header("if-match", format!("\"{}\"", support["version"]));
    tagged.send(Method::PUT, "/users/roles/support", Some(change)).await.assert_status(200);
    let id = users.customer("ada@example.com").await;
    let give = Some(json!({ "role": "support" }));
    admin.send(Method::PUT, &format!("/users/{id}/role"), give).await.assert_status(204);
    let login = users.login("ada@example.com", PASSWORD).await.assert_status(200).body.clone();
    let ada = users.visitor.with_token(login["token"].as_str().unwrap());
    ada.get("/users").await.assert_problem(403, "forbidden");
    assert_eq!(ada.get("/auth/second-factor").await.body["required"], true);
    enrol(&users, &ada).await;
    let refreshed = users.visitor.post("/auth/refresh", json!({ "refresh_token": login["refresh_token"] })).await;
    let ada = users.visitor.with_token(refreshed.assert_status(200).text_at("/token"));
    ada.get("/users").await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_for_until_a_code_was_shown_and_no_secret_is_told_twice() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let first = ada.post("/auth/second-factor/totp", json!({})).await.assert_status(201).text_at("/secret");
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    let wrong = json!({ "code": "000000" });
    ada.post("/auth/second-factor/totp/confirm", wrong).await.assert_problem(403, "wrong_code");
    let (second, _) = enrol(&users, &ada).await;
    assert_ne!(first, second);
    ada.post("/auth/second-factor/totp", json!({})).await.assert_problem(409, "second_factor_exists");
    let grace = users.customer("grace@example.com").await;
    let _ = grace;
    let other = users.logged_in("grace@example.com").await;
    let code = json!({ "code": "123456" });
    other.post("/auth/second-factor/totp/confirm", code).await.assert_problem(409, "no_second_factor");
}

/// A copy of the database alone opens nothing.
#[tokio::test(flavor = "multi_thread")]
async fn with_a_key_of_the_operators_secrets_are_sealed_also_those_that_were_not() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let ada = users.logged_in("ada@example.com").await;
    let (secret, _) = enrol(&users, &ada).await;
    let Users { running, database, signer, clock, .. } = users;
    running.stop().await;
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let users = Users::on(database, signer, &[("SECRETS_KEY", key)]).await;
    users.clock.advance(clock.now() - users.clock.now() + Duration::minutes(2));
    let open =
        "SELECT (SELECT count(*) FROM signing_keys WHERE position('ecom-sealed' in encode(private_key, 'escape')) <> 1)
                + (SELECT count(*) FROM secrets WHERE position('ecom-sealed' in encode(value, 'escape')) <> 1)";
    let open: i64 = sqlx::query_scalar(open).fetch_one(users.database.pool()).await.unwrap();
    assert_eq!(open, 0, "every key is sealed");
    show(&users, &ticket(&users).await, &code(&users, &secret)).await.assert_status(200);
    let (running, database, signer) = (users.running, users.database, users.signer);
    running.stop().await;
    let other = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=";
    let refused = crate::support::refused(&database, &[("SECRETS_KEY", other)]).await;
    assert!(refused.contains("SECRETS_KEY"), "{refused}");
    drop(signer);
}
