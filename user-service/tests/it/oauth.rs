//! `POST /auth/oauth/introspect` (RFC 7662) and `POST /auth/oauth/revoke` (RFC 7009).

use crate::support::{PASSWORD, Users};
use serde_json::{Value, json};
use service_kit::auth::Role;
use test_kit::{Answer, Client};

const INTROSPECT: &str = "/auth/oauth/introspect";
const REVOKE: &str = "/auth/oauth/revoke";

async fn login(users: &Users) -> Value {
    users.login("ada@example.com", PASSWORD).await.assert_status(200).body.clone()
}

fn text<'l>(tokens: &'l Value, name: &str) -> &'l str {
    tokens[name].as_str().unwrap()
}

async fn introspect(staff: &Client, token: &str) -> Value {
    let answer = staff.post_form(INTROSPECT, &[("token", token)]).await;
    assert_eq!(answer.assert_status(200).headers["cache-control"], "no-store");
    answer.body.clone()
}

async fn revoke(users: &Users, token: &str) {
    let answer = users.visitor.post_form(REVOKE, &[("token", token)]).await;
    assert_eq!(answer.assert_status(200).text, "");
}

async fn goes_on(users: &Users, tokens: &Value) -> bool {
    let ada = users.visitor.with_token(text(tokens, "token"));
    let refreshed = users.visitor.post("/auth/refresh", json!({ "refresh_token": tokens["refresh_token"] })).await;
    let (known, refreshed) = (ada.get("/auth/current-user").await.status == 200, refreshed.status == 200);
    assert_eq!(known, refreshed, "one of the two goes on without the other");
    known
}

/// RFC 6749, 5.2.
fn assert_refused(answer: &Answer, error: &str, why: &str) {
    assert_eq!(answer.assert_status(400).headers["content-type"], "application/json");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.body["error"], error, "{}", answer.text);
    assert!(answer.text_at("/error_description").contains(why), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn either_token_of_a_session_ends_it_and_no_other() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    for name in ["token", "refresh_token"] {
        let (ended, other) = (login(&users).await, login(&users).await);
        revoke(&users, text(&ended, name)).await;
        assert!(!goes_on(&users, &ended).await, "by the {name}");
        assert!(goes_on(&users, &other).await);
        // Who does not know whether it was done does it again.
        revoke(&users, text(&ended, name)).await;
        let staff = users.person(users.clock.new_id(), Role::Admin);
        for dead in ["token", "refresh_token"] {
            assert_eq!(introspect(&staff, text(&ended, dead)).await, json!({"active": false}));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_was_used_ends_what_came_of_it() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let begun = login(&users).await;
    let next = users.visitor.post("/auth/refresh", json!({ "refresh_token": begun["refresh_token"] })).await;
    revoke(&users, text(&begun, "refresh_token")).await;
    assert!(!goes_on(&users, &next.assert_status(200).body).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_token_that_is_none_nothing_is_told_and_nothing_ends() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let tokens = login(&users).await;
    let (token, refresh) = (text(&tokens, "token"), text(&tokens, "refresh_token"));
    let shorter = &token[..token.len() - 2];
    let session = text(&tokens, "session_id");
    for unknown in ["a.b.c", "ecomrt_AAAA", shorter, &refresh[1..], session] {
        revoke(&users, unknown).await;
    }
    assert!(goes_on(&users, &tokens).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_an_api_key_is_not_ended_alone() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let made = json!({ "name": "Resource server", "permissions": ["tokens:introspect"] });
    let made = admin.post("/users/api-keys", made).await.assert_status(201).body.clone();
    let exchanged = users.notify().post("/internal/api-keys/exchange", json!({ "key": made["key"] })).await;
    let token = exchanged.assert_status(200).text_at("/token");
    let answer = users.visitor.post_form(REVOKE, &[("token", &token)]).await;
    assert_refused(&answer, "unsupported_token_type", "revoke the key");
    // A machine asks what tokens are worth, its own among them.
    let machine = users.visitor.with_token(&token);
    let own = introspect(&machine, &token).await;
    assert_eq!((&own["active"], &own["scope"]), (&json!(true), &json!("tokens:introspect")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_server_learns_what_either_token_is_worth() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let tokens = login(&users).await;
    let staff = users.person(users.clock.new_id(), Role::Admin);
    let in_json = staff.post("/auth/introspect", json!({ "token": tokens["token"] })).await;
    assert_eq!(introspect(&staff, text(&tokens, "token")).await, in_json.assert_status(200).body);
    let expires = text(&tokens, "refresh_expires_at");
    let expires = time::OffsetDateTime::parse(expires, &time::format_description::well_known::Rfc3339).unwrap();
    let refresh = text(&tokens, "refresh_token");
    assert_eq!(
        introspect(&staff, refresh).await,
        json!({
            "active": true, "iss": "user-service", "sub": id, "client_id": "ecom-micro", "sid": tokens["session_id"],
            "scope": "", "role": "customer", "exp": expires.unix_timestamp(),
        })
    );
    users.visitor.post("/auth/refresh", json!({ "refresh_token": refresh })).await.assert_status(200);
    assert_eq!(introspect(&staff, refresh).await, json!({"active": false}), "it was used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_read_as_oauth_has_it() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let staff = users.person(users.clock.new_id(), Role::Admin);
    for (client, path) in [(&staff, INTROSPECT), (&users.visitor, REVOKE)] {
        let send = async |fields: &[(&str, &str)]| client.post_form(path, fields).await;
        assert_refused(&send(&[]).await, "invalid_request", "`token` is missing");
        assert_refused(&send(&[("token", "")]).await, "invalid_request", "`token` is missing");
        let twice = send(&[("token", "a"), ("token", "b")]).await;
        assert_refused(&twice, "invalid_request", "`token` is there more than once");
        let json = client.post(path, json!({"token": "a"})).await;
        assert_refused(&json, "invalid_request", "application/x-www-form-urlencoded");
        // What is not known is passed over, and a hint that is wrong or strange does no harm.
        let token = login(&users).await["token"].clone();
        let fields = [("token", token.as_str().unwrap()), ("token_type_hint", "refresh_token"), ("client_id", "shop")];
        send(&fields).await.assert_status(200);
    }
    users.visitor.post_form(INTROSPECT, &[("token", "a.b.c")]).await.assert_problem(401, "token_required");
    let customer = users.person(users.clock.new_id(), Role::Customer);
    customer.post_form(INTROSPECT, &[("token", "a.b.c")]).await.assert_problem(403, "forbidden");
}
