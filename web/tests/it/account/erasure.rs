//! The link of the mail about an erasure, for whoever has it, with an account or without.

use crate::stand_in::{erasure, logged_in, open, problem};
use serde_json::{Value, json};

const PROGRESS: &str = "POST /auth/erasure/progress";
const KEEP: &str = "POST /auth/erasure/keep";
const LINK: &str = "/erasure?token=abc";
const BUTTON: &str = "<button class=\"button\">Keep my account</button>";

#[tokio::test]
async fn it_shows_where_the_erasure_stands_and_tells_its_token_to_nobody() {
    for (status, said, lacked) in [
        ("waiting", ["will be erased on Jan 5, 2026, 3:04\u{202f}AM UTC", BUTTON], "not yet"),
        ("kept", ["Your account was kept", "href=\"/account\""], BUTTON),
        (
            "erasing",
            ["(product-service)</span>: erased Jan 5, 2026, 4:05\u{202f}AM UTC", "(order-service)</span>: not yet"],
            BUTTON,
        ),
        ("done", ["Everything about you is erased.", "(notify-service)</span>: erased"], BUTTON),
    ] {
        let (desk, browser) = open().await;
        desk.answer(PROGRESS, 200, erasure(status));
        let page = browser.get(LINK).await;
        page.holds(200, &said).lacks(&[lacked]);
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(desk.lines(), [PROGRESS]);
        assert_eq!(desk.asked()[0].body, json!({ "token": "abc" }));
        // Nobody has to be logged in, and nobody's login is told.
        assert_eq!(desk.bearers(), [""]);
    }
}

#[tokio::test]
async fn a_link_that_is_not_good_is_told_so_in_secret() {
    let (desk, browser) = open().await;
    desk.answer(PROGRESS, 422, problem("invalid_link", "This link is not valid"));
    let page = browser.get(LINK).await;
    page.holds(422, &["This link is not valid"]).lacks(&["abc"]);
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    desk.anew().answer_later(PROGRESS, 503, problem("busy", "inner words"), 5);
    let page = browser.get(LINK).await;
    page.holds(503, &["Try again in 5 seconds."]).lacks(&["inner words"]);
    assert_eq!(
        (&page.headers["referrer-policy"], &page.headers["retry-after"]),
        (&"no-referrer".parse().unwrap(), &5.into())
    );
    desk.anew();
    browser.get("/erasure").await.holds(400, &["lacks its token"]);
    assert_eq!(desk.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn its_button_keeps_the_account_with_a_login_or_without() {
    for (desk, browser) in [open().await, logged_in(900).await] {
        desk.answer(KEEP, 204, Value::Null);
        let page = browser.send("/erasure", &[("token", "abc")]).await;
        page.holds(200, &["<h1>Your account is kept</h1>", "href=\"/account/password\""]);
        assert_eq!(desk.lines(), [KEEP]);
        assert_eq!((desk.asked()[0].body.clone(), desk.bearers()), (json!({ "token": "abc" }), vec![String::new()]));
    }
}

#[tokio::test]
async fn once_it_has_begun_the_button_is_too_late() {
    let (desk, browser) = open().await;
    desk.answer(KEEP, 409, problem("erasure_begun", "It has begun.")).answer(PROGRESS, 200, erasure("erasing"));
    let page = browser.send("/erasure", &[("token", "abc")]).await;
    page.holds(409, &["role=\"alert\"", "It is too late", "not yet"]).lacks(&[BUTTON]);
    desk.anew().answer(KEEP, 422, problem("invalid_link", "This link is not valid"));
    desk.answer(PROGRESS, 422, problem("invalid_link", "This link is not valid"));
    browser.send("/erasure", &[("token", "abc")]).await.holds(422, &["This link is not valid"]).lacks(&["abc"]);
}

#[tokio::test]
async fn a_token_with_markup_is_shown_and_not_obeyed() {
    let (desk, browser) = open().await;
    desk.answer(PROGRESS, 200, erasure("waiting"));
    let page = browser.get("/erasure?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    page.holds(200, &["value=\"&#34;&#62;&#60;script&#62;"]).lacks(&["<script"]);
    assert_eq!(desk.asked()[0].body, json!({ "token": "\"><script>alert(1)</script>" }));
}
