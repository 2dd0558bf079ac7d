//! The second step of a log-in.

use crate::stand_in::{Browser, Desk, login, open, problem};
use serde_json::json;

const COOKIE: &str = "__Host-second-factor";

/// The password was right, and is not enough.
async fn halfway() -> (Desk, Browser) {
    let (desk, browser) = open().await;
    let mut more = problem("second_factor_required", "A second factor is needed.");
    more["ticket"] = json!("the-ticket");
    more["methods"] = json!(["totp", "recovery_code"]);
    desk.answer("POST /auth/login", 401, more);
    let sent = [("email", "ada@example.com"), ("password", "correct horse"), ("next", "/account/email")];
    let answer = browser.send("/login", &sent).await;
    assert_eq!((answer.status, answer.location()), (303, "/login/second-factor"));
    let [cookie] = answer.cookies()[..] else { panic!("{:?}", answer.cookies()) };
    assert!(
        cookie.starts_with(COOKIE) && cookie.contains("; Max-Age=600;") && !cookie.contains("the-ticket"),
        "{cookie}"
    );
    desk.anew();
    (desk, browser)
}

#[tokio::test]
async fn its_code_completes_the_log_in_and_leads_where_one_wanted_to() {
    let (desk, browser) = halfway().await;
    let page = browser.get("/login/second-factor").await;
    page.holds(200, &["<label for=\"second-factor-code\">Code</label>", "autocomplete=\"one-time-code\""]);
    page.holds(200, &["recovery codes"]).lacks(&["the-ticket"]);
    desk.answer("POST /auth/login/second-factor", 200, login(900));
    let answer = browser.send("/login/second-factor", &[("code", " 123 456 ")]).await;
    assert_eq!((answer.status, answer.location()), (303, "/account/email"));
    assert_eq!(desk.asked()[0].body, json!({ "ticket": "the-ticket", "code": "123456" }));
    assert_eq!(desk.asked()[0].header("user-agent"), "Firefox/150");
    assert!(browser.has("__Host-session") && !browser.has(COOKIE));
}

#[tokio::test]
async fn a_wrong_code_is_asked_for_again() {
    let (desk, browser) = halfway().await;
    desk.answer("POST /auth/login/second-factor", 403, problem("wrong_code", "This is not the code."));
    let page = browser.send("/login/second-factor", &[("code", "000000")]).await;
    page.holds(
        403,
        &[
            "id=\"second-factor-code-trouble\">The code is wrong, or was used already: wait for the next one.",
            "aria-invalid=\"true\"",
        ],
    );
    page.holds(403, &["<a href=\"/login\">Begin again</a>"]).lacks(&["000000"]);
    assert!(browser.has(COOKIE) && !browser.has("__Host-session"));
}

#[tokio::test]
async fn after_too_long_or_too_many_wrong_codes_it_begins_again_with_the_password() {
    let (desk, browser) = halfway().await;
    desk.answer("POST /auth/login/second-factor", 401, problem("login_over", "give your password again."));
    let page = browser.send("/login/second-factor", &[("code", "000000")]).await;
    page.holds(401, &["give your password again.", "href=\"/login?next=%2Faccount%2Femail\""]);
    assert!(!browser.has(COOKIE) && !browser.has("__Host-session"));
}

#[tokio::test]
async fn without_the_first_step_there_is_no_second() {
    let (desk, browser) = open().await;
    assert_eq!(browser.get("/login/second-factor").await.location(), "/login");
    assert_eq!(browser.send("/login/second-factor", &[("code", "123456")]).await.location(), "/login");
    // Nor with another cookie's value for the ticket's.
    let (_, other) = halfway().await;
    let value = other.cookies.lock().unwrap()[COOKIE].clone();
    browser.cookies.lock().unwrap().insert(COOKIE.to_owned(), value);
    assert_eq!(browser.get("/login/second-factor").await.location(), "/login");
    assert_eq!(desk.lines(), Vec::<String>::new());
}
