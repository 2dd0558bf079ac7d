//! A passkey as the second factor of a login, as a proof for what matters, and where a role wants a second factor.

use crate::{
    authenticator::Authenticator,
    passkeys::add,
    support::{PASSWORD, Users},
};
use http::Method;
use serde_json::{Value, json};
use test_kit::{Answer, Client};
use time::Duration;
use totp_rs::{Builder, Secret};

/// With an authenticator app, whose code is asked for from now on.
async fn with_app(users: &Users, person: &Client) {
    let secret = person.post("/auth/second-factor/totp", json!({})).await.assert_status(201).text_at("/secret");
    let totp = Builder::new().with_secret(Secret::try_from_base32(&secret).unwrap()).build().unwrap();
    let code = totp.generate(u64::try_from(users.clock.now().unix_timestamp()).unwrap()).to_string();
    person.post("/auth/second-factor/totp/confirm", json!({ "code": code })).await.assert_status(200);
}

async fn ticket(users: &Users, email: &str, methods: &Value) -> Value {
    let asked = users.login(email, PASSWORD).await;
    assert_eq!(&asked.assert_problem(401, "second_factor_required").body["methods"], methods);
    asked.body["ticket"].clone()
}

async fn second_question(users: &Users, ticket: &Value) -> Answer {
    users.visitor.post("/auth/login/second-factor/passkey/begin", json!({ "ticket": ticket })).await
}

async fn show_second(users: &Users, ticket: &Value, authenticator: &mut Authenticator) -> Answer {
    let asked = second_question(users, ticket).await.assert_status(200).body.clone();
    let credential = authenticator.get(&asked["options"]);
    let body = json!({ "ticket": ticket, "token": asked["token"], "credential": credential });
    users.visitor.post("/auth/login/second-factor/passkey", body).await
}

