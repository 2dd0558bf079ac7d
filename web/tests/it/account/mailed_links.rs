//! The other links of mails.

use crate::stand_in::{done, logged_in, open, problem, tokens, wrong};
use serde_json::json;

type Fields = &'static [(&'static str, &'static str)];

/// Page, what it asks user-service, and with which fields.
const PAGES: [(&str, &str, Fields); 3] = [
    ("/reset-password", "POST /auth/reset-password", &[("token", "abc"), ("new_password", "correct horse")]),
    ("/confirm-email", "POST /auth/confirm-email", &[("token", "abc")]),
    (
        "/accept-invitation",
        "POST /auth/accept-invitation",
        &[("token", "abc"), ("first_name", "Ada"), ("last_name", "Lovelace"), ("password", "correct horse")],
    ),
];

#[tokio::test]
async fn opening_one_changes_nothing_and_shows_a_form_with_one_button() {
    for path in PAGES.map(|(path, ..)| path).into_iter().chain(["/verify-email"]) {
        for (desk, browser) in [open().await, logged_in(1).await] {
            let page = browser.get(&format!("{path}?token=abc")).await;
            page.holds(200, &["name=\"token\" value=\"abc\"", &format!("<form method=\"post\" action=\"{path}\"")]);
            assert_eq!(page.headers["referrer-policy"], "no-referrer");
            if path != "/verify-email" {
                assert_eq!(page.text.matches("<button class=\"button\"").count(), 1, "{path}");
            }
            assert_eq!(desk.lines(), Vec::<String>::new(), "{path}");
            browser.get(path).await.holds(400, &["lacks its token"]);
        }
    }
}

#[tokio::test]
async fn its_button_does_it() {
    for (path, api, fields) in PAGES {
        let (desk, browser) = open().await;
        // As each of them answers.
        let status = if path == "/accept-invitation" { 201 } else { 200 };
        desk.answer(api, status, done());
        browser.send(path, fields).await.holds(200, &["<h1>Your ", "href=\"/login\""]);
        let body: serde_json::Map<_, _> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        assert_eq!(desk.asked()[0].body, json!(body), "{path}");
        assert_eq!(desk.lines(), [api]);
    }
}

#[tokio::test]
async fn a_refusal_is_told_with_its_status_and_the_link_can_be_tried_again() {
    for (path, api, fields) in PAGES {
        let (desk, browser) = open().await;
        desk.answer(api, 422, problem("link_over", "This link was used already."));
        let page = browser.send(path, fields).await;
        page.holds(422, &["This link was used already, or has expired", "name=\"token\" value=\"abc\""])
            .lacks(&["correct horse"]);
        desk.anew().answer_later(api, 503, problem("busy", "x"), 5);
        browser.send(path, fields).await.holds(503, &["Try again in 5 seconds.", "name=\"token\" value=\"abc\""]);
    }
    let (desk, browser) = open().await;
    desk.answer(PAGES[0].1, 422, wrong(&[("/new_password", "is too short")]));
    browser
        .send(PAGES[0].0, PAGES[0].2)
        .await
        .holds(422, &["id=\"reset-new_password-trouble\">New password is too short."]);
    desk.answer(PAGES[2].1, 422, wrong(&[("/password", "is too short")]));
    let page = browser.send(PAGES[2].0, PAGES[2].2).await;
    page.holds(422, &["id=\"invitation-password-trouble\">Password is too short.", "value=\"Lovelace\""]);
    page.lacks(&["correct horse"]);
}

/// Both end all sessions of their account, which may be this browser's or not.
#[tokio::test]
async fn the_login_of_this_browser_is_over_if_it_ended_with_it_and_only_then() {
    for (path, api, fields) in [PAGES[0], PAGES[1]] {
        let (desk, browser) = logged_in(900).await;
        desk.answer(api, 200, done()).answer("POST /auth/refresh", 401, problem("invalid_refresh_token", "x"));
        let page = browser.send(path, fields).await;
        page.holds(200, &["<a href=\"/login\">Log in</a> <a href=\"/register\">Register</a>"]);
        assert!(!browser.has("__Host-session"));
        let (desk, browser) = logged_in(900).await;
        desk.answer(api, 200, done()).answer("POST /auth/refresh", 200, tokens(2, 900));
        browser.send(path, fields).await.holds(200, &["<span class=\"name\">Ada</span>"]);
        assert_eq!(desk.lines(), [api, "POST /auth/refresh"]);
    }
}
