//! Registering, and asking for the mail again.

use crate::stand_in::{done, open, problem, wrong};
use serde_json::json;

const SENT: [(&str, &str); 4] = [
    ("first_name", "Ada"),
    ("last_name", "Lovelace"),
    ("email", "ada@example.com"),
    ("password", "correct horse battery"),
];

#[tokio::test]
async fn who_registers_is_told_of_the_mail_and_their_browser_keeps_the_password_encrypted_for_a_day() {
    let (desk, browser) = open().await;
    browser.get("/register").await.holds(200, &["<h1>Register</h1>", "8 characters or more"]);
    desk.answer("POST /auth/register", 201, json!({ "message": "inner words", "user_id": "x" }));
    let page = browser.send("/register", &SENT).await;
    page.holds(200, &["<h1>Look into your mailbox</h1>", "href=\"/resend-verification\"", "href=\"/dev/mails\""]);
    page.lacks(&["correct horse"]);
    let [cookie] = page.cookies()[..] else { panic!("{:?}", page.cookies()) };
    assert!(cookie.starts_with("__Host-registration="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=86400; HttpOnly; Secure; SameSite=Lax"), "{cookie}");
    assert!(!cookie.contains("correct") && !browser.has("__Host-session"));
    let body = json!({ "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com",
        "password": "correct horse battery" });
    assert_eq!(desk.asked()[0].body, body);
}

#[tokio::test]
async fn a_registration_that_is_not_taken_leaves_nothing_in_the_browser() {
    let (desk, browser) = open().await;
    desk.answer_later("POST /auth/register", 429, problem("too_many_mails", "in 90 s"), 90);
    let page = browser.send("/register", &SENT).await;
    page.holds(429, &["Nothing was kept. Try again in 90 seconds.", "value=\"Lovelace\"", "value=\"ada@example.com\""]);
    page.lacks(&["correct horse"]);
    desk.anew().answer("POST /auth/register", 422, wrong(&[("/first_name", "must not be empty")]));
    browser.send("/register", &SENT).await.holds(422, &["First name must not be empty.", "value=\"Ada\""]);
    assert!(!browser.has("__Host-registration"));
}

#[tokio::test]
async fn the_mail_is_sent_again_and_a_wrong_address_can_be_mended() {
    for (path, api) in
        [("/resend-verification", "POST /auth/resend-verification"), ("/forgot-password", "POST /auth/forgot-password")]
    {
        let (desk, browser) = open().await;
        desk.answer(api, 202, done());
        browser
            .send(path, &[("email", "ada@example.com")])
            .await
            .holds(200, &["Look into your mailbox", "is on its way."]);
        assert_eq!(desk.asked()[0].body, json!({ "email": "ada@example.com" }));
        desk.anew().answer(api, 422, wrong(&[("/email", "is no address")]));
        let page = browser.send(path, &[("email", "ada@")]).await;
        page.holds(422, &["E-mail address is no address.", "value=\"ada@\"", "aria-invalid=\"true\""]);
    }
}
