//! Passwords that are forgotten, set and changed.

use crate::support::{PASSWORD, Users};
use contracts::{
    AccountId, AccountRequestId,
    events::user::{PasswordChanged, PasswordResetRequested},
};
use serde_json::json;

const NEW: &str = "another good horse";

async fn forgot(users: &Users, email: &str) {
    users.visitor.post("/auth/forgot-password", json!({ "email": email })).await.assert_status(202);
}

/// What was asked for, once a mail for it is due.
async fn asked(users: &Users, account: AccountId) -> AccountRequestId {
    let event = users.recorder.wait_for(|event: &PasswordResetRequested| event.account_id == account).await;
    event.data.request_id
}

#[tokio::test(flavor = "multi_thread")]
async fn who_forgot_it_sets_a_new_one_by_the_mailed_link_and_all_sessions_end() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let before = users.logged_in("ada@example.com").await;
    forgot(&users, "Ada@Example.com").await;
    let request = asked(&users, id).await;
    let mail = users.account_mail(request).await.assert_status(200).body.clone();
    assert_eq!((mail["email"].as_str(), mail["first_name"].as_str()), (Some("ada@example.com"), Some("Ada")));
    assert_eq!(mail["link"]["valid_hours"], 1);
    let token = users.request_token(request).await;
    assert!(mail["link"]["url"].as_str().unwrap().ends_with(&format!("/reset-password?token={token}")));
    let body = json!({ "token": token, "new_password": NEW });
    users.visitor.post("/auth/reset-password", body.clone()).await.assert_status(200);
    before.get("/auth/current-user").await.assert_problem(401, "token_revoked");
    users.login("ada@example.com", PASSWORD).await.assert_problem(401, "invalid_credentials");
    users.login("ada@example.com", NEW).await.assert_status(200);
    users.recorder.wait_for(|event: &PasswordChanged| event.account_id == id).await;
    users.visitor.post("/auth/reset-password", body).await.assert_problem(422, "link_over");
    assert_eq!(users.account_mail(request).await.assert_status(200).body["link"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_address_without_an_account_nothing_is_left_and_nothing_is_told() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let unknown = users.visitor.post("/auth/forgot-password", json!({ "email": "nobody@example.com" })).await;
    let known = users.visitor.post("/auth/forgot-password", json!({ "email": "ada@example.com" })).await;
    assert_eq!(unknown.assert_status(202).text, known.assert_status(202).text);
    asked(&users, id).await;
    let left = "SELECT count(*) FROM account_requests WHERE account_id IS NULL";
    let left = sqlx::query_scalar::<_, i64>(left);
    assert_eq!(left.fetch_one(users.database.pool()).await.unwrap(), 0);
    assert_eq!(users.announced::<PasswordResetRequested>().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_for_an_hour_and_a_change_ends_the_others() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    forgot(&users, "ada@example.com").await;
    let first = users.request_token(asked(&users, id).await).await;
    users.clock.advance(time::Duration::minutes(61));
    let body = json!({ "token": first, "new_password": NEW });
    users.visitor.post("/auth/reset-password", body).await.assert_problem(422, "link_over");
    forgot(&users, "ada@example.com").await;
    let both = || async { (users.recorder.all::<PasswordResetRequested>().len() == 2).then_some(()) };
    test_kit::until("both mails are asked for", both).await;
    let newest = "SELECT id FROM account_requests ORDER BY id DESC LIMIT 1";
    let newest: uuid::Uuid = sqlx::query_scalar(newest).fetch_one(users.database.pool()).await.unwrap();
    let second = users.request_token(newest.into()).await;
    let ada = users.logged_in("ada@example.com").await;
    let change = json!({ "password": PASSWORD, "new_password": "a third good horse" });
    ada.post("/auth/change-password", change).await.assert_status(200);
    let body = json!({ "token": second, "new_password": NEW });
    users.visitor.post("/auth/reset-password", body).await.assert_problem(422, "link_over");
}

/// Of two who come with one link at once, one is too late.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_once_also_for_many_at_once() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    forgot(&users, "ada@example.com").await;
    let token = users.request_token(asked(&users, id).await).await;
    let tries: Vec<_> = (0..3)
        .map(|number| {
            let body = json!({ "token": token, "new_password": format!("{NEW} {number}") });
            let visitor = users.visitor.clone();
            tokio::spawn(async move { visitor.post("/auth/reset-password", body).await.status })
        })
        .collect();
    let mut answers = Vec::new();
    for one in tries {
        answers.push(one.await.unwrap().as_u16());
    }
    answers.sort_unstable();
    assert_eq!(answers, [200, 422, 422]);
    assert_eq!(users.announced::<PasswordChanged>().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_are_none_and_passwords_that_are_weak_are_refused() {
    let users = Users::open().await;
    let id = users.customer("ada@example.com").await;
    let made_up = json!({ "token": "made-up", "new_password": NEW });
    users.visitor.post("/auth/reset-password", made_up).await.assert_problem(422, "invalid_link");
    forgot(&users, "ada@example.com").await;
    let token = users.request_token(asked(&users, id).await).await;
    let weak = json!({ "token": token, "new_password": "password123" });
    let refused = users.visitor.post("/auth/reset-password", weak).await;
    assert_eq!(refused.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer"), "/new_password");
    // A link of another kind is none.
    let other = json!({ "token": token });
    users.visitor.post("/auth/confirm-email", other).await.assert_problem(422, "invalid_link");
    let (_, confirmation) = users.register_anew("grace@example.com").await;
    let other = json!({ "token": confirmation, "new_password": NEW });
    users.visitor.post("/auth/reset-password", other).await.assert_problem(422, "invalid_link");
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_it_asks_the_old_one_and_ends_the_other_sessions() {
    let users = Users::open().await;
    users.customer("ada@example.com").await;
    let (here, elsewhere) = (users.logged_in("ada@example.com").await, users.logged_in("ada@example.com").await);
    let wrong = json!({ "password": "wrong horse", "new_password": NEW });
    here.post("/auth/change-password", wrong).await.assert_problem(403, "wrong_password");
    let body = json!({ "password": PASSWORD, "new_password": NEW });
    here.post("/auth/change-password", body).await.assert_status(200);
    here.get("/auth/current-user").await.assert_status(200);
    elsewhere.get("/auth/current-user").await.assert_problem(401, "token_revoked");
    users.login("ada@example.com", NEW).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_session_has_few_guesses() {
    let users = Users::open_with(&[("LOGIN_FAILURES", "3")]).await;
    users.customer("ada@example.com").await;
    let thief = users.logged_in("ada@example.com").await;
    for _ in 0..3 {
        let wrong = json!({ "password": "wrong horse", "new_password": NEW });
        thief.post("/auth/change-password", wrong).await.assert_problem(403, "wrong_password");
    }
    let right = json!({ "password": PASSWORD, "new_password": NEW });
    thief.post("/auth/change-password", right).await.assert_problem(429, "too_many_failed_logins");
}