async fn step_up(person: &Client, authenticator: &mut Authenticator) -> Answer {
    let asked = person.post("/auth/step-up/passkey/begin", json!({})).await.assert_status(200).body.clone();
    let body = json!({ "token": asked["token"], "credential": authenticator.get(&asked["options"]) });
    person.post("/auth/step-up/passkey", body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_password_a_passkey_does_in_place_of_a_code() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    users.customer("eve@example.com").await;
    let (ada, eve) = (users.logged_in("ada@example.com").await, users.logged_in("eve@example.com").await);
    let (mut phone, mut theirs) = (Authenticator::new(), Authenticator::new());
    add(&ada, &mut phone, "Phone").await;
    add(&eve, &mut theirs, "Phone").await;
    // Another way in, and not asked for: they may be where it is not.
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    with_app(&users, &ada).await;
    let methods = json!(["totp", "recovery_code", "passkey"]);
    let first = ticket(&users, "ada@example.com", &methods).await;
    let asked = second_question(&users, &first).await.assert_status(200).body.clone();
    assert_eq!(asked["options"]["allowCredentials"][0]["id"], phone.id());
    assert_eq!(asked["options"]["allowCredentials"][0]["transports"], json!(["hybrid", "internal"]));
    let login = show_second(&users, &first, &mut phone).await;
    let here = users.visitor.with_token(login.assert_status(200).text_at("/token"));
    assert_eq!(here.get("/auth/sessions").await.body["items"][0]["second_factor"], true);
    second_question(&users, &first).await.assert_problem(401, "login_over");
    let again = ticket(&users, "ada@example.com", &methods).await;
    show_second(&users, &again, &mut theirs).await.assert_problem(403, "wrong_passkey");
    phone.unlocked = false;
    show_second(&users, &again, &mut phone).await.assert_problem(403, "wrong_passkey");
    phone.unlocked = true;
    // The answer to a question of somebody who only wants to log in, or to another ticket's owner.
    let elsewhere = users.visitor.post("/auth/login/passkey/begin", json!({})).await.body.clone();
    let credential = phone.get(&elsewhere["options"]);
    let body = json!({ "ticket": again, "token": elsewhere["token"], "credential": credential });
    users.visitor.post("/auth/login/second-factor/passkey", body).await.assert_problem(403, "wrong_passkey");
    // Five tries, whatever is tried.
    for _ in 0..2 {
        show_second(&users, &again, &mut theirs).await.assert_problem(403, "wrong_passkey");
    }
    second_question(&users, &again).await.assert_problem(401, "login_over");
    second_question(&users, &json!("made-up")).await.assert_problem(401, "login_over");
    // Without a password it counts for both.
    let asked = users.visitor.post("/auth/login/passkey/begin", json!({})).await.body.clone();
    let body = json!({ "token": asked["token"], "credential": phone.get(&asked["options"]) });
    users.visitor.post("/auth/login/passkey", body).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_who_has_none_asks_for_none() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    with_app(&users, &users.logged_in("ada@example.com").await).await;
    let ticket = ticket(&users, "ada@example.com", &json!(["totp", "recovery_code"])).await;
    second_question(&users, &ticket).await.assert_problem(404, "passkey_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_proves_that_it_is_still_them() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    users.customer("eve@example.com").await;
    let (ada, eve) = (users.logged_in("ada@example.com").await, users.logged_in("eve@example.com").await);
    ada.post("/auth/step-up/passkey/begin", json!({})).await.assert_problem(404, "passkey_not_found");
    let (mut phone, mut theirs) = (Authenticator::new(), Authenticator::new());
    let path = format!("/auth/passkeys/{}", add(&ada, &mut phone, "Phone").await);
    add(&eve, &mut theirs, "Phone").await;
    users.clock.advance(Duration::minutes(6));
    ada.delete(&path).await.assert_problem(401, "step_up_required");
    step_up(&ada, &mut theirs).await.assert_problem(403, "wrong_passkey");
    // A question to one is answered by no other.
    let asked = ada.post("/auth/step-up/passkey/begin", json!({})).await.body.clone();
    let body = json!({ "token": asked["token"], "credential": phone.get(&asked["options"]) });
    eve.post("/auth/step-up/passkey", body).await.assert_problem(403, "wrong_passkey");
    let stepped = step_up(&ada, &mut phone).await;
    assert_eq!(stepped.assert_status(200).body["fresh_for"], 300);
    let fresh = users.visitor.with_token(stepped.text_at("/token"));
    fresh.delete(&path).await.assert_status(204);
}

async fn support_wants_a_second_factor(admin: &Client) {
    let roles = admin.get("/users/roles").await.body.clone();
    let support = roles["roles"].as_array().unwrap().iter().find(|role| role["name"] == "support").unwrap().clone();
    let change = json!({ "title": "Support", "permissions": support["permissions"], "needs_second_factor": true });
    let tagged = admin.with_header("if-match", format!("\"{}\"", support["version"]));
    tagged.send(Method::PUT, "/users/roles/support", Some(change)).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_role_wants_a_second_factor_a_passkey_is_one() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    support_wants_a_second_factor(&admin).await;
    let id = users.customer("ada@example.com").await;
    let give = Some(json!({ "role": "support" }));
    admin.send(Method::PUT, &format!("/users/{id}/role"), give).await.assert_status(204);
    let login = users.login("ada@example.com", PASSWORD).await.assert_status(200).body.clone();
    let ada = users.visitor.with_token(login["token"].as_str().unwrap());
    ada.get("/users").await.assert_problem(403, "forbidden");
    let mut phone = Authenticator::new();
    let path = format!("/auth/passkeys/{}", add(&ada, &mut phone, "Phone").await);
    let how = ada.get("/auth/second-factor").await.body.clone();
    assert_eq!(how, json!({ "enrolled": false, "recovery_codes_left": 0, "passkeys": 1, "required": true }));
    // The session that added it.
    let refreshed = users.visitor.post("/auth/refresh", json!({ "refresh_token": login["refresh_token"] })).await;
    let ada = users.visitor.with_token(refreshed.assert_status(200).text_at("/token"));
    ada.get("/users").await.assert_status(200);
    // The next by a password asks for it.
    let ticket = ticket(&users, "ada@example.com", &json!(["passkey"])).await;
    let login = show_second(&users, &ticket, &mut phone).await;
    let ada = users.visitor.with_token(login.assert_status(200).text_at("/token"));
    ada.get("/users").await.assert_status(200);
    // And so does a proof.
    let by_password = ada.post("/auth/step-up", json!({ "password": PASSWORD })).await;
    by_password.assert_problem(403, "passkey_required");
    step_up(&ada, &mut phone).await.assert_status(200);
    // Given up, it is as it was before: nobody is asked, and nothing is permitted.
    ada.delete(&path).await.assert_status(204);
    let login = users.login("ada@example.com", PASSWORD).await;
    let ada = users.visitor.with_token(login.assert_status(200).text_at("/token"));
    ada.get("/users").await.assert_problem(403, "forbidden");
}
