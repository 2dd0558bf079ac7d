//! Confirming an address.

use crate::services::{NOWHERE, pages};
use crate::stand_in::{Browser, Desk, Shown, open, problem, wrong};
use serde_json::json;

const API: &str = "POST /auth/verify-email";
const COOKIE: &str = "__Host-registration";
const KNOWN: &[(&str, &str)] = &[("token", "abc"), ("password", "correct horse")];
const NEW: &[(&str, &str)] =
    &[("token", "abc"), ("first_name", "Ada"), ("last_name", "Lovelace"), ("new_password", "tell nobody of it")];

/// A browser that registered a moment ago.
async fn registered() -> (Desk, Browser) {
    let (desk, browser) = open().await;
    desk.answer("POST /auth/register", 201, json!({ "message": "x", "user_id": "x" }));
    browser.send("/register", &[("email", "ada@example.com"), ("password", "correct horse")]).await;
    assert!(browser.has(COOKIE));
    desk.anew();
    (desk, browser)
}

async fn press(browser: &Browser, fields: &[(&str, &str)]) -> Shown {
    browser.send("/verify-email", fields).await
}

#[tokio::test]
async fn opening_the_link_changes_nothing_and_shows_both_ways() {
    let (desk, browser) = open().await;
    let page = browser.get("/verify-email?token=abc").await;
    let token = "<input type=\"hidden\" name=\"token\" value=\"abc\">";
    assert_eq!(page.holds(200, &[]).text.matches(token).count(), 2, "{}", page.text);
    page.holds(200, &["name=\"password\"", "name=\"new_password\"", "name=\"first_name\"", "name=\"last_name\""]);
    assert_eq!(desk.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn each_button_asks_user_service_and_shows_what_it_says() {
    let (desk, browser) = open().await;
    desk.answer(API, 200, json!({ "message": "You can log in now." }));
    for form in [KNOWN, NEW] {
        let page = press(&browser, form).await;
        page.holds(
            200,
            &[
                "<h1>Your address is confirmed</h1><p>Your address is confirmed: you can log in now.</p>",
                "href=\"/login\"",
            ],
        );
    }
    let asked: Vec<_> = desk.asked().into_iter().map(|asked| asked.body).collect();
    let known = json!({ "token": "abc", "password": "correct horse" });
    let new =
        json!({ "token": "abc", "first_name": "Ada", "last_name": "Lovelace", "new_password": "tell nobody of it" });
    assert_eq!(asked, [known, new]);
}

#[tokio::test]
async fn the_browser_that_registered_needs_only_the_button() {
    let (desk, browser) = registered().await;
    let page = browser.get("/verify-email?token=abc").await;
    page.holds(200, &["<button class=\"button\">Confirm my address</button>", "name=\"token\" value=\"abc\""]);
    page.lacks(&["type=\"password\"", "correct horse"]);
    assert_eq!((page.headers["referrer-policy"].to_str().unwrap(), desk.lines().len()), ("no-referrer", 0));
    desk.answer(API, 200, json!({ "message": "You can log in now." }));
    press(&browser, &[("token", "abc")]).await.holds(200, &["<h1>Your address is confirmed</h1>"]);
    assert_eq!(desk.asked()[0].body, json!({ "token": "abc", "password": "correct horse" }));
    assert!(!browser.has(COOKIE), "it has done what it was for");
}

#[tokio::test]
async fn a_browser_that_registered_another_time_asks_for_the_password_after_one_try() {
    let (desk, browser) = registered().await;
    // Who knows so is not made to lose a try.
    let other = "/verify-email?token=abc&#38;other=yes";
    browser.get("/verify-email?token=abc").await.holds(200, &[other]);
    browser.get(&other.replace("&#38;", "&")).await.holds(200, &["name=\"password\"", "name=\"new_password\""]);
    desk.answer(API, 422, problem("wrong_registration_password", "tries left: 4."));
    let page = press(&browser, &[("token", "abc")]).await;
    page.holds(422, &["This browser registered with another password", "name=\"password\"", "name=\"new_password\""]);
    assert!(!browser.has(COOKIE));
    browser.get("/verify-email?token=abc").await.holds(200, &["name=\"password\""]);
}

#[tokio::test]
async fn the_kept_password_outlasts_a_moment_in_which_nothing_can_be_done() {
    let (desk, browser) = registered().await;
    desk.answer_later(API, 503, problem("busy", "inner words"), 2);
    let page = press(&browser, &[("token", "abc")]).await;
    page.holds(503, &["Try again in 2 seconds. Your link is still good.", "Confirm my address"]);
    page.lacks(&["inner words", "type=\"password\""]);
    assert!(browser.has(COOKIE));
}

#[tokio::test]
async fn a_wrong_password_can_be_mended_and_no_password_is_shown_again() {
    let (desk, browser) = open().await;
    desk.answer(API, 422, problem("wrong_registration_password", "This is not the password; tries left: 4."));
    let page = press(&browser, KNOWN).await;
    page.holds(422, &["<a href=\"#known-password\">This is not the password", "tries left: 4."]);
    page.holds(422, &["id=\"known-password-trouble\"", "aria-invalid=\"true\""]).lacks(&["correct horse"]);
    desk.anew().answer(API, 422, wrong(&[("/new_password", "is too short"), ("/first_name", "is too long")]));
    let page = press(&browser, NEW).await;
    page.holds(
        422,
        &[
            "<a href=\"#own-new_password\">New password is too short.</a>",
            "id=\"own-first_name-trouble\">First name is too long.</span>",
            "value=\"Lovelace\"",
        ],
    );
    page.lacks(&["tell nobody"]);
}

#[tokio::test]
async fn a_refusal_that_nothing_mends_is_shown_in_its_own_words() {
    let (desk, browser) = open().await;
    desk.answer(API, 422, problem("verification_token_used", "This link was used before: log in."));
    press(&browser, KNOWN)
        .await
        .holds(422, &["Your address has an account already: log in."])
        .lacks(&["name=\"token\""]);
    desk.anew().answer(API, 422, problem("verification_token_ended", "POST /auth/resend-verification"));
    press(&browser, KNOWN).await.holds(422, &["Have a new one sent."]).lacks(&["POST /auth"]);
}

#[tokio::test]
async fn when_user_service_is_away_the_link_is_said_to_be_good_still() {
    let away = Browser::at(&pages(NOWHERE).await.url);
    let page = press(&away, NEW).await;
    page.holds(503, &["Your link is still good", "value=\"Lovelace\""]).lacks(&["tell nobody"]);
    assert_eq!(page.headers["retry-after"], "60");
}

#[tokio::test]
async fn a_token_with_markup_is_shown_and_not_obeyed() {
    let (_, browser) = registered().await;
    let path = "/verify-email?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for path in [path, &format!("{path}&other=yes")] {
        browser.get(path).await.holds(200, &["&#34;&#62;&#60;script"]).lacks(&["<script"]);
    }
}
