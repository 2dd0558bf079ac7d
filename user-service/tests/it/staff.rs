//! Staff: invited, given roles, suspended and restored.

use crate::support::{PASSWORD, Users};
use contracts::{AccountId, access::Permission, events::user::Invited};
use serde_json::json;
use test_kit::Client;

/// Somebody of the staff, made by an invitation.
async fn invited(users: &Users, by: &Client, email: &str, role: &str) -> (AccountId, Client) {
    let asked = by.post("/users/invitations", json!({ "email": email, "role": role })).await;
    let id = asked.assert_status(201).text_at("/id").parse().unwrap();
    users.recorder.wait_for(|event: &Invited| event.request_id == id).await;
    let mail = users.account_mail(id).await.assert_status(200).body.clone();
    assert_eq!((mail["email"].as_str(), &mail["first_name"]), (Some(email), &json!(null)));
    let body = json!({
        "token": users.request_token(id).await, "first_name": "Mary", "last_name": "Jackson", "password": PASSWORD,
    });
    users.visitor.post("/auth/accept-invitation", body.clone()).await.assert_status(201);
    users.visitor.post("/auth/accept-invitation", body).await.assert_problem(422, "link_over");
    let login = users.login(email, PASSWORD).await;
    let id = login.assert_status(200).text_at("/user/id").parse().unwrap();
    (id, users.visitor.with_token(login.text_at("/token")))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_invited_may_do_what_their_role_permits_and_nothing_else() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let (id, support) = invited(&users, &admin, "mary@example.com", "support").await;
    support.get("/users").await.assert_status(200);
    support.get(&format!("/users/{id}")).await.assert_status(200);
    support.get("/users/audit").await.assert_problem(403, "forbidden");
    support.get("/users/api-keys").await.assert_problem(403, "forbidden");
    support.post("/users/invitations", json!({ "email": "x@example.com", "role": "support" })).await.assert_status(403);
    let who = support.get("/auth/current-user").await;
    assert_eq!(who.text_at("/role"), "support");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_given_and_taken_while_the_session_goes_on() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let id = users.customer("ada@example.com").await;
    let begun = users.login("ada@example.com", PASSWORD).await.assert_status(200).body.clone();
    let ada = users.visitor.with_token(begun["token"].as_str().unwrap());
    ada.get("/users").await.assert_problem(403, "forbidden");
    admin
        .send(http::Method::PUT, &format!("/users/{id}/role"), Some(json!({ "role": "support" })))
        .await
        .assert_status(204);
    ada.get("/auth/current-user").await.assert_problem(401, "token_revoked");
    let body = json!({ "refresh_token": begun["refresh_token"] });
    let refreshed = users.visitor.post("/auth/refresh", body).await;
    let ada = users.visitor.with_token(refreshed.assert_status(200).text_at("/token"));
    ada.get("/users").await.assert_status(200);
    admin
        .send(http::Method::PUT, &format!("/users/{id}/role"), Some(json!({ "role": "customer" })))
        .await
        .assert_status(204);
    ada.get("/users").await.assert_problem(401, "token_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_suspended_is_out_and_stays_out_until_restored() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let id = users.customer("ada@example.com").await;
    let begun = users.login("ada@example.com", PASSWORD).await.assert_status(200).body.clone();
    let ada = users.visitor.with_token(begun["token"].as_str().unwrap());
    admin.post(&format!("/users/{id}/suspend"), json!({ "reason": "charge-backs" })).await.assert_status(204);
    ada.get("/auth/current-user").await.assert_problem(401, "token_revoked");
    let body = json!({ "refresh_token": begun["refresh_token"] });
    users.visitor.post("/auth/refresh", body).await.assert_problem(401, "invalid_refresh_token");
    users.login("ada@example.com", PASSWORD).await.assert_problem(403, "account_suspended");
    users.login("ada@example.com", "wrong horse").await.assert_problem(401, "invalid_credentials");
    assert!(admin.get(&format!("/users/{id}")).await.body["suspended_at"].is_string());
    admin.post(&format!("/users/{id}/restore"), json!({})).await.assert_status(204);
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_what_they_do_not_have_nor_touches_whom_may_do_more() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let who = admin.get("/auth/current-user").await.text_at("/id");
    let wide = json!({
        "name": "people", "title": "People", "permissions": ["users:read", "users:manage", "roles:manage", "keys:manage"],
    });
    admin.post("/users/roles", wide).await.assert_status(201);
    let (_, people) = invited(&users, &admin, "mary@example.com", "people").await;
    let refused = people.post("/users/invitations", json!({ "email": "x@example.com", "role": "admin" })).await;
    refused.assert_problem(403, "beyond_own_permissions");
    people
        .post(&format!("/users/{who}/suspend"), json!({ "reason": "x" }))
        .await
        .assert_problem(403, "beyond_own_permissions");
    people.delete(&format!("/users/{who}/sessions")).await.assert_problem(403, "beyond_own_permissions");
    // Nor do they keep for ever whom an administrator has erased.
    let (_, leaving) = invited(&users, &admin, "joan@example.com", "admin").await;
    let leaving = format!("/users/{}/erasure", leaving.get("/auth/current-user").await.text_at("/id"));
    admin.post(&leaving, json!({})).await.assert_status(202);
    people.delete(&leaving).await.assert_problem(403, "beyond_own_permissions");
    admin.delete(&leaving).await.assert_status(204);
    let role = json!({ "name": "mine", "title": "Mine", "permissions": ["orders:refund"] });
    people.post("/users/roles", role).await.assert_problem(403, "beyond_own_permissions");
    let key = json!({ "name": "Mine", "permissions": ["orders:refund"] });
    people.post("/users/api-keys", key).await.assert_problem(403, "beyond_own_permissions");
    let change = json!({ "title": "Support", "permissions": ["users:read"] });
    let weaker = people.with_header("if-match", "*".to_owned());
    weaker
        .send(http::Method::PUT, "/users/roles/support", Some(change))
        .await
        .assert_problem(403, "beyond_own_permissions");
    admin.get("/auth/current-user").await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_always_an_administrator() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let id = admin.get("/auth/current-user").await.text_at("/id");
    let path = format!("/users/{id}/role");
    admin
        .send(http::Method::PUT, &path, Some(json!({ "role": "customer" })))
        .await
        .assert_problem(409, "last_administrator");
    admin.post(&format!("/users/{id}/suspend"), json!({ "reason": "x" })).await.assert_problem(409, "not_oneself");
    let (other, _) = invited(&users, &admin, "mary@example.com", "admin").await;
    admin.post(&format!("/users/{other}/suspend"), json!({ "reason": "x" })).await.assert_status(204);
    admin
        .send(http::Method::PUT, &path, Some(json!({ "role": "customer" })))
        .await
        .assert_problem(409, "last_administrator");
    admin.post(&format!("/users/{other}/restore"), json!({})).await.assert_status(204);
    admin.send(http::Method::PUT, &path, Some(json!({ "role": "customer" }))).await.assert_status(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_made_changed_under_its_version_and_taken_away() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let made = json!({ "name": "night_shift", "title": "Night shift", "permissions": ["orders:read"] });
    let answer = admin.post("/users/roles", made.clone()).await;
    assert_eq!(answer.assert_status(201).headers["etag"], "\"1\"");
    admin.post("/users/roles", made).await.assert_problem(409, "role_exists");
    let (_, night) = invited(&users, &admin, "mary@example.com", "night_shift").await;
    let change = json!({ "title": "Night shift", "permissions": ["orders:read", "users:read"] });
    let put = |tag: &str| {
        let client = admin.with_header("if-match", tag.to_owned());
        let change = change.clone();
        async move { client.send(http::Method::PUT, "/users/roles/night_shift", Some(change)).await }
    };
    admin
        .send(http::Method::PUT, "/users/roles/night_shift", Some(change.clone()))
        .await
        .assert_problem(428, "if_match_required");
    put("\"7\"").await.assert_problem(412, "version_stale");
    put("\"1\"").await.assert_status(200);
    night.get("/users").await.assert_problem(401, "token_revoked");
    users.logged_in("mary@example.com").await.get("/users").await.assert_status(200);
    admin.delete("/users/roles/night_shift").await.assert_problem(409, "role_in_use");
    admin.delete("/users/roles/support").await.assert_problem(409, "fixed_role");
    let unknown = json!({ "name": "x", "title": "X", "permissions": ["rockets:launch"] });
    admin.post("/users/roles", unknown).await.assert_problem(422, "invalid_fields");
    let all = admin.get("/users/roles").await.assert_status(200).body.clone();
    assert_eq!(all["permissions"].as_array().unwrap().len(), Permission::ALL.len());
    let administrator = all["roles"].as_array().unwrap().iter().find(|role| role["name"] == "admin").unwrap();
    assert_eq!(administrator["permissions"].as_array().unwrap().len(), Permission::ALL.len());
}

/// What a stolen session must not do.
#[tokio::test(flavor = "multi_thread")]
async fn roles_and_keys_ask_for_a_fresh_proof() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    users.clock.advance(time::Duration::minutes(6));
    let made = json!({ "name": "night", "title": "Night", "permissions": ["orders:read"] });
    let refused = admin.post("/users/roles", made.clone()).await;
    let challenge = &refused.assert_problem(401, "step_up_required").headers["www-authenticate"];
    assert_eq!(challenge, "Bearer error=\"insufficient_user_authentication\", max_age=\"300\"");
    let key = json!({ "name": "Mine", "permissions": ["orders:read"] });
    admin.post("/users/api-keys", key).await.assert_problem(401, "step_up_required");
    let stepped = admin.post("/auth/step-up", json!({ "password": PASSWORD })).await;
    let admin = users.visitor.with_token(stepped.assert_status(200).text_at("/token"));
    admin.post("/users/roles", made).await.assert_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_found_by_address_and_role() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    let ada = users.customer("Ada@example.com").await;
    users.customer("grace@example.com").await;
    let found = admin.get("/users?email=ada@EXAMPLE.com").await.assert_status(200).body["items"].clone();
    assert_eq!((found.as_array().unwrap().len(), &found[0]["id"]), (1, &json!(ada)));
    let first = admin.get("/users?limit=1").await.assert_status(200).body.clone();
    assert_eq!(first["items"][0]["email"], "grace@example.com");
    let second = admin.get(&format!("/users?limit=1&after={}", first["next"].as_str().unwrap())).await;
    assert_eq!(second.assert_status(200).body["items"][0]["email"], "Ada@example.com");
    let staff = admin.get("/users?staff=true").await.assert_status(200).body["items"].clone();
    assert_eq!((staff.as_array().unwrap().len(), &staff[0]["role"]), (1, &json!("admin")));
    admin
        .get(&format!("/users/{}", service_kit::Clock::system().new_id::<AccountId>()))
        .await
        .assert_problem(404, "account_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_an_account_is_not_invited() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    users.customer("ada@example.com").await;
    let body = json!({ "email": "ada@example.com", "role": "support" });
    admin.post("/users/invitations", body).await.assert_problem(409, "address_taken");
    let body = json!({ "email": "new@example.com", "role": "nobody" });
    admin.post("/users/invitations", body).await.assert_problem(404, "role_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_found_by_how_their_address_begins_page_by_page_in_its_order() {
    let users = Users::open().await;
    let admin = users.login_as_staff().await;
    for email in ["berta@example.com", "ber_ta@example.com", "Bert@example.com", "carla@example.com"] {
        users.customer(email).await;
    }
    let found = async |query: &str| {
        let page = admin.get(&format!("/users?{query}")).await.assert_status(200).body.clone();
        let emails: Vec<String> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["email"].as_str().unwrap().to_lowercase())
            .collect();
        (emails, page["next"].as_str().map(str::to_owned))
    };
    let (all, next) = found("email_begins=BER").await;
    assert_eq!(
        (&*all, next),
        (&["ber_ta@example.com", "bert@example.com", "berta@example.com"].map(str::to_owned)[..], None)
    );
    // What means something in a pattern means itself.
    assert_eq!(found("email_begins=ber_").await.0, ["ber_ta@example.com"]);
    assert_eq!(found("email_begins=ber%25").await.0, Vec::<String>::new());
    let (first, next) = found("email_begins=ber&limit=2").await;
    let next = next.unwrap();
    assert_eq!(first.len(), 2);
    assert_eq!(
        found(&format!("email_begins=ber&limit=2&after={next}")).await,
        (vec!["berta@example.com".to_owned()], None)
    );
    admin.get(&format!("/users?email_begins=bert&after={next}")).await.assert_problem(400, "invalid_cursor");
    for wrong in ["be", "", "be%00", "%20b%20"] {
        admin.get(&format!("/users?email_begins={wrong}")).await.assert_problem(422, "invalid_fields");
    }
    admin.get("/users?email_begins=ber&staff=true").await.assert_problem(400, "invalid_query");
}
