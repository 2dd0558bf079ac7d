//! Logging in and out, and the header that says who one is.

use crate::stand_in::{Browser, Desk, logged_in, login, open, problem, tokens};
use serde_json::json;

const SENT: [(&str, &str); 2] = [("email", "ada@example.com"), ("password", "correct horse")];

#[tokio::test]
async fn a_right_password_begins_a_session_that_the_browser_keeps_and_cannot_read() {
    let (desk, browser) = open().await;
    desk.answer("POST /auth/login", 200, login(900));
    browser.get("/login").await.holds(200, &["<h1>Log in</h1>", "action=\"/login\""]);
    let answer = browser.send("/login", &SENT).await;
    assert_eq!((answer.status, answer.location()), (303, "/account"));
    assert_eq!(answer.headers["cache-control"], "no-store");
    let cookies = answer.cookies();
    assert_eq!(cookies.len(), 2);
    for (cookie, name) in cookies.iter().zip(["__Host-device=", "__Host-session="]) {
        assert!(cookie.starts_with(name) && cookie.ends_with("; HttpOnly; Secure; SameSite=Lax"), "{cookie}");
        let secrets = ["access-1", "refresh-1", "device-1", "Ada"];
        assert!(!secrets.iter().any(|secret| cookie.contains(secret)), "{cookie}");
    }
    let asked = desk.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].body, json!({ "email": "ada@example.com", "password": "correct horse" }));
    // A session is shown to its owner by that.
    assert_eq!(asked[0].header("user-agent"), "Firefox/150");
}

#[tokio::test]
async fn the_header_of_every_page_knows_the_person_without_asking() {
    let (desk, browser) = logged_in(900).await;
    let (_, nobody) = open().await;
    for path in ["/developers", "/forgot-password"] {
        browser.get(path).await.holds(
            200,
            &[
                "<span class=\"name\">Ada</span>",
                "<a href=\"/account\">Account</a>",
                "<form method=\"post\" action=\"/logout\"><button class=\"plain\">Log out</button></form>",
            ],
        );
        let page = nobody.get(path).await;
        page.holds(200, &["<a href=\"/login\">Log in</a> <a href=\"/register\">Register</a>"]);
        page.lacks(&["/logout"]);
    }
    assert_eq!(desk.lines(), Vec::<String>::new());
}

