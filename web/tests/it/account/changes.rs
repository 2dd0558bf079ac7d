//! Who one is, and changing one's password and address.

use crate::stand_in::{ada, done, logged_in, login, problem, wrong};
use serde_json::json;

#[tokio::test]
async fn the_account_shows_who_one_is() {
    let (desk, browser) = logged_in(900).await;
    let mut person = ada();
    person["phone"] = json!("<b>1");
    desk.answer("GET /auth/current-user", 200, person);
    let page = browser.get("/account").await;
    page.holds(200, &["Ada Lovelace", "ada@example.com", "&#60;b&#62;1", "2026-01-02", "href=\"/account/sessions\""]);
    assert_eq!((desk.asked()[0].header("authorization"), page.cookies().len()), ("Bearer access-1", 0));
    assert_eq!(page.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn an_account_that_cannot_be_shown_now_is_said_to_be_there_later() {
    let (desk, browser) = logged_in(900).await;
    desk.answer_later("GET /auth/current-user", 503, problem("database_unavailable", "inner words"), 7);
    let page = browser.get("/account").await;
    page.holds(503, &["Not just now", "Try again in 7 seconds."]).lacks(&["inner words"]);
    assert_eq!(page.headers["retry-after"], "7");
    assert!(browser.has("__Host-session"));
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_the_one_before() {
    let (desk, browser) = logged_in(900).await;
    browser.get("/account/password").await.holds(200, &["<h1>Change the password</h1>"]);
    let (api, sent) =
        ("POST /auth/change-password", [("password", "correct horse"), ("new_password", "battery staple")]);
    desk.answer(api, 200, done());
    browser
        .send("/account/password", &sent)
        .await
        .holds(200, &["all other sessions have ended.", "<h1>Your password is changed"]);
    assert_eq!(desk.asked()[0].body, json!({ "password": "correct horse", "new_password": "battery staple" }));
    desk.anew().answer(api, 403, problem("wrong_password", "This is not your password."));
    let page = browser.send("/account/password", &sent).await;
    page.holds(403, &["id=\"change-password-trouble\">This is not your password.", "aria-invalid=\"true\""]);
    page.lacks(&["correct horse", "battery staple"]);
    desk.anew().answer(api, 422, wrong(&[("/new_password", "is too short")]));
    let page = browser.send("/account/password", &sent).await;
    page.holds(422, &["<a href=\"#change-new_password\">New password is too short.</a>"]);
}

#[tokio::test]
async fn an_address_is_changed_by_a_mail_to_the_new_one() {
    let (desk, browser) = logged_in(900).await;
    browser.get("/account/email").await.holds(200, &["<h1>Change the e-mail address</h1>"]);
    let (api, sent) = ("POST /auth/change-email", [("email", "new@example.com"), ("password", "correct horse")]);
    desk.answer(api, 202, done());
    browser
        .send("/account/email", &sent)
        .await
        .holds(200, &["Look into your mailbox", "Open the link in the mail we sent to the new address"]);
    assert_eq!(desk.asked()[0].body, json!({ "email": "new@example.com", "password": "correct horse" }));
    desk.anew().answer(api, 403, problem("wrong_password", "This is not your password."));
    let page = browser.send("/account/email", &sent).await;
    page.holds(403, &["id=\"change-password-trouble\"", "value=\"new@example.com\""]).lacks(&["correct horse"]);
    desk.anew().answer(api, 422, wrong(&[("/email", "is no address")]));
    browser
        .send("/account/email", &sent)
        .await
        .holds(422, &["id=\"change-email-trouble\">New e-mail address is no address."]);
}

#[tokio::test]
async fn an_address_that_was_typed_while_the_login_ended_stands_there_after_the_next() {
    let (desk, browser) = logged_in(900).await;
    desk.answer("POST /auth/change-email", 401, problem("token_revoked", "x"));
    desk.answer("POST /auth/refresh", 401, problem("invalid_refresh_token", "x"));
    let sent = [("email", "new@example.com"), ("password", "correct horse")];
    let answer = browser.send("/account/email", &sent).await;
    assert_eq!((answer.status, answer.location()), (303, "/login?next=%2Faccount%2Femail"));
    assert!(answer.cookies().iter().all(|cookie| !cookie.contains("new@example.com")));
    // Also by who has lost the session itself.
    assert_eq!(browser.send("/account/email", &sent).await.location(), "/login?next=%2Faccount%2Femail");
    desk.anew().answer("POST /auth/login", 200, login(900));
    let sent = [("email", "ada@example.com"), ("password", "correct horse"), ("next", "/account/email")];
    assert_eq!(browser.send("/login", &sent).await.location(), "/account/email");
    browser.get("/account/email").await.holds(200, &["value=\"new@example.com\""]);
    browser.get("/account/email").await.lacks(&["new@example.com"]);
}
