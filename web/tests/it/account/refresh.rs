//! An access token ends long before its session: it is renewed on the way.

use crate::stand_in::{Browser, Desk, ada, done, logged_in, problem, tokens};
use serde_json::json;

const REFRESH: &str = "POST /auth/refresh";
const WHO: &str = "GET /auth/current-user";
const UNREAD: &str = "GET /notifications/unread-count";

fn bearers(desk: &Desk) -> Vec<String> {
    desk.asked().iter().map(|asked| asked.header("authorization").to_owned()).collect()
}

fn sign_of(browser: &Browser) -> String {
    browser.cookies.lock().unwrap()["__Host-session"].clone()
}

#[tokio::test]
async fn a_token_near_its_end_is_renewed_once_before_it_is_used_and_nobody_sees_it() {
    let (desk, browser) = logged_in(20).await;
    let before = sign_of(&browser);
    desk.answer(REFRESH, 200, tokens(2, 900)).answer(WHO, 200, ada());
    browser.get("/account").await.holds(200, &["Ada Lovelace", "<span class=\"name\">Ada</span>"]);
    assert_eq!(desk.lines(), [REFRESH, WHO, UNREAD]);
    assert_eq!(desk.asked()[0].body, json!({ "refresh_token": "refresh-1" }));
    assert_eq!(bearers(&desk), ["", "Bearer access-2", "Bearer access-2"]);
    assert_ne!(sign_of(&browser), before);
    // The browser has the new ones: the next page asks for no more.
    let page = browser.get("/account").await;
    assert_eq!((desk.lines().len(), page.cookies().len()), (5, 0));
    assert_eq!(bearers(&desk)[3], "Bearer access-2");
}

#[tokio::test]
async fn a_token_that_a_service_does_not_take_is_renewed_and_the_wish_fulfilled() {
    for code in ["token_expired", "token_revoked", "invalid_token"] {
        let (desk, browser) = logged_in(900).await;
        let api = "POST /auth/change-password";
        desk.answer(api, 401, problem(code, "x")).answer(api, 200, done()).answer(REFRESH, 200, tokens(2, 900));
        let sent = [("password", "correct horse"), ("new_password", "battery staple")];
        browser.send("/account/password", &sent).await.holds(200, &["Your password is changed"]);
        assert_eq!(desk.lines(), [api, REFRESH, api], "{code}");
        assert_eq!(desk.asked()[0].body, desk.asked()[2].body);
        assert_eq!(bearers(&desk), ["Bearer access-1", "", "Bearer access-2"]);
    }
}

#[tokio::test]
async fn a_new_token_that_is_not_taken_either_ends_the_login_instead_of_asking_on() {
    let (desk, browser) = logged_in(900).await;
    desk.answer(WHO, 401, problem("token_revoked", "x")).answer(REFRESH, 200, tokens(2, 900));
    let answer = browser.get("/account").await;
    assert_eq!((answer.status, answer.location()), (303, "/login?next=%2Faccount"));
    assert_eq!(desk.lines(), [WHO, REFRESH, WHO]);
    assert!(!browser.has("__Host-session"));
}

#[tokio::test]
async fn a_refused_renewal_ends_the_login_and_leads_back_after_the_next() {
    for (status, code) in [(401, "invalid_refresh_token"), (403, "account_suspended")] {
        for expires_in in [1, 900] {
            let (desk, browser) = logged_in(expires_in).await;
            desk.answer("GET /auth/sessions", 401, problem("token_expired", "x"));
            desk.answer(REFRESH, status, problem(code, "x"));
            let answer = browser.get("/account/sessions?ended=one").await;
            let led = "/login?next=%2Faccount%2Fsessions%3Fended%3Done";
            assert_eq!((answer.status, answer.location()), (303, led));
            assert_eq!(answer.cookies(), ["__Host-session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"]);
            browser.get(led).await.holds(200, &["name=\"next\" value=\"/account/sessions?ended=one\""]);
        }
    }
}

/// It is kept, and the next page tries again.
#[tokio::test]
async fn a_renewal_that_cannot_be_done_now_ends_no_login() {
    for (status, wait) in [(503, 2), (429, 2), (500, 60)] {
        let (desk, browser) = logged_in(1).await;
        desk.answer_later(REFRESH, status, problem("x", "inner words"), wait);
        let page = browser.get("/account").await;
        page.holds(if status == 429 { 429 } else { 503 }, &["Not just now"]).lacks(&["inner words"]);
        assert!(browser.has("__Host-session"));
        desk.anew().answer(REFRESH, 200, tokens(2, 900)).answer(WHO, 200, ada());
        browser.get("/account").await.holds(200, &["Ada Lovelace"]);
    }
}

#[tokio::test]
async fn pages_that_ask_for_nobody_renew_nothing() {
    let (desk, browser) = logged_in(1).await;
    for path in ["/developers", "/forgot-password", "/account/password", "/account/email"] {
        assert!(browser.get(path).await.holds(200, &["<span class=\"name\">Ada</span>"]).cookies().is_empty());
    }
    assert_eq!(desk.lines(), Vec::<String>::new());
}