/// Whatever strangers try meanwhile, this one gets in.
#[tokio::test]
async fn the_browser_is_known_again_after_a_log_out() {
    let (desk, browser) = logged_in(900).await;
    desk.answer("POST /auth/logout", 200, json!({ "message": "You are logged out." }));
    browser.send("/logout", &[]).await;
    desk.anew();
    desk.answer("POST /auth/login", 200, login(900));
    browser.send("/login", &SENT).await;
    let known = json!({ "email": "ada@example.com", "password": "correct horse", "device_token": "device-1" });
    assert_eq!(desk.asked()[0].body, known);
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_the_address_kept() {
    let (desk, browser) = open().await;
    desk.answer("POST /auth/login", 401, problem("invalid_credentials", "The address or the password is wrong."));
    let page = browser.send("/login", &SENT).await;
    page.holds(401, &["The e-mail address or the password is wrong.", "value=\"ada@example.com\"", "Error: Log in"]);
    // Which of the two is not told.
    page.lacks(&["correct horse", "aria-invalid"]);
    assert!(page.cookies().is_empty());
}

#[tokio::test]
async fn who_has_not_confirmed_the_address_is_told_so_in_words_for_people() {
    let (desk, browser) = open().await;
    desk.answer("POST /auth/login", 403, problem("email_not_verified", "Use POST /auth/resend-verification."));
    let page = browser.send("/login", &SENT).await;
    page.holds(403, &["Confirm your e-mail address first", "href=\"/resend-verification\""]);
    page.lacks(&["POST /auth"]);
}

#[tokio::test]
async fn after_the_log_in_one_goes_on_where_one_wanted_to_and_never_leads_away() {
    for (next, kept, led) in [
        ("/account/email", "/account/email", "/account/email"),
        ("/products?q=mug%26cup", "/products?q=mug%26cup", "/products?q=mug%26cup"),
        ("https://elsewhere.example/", "/account", "/account"),
        ("//elsewhere.example/", "/account", "/account"),
        ("/\\elsewhere.example/", "/account", "/account"),
        ("/.//elsewhere.example/", "/account", "/account"),
        ("/\t/elsewhere.example/", "/account", "/account"),
        ("javascript:alert(1)", "/account", "/account"),
    ] {
        let (desk, browser) = open().await;
        desk.answer("POST /auth/login", 200, login(900));
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        let page = browser.get(&format!("/login?{query}")).await;
        let hidden = format!("name=\"next\" value=\"{}\"", kept.replace('&', "&#38;"));
        page.holds(200, &[&hidden]).lacks(&["elsewhere"]);
        // Whatever is sent, too.
        let answer = browser.send("/login", &[SENT[0], SENT[1], ("next", next)]).await;
        assert_eq!((answer.status, answer.location()), (303, led), "{next}");
        // Who is logged in already goes there at once.
        let answer = browser.get(&format!("/login?{query}")).await;
        assert_eq!((answer.status, answer.location()), (303, led), "{next}");
    }
}

#[tokio::test]
async fn a_made_up_cookie_is_no_session() {
    let (desk, browser) = logged_in(900).await;
    let real = browser.cookies.lock().unwrap()["__Host-session"].clone();
    let changed = format!("{}{}", &real[..real.len() - 1], if real.ends_with('A') { 'B' } else { 'A' });
    for made_up in ["", "AAAA", "{\"first_name\":\"Ada\"}", &changed, &"A".repeat(300)] {
        browser.cookies.lock().unwrap().insert("__Host-session".to_owned(), made_up.to_owned());
        browser.get("/developers").await.holds(200, &["<a href=\"/login\">Log in</a>"]);
        for path in [
            "/account",
            "/account/sessions",
            "/account/password",
            "/account/email",
            "/account/profile",
            "/account/addresses",
            "/account/addresses/new",
            "/account/second-factor",
            "/account/second-factor/begin",
            "/account/second-factor/confirm",
            "/account/second-factor/recovery-codes",
            "/account/second-factor/give-up",
            "/account/data",
            "/account/data/copy",
            "/account/data/erasure",
        ] {
            let answer = browser.get(path).await;
            let led = format!("/login?next={}", path.replace('/', "%2F"));
            assert_eq!((answer.status, answer.location()), (303, &*led), "{made_up}");
        }
    }
    assert_eq!(desk.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn a_session_is_good_at_every_replica_with_the_key_and_at_none_without() {
    let key = ("WEB_COOKIE_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    let desk = Desk::default();
    desk.answer("POST /auth/login", 200, login(900));
    let browser = Browser::at(&desk.pages(&[key]).await);
    browser.send("/login", &SENT).await;
    let other = browser.moved(&desk.pages(&[key]).await);
    other.get("/").await.holds(200, &["<span class=\"name\">Ada</span>"]);
    let keyless = browser.moved(&desk.pages(&[]).await);
    keyless.get("/").await.holds(200, &["<a href=\"/login\">Log in</a>"]);
}

#[tokio::test]
async fn logging_out_ends_the_session_here_and_in_user_service() {
    let (desk, browser) = logged_in(900).await;
    assert_eq!(browser.get("/logout").await.status, 405, "a link must not log anybody out");
    desk.answer("POST /auth/logout", 200, json!({ "message": "You are logged out." }));
    let answer = browser.send("/logout", &[]).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    assert_eq!(answer.cookies(), ["__Host-session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"]);
    assert_eq!(desk.lines(), ["POST /auth/logout"]);
    assert_eq!(desk.asked()[0].header("authorization"), "Bearer access-1");
    browser.get("/").await.holds(200, &["<a href=\"/login\">Log in</a>"]);
    // Once more, from another tab.
    assert_eq!(browser.send("/logout", &[]).await.location(), "/");
}

#[tokio::test]
async fn who_cannot_be_logged_out_by_user_service_is_all_the_same_here_and_told_so() {
    let (desk, browser) = logged_in(900).await;
    desk.answer("POST /auth/logout", 503, problem("database_unavailable", "inner words"));
    browser.send("/logout", &[]).await.holds(503, &["You are logged out here"]).lacks(&["inner words"]);
    assert!(!browser.has("__Host-session"));
    // A session that is over already is what was wanted.
    let (desk, browser) = logged_in(900).await;
    desk.answer("POST /auth/logout", 401, problem("token_revoked", "x"));
    desk.answer("POST /auth/refresh", 401, problem("invalid_refresh_token", "x"));
    assert_eq!(browser.send("/logout", &[]).await.location(), "/");
    assert!(!browser.has("__Host-session"));
    // And one that is stale is ended with its next token.
    let (desk, browser) = logged_in(1).await;
    desk.answer("POST /auth/refresh", 200, tokens(2, 900)).answer("POST /auth/logout", 200, json!({}));
    browser.send("/logout", &[]).await;
    assert_eq!(desk.asked()[1].header("authorization"), "Bearer access-2");
    assert!(!browser.has("__Host-session"));
}
