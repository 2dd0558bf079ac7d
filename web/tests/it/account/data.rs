//! A copy of all that is kept of one, and asking for its erasure.

use crate::stand_in::{Desk, erasure, logged_in, problem, second_factor, services, stepped_up, wrong};
use serde_json::{Value, json};

const HERE: &str = "/account/data";
const STEP_UP: &str = "POST /auth/step-up";
const EXPORT: &str = "POST /auth/exports";
const ERASE: &str = "POST /auth/erasure";
const KEEP: &str = "DELETE /auth/erasure";
const PROOF: [(&str, &str); 2] = [("password", "correct horse"), ("code", "123 456")];
const TICKED: (&str, &str) = ("understood", "yes");

fn export(url: Option<&str>) -> Value {
    let ready = url.map(|_| "2026-01-02T03:05:00Z");
    json!({
        "id": "01890a5d-ac96-774b-bcce-b302099a8064", "asked_at": "2026-01-02T03:04:05Z", "ready_at": ready,
        "expires_at": "2026-01-09T03:04:05Z", "services": services(if url.is_some() { 5 } else { 2 }), "url": url,
        "url_expires_at": url.map(|_| "2026-01-02T04:04:05Z"), "something_new": true,
    })
}

fn kept(desk: &Desk, exports: &[Value], erasure: Option<Value>) {
    desk.anew().answer("GET /auth/exports", 200, json!({ "items": exports, "next": null }));
    match erasure {
        Some(erasure) => desk.answer("GET /auth/erasure", 200, erasure),
        None => desk.answer("GET /auth/erasure", 404, problem("erasure_not_found", "x")),
    };
}

#[tokio::test]
async fn copies_are_shown_with_how_far_they_are_or_where_they_are_fetched() {
    let (desk, browser) = logged_in(900).await;
    kept(&desk, &[], None);
    let page = browser.get(HERE).await;
    page.holds(200, &["<h1>Your data</h1>", "href=\"/account/data/copy\"", "href=\"/account/data/erasure\""]);
    let url = "https://shop.test/api/exports/1?token=a&b=\"<script>";
    kept(&desk, &[export(None), export(Some(url))], None);
    let page = browser.get(HERE).await;
    page.holds(
        200,
        &[
            "It is being made.",
            "Orders <span class=\"sku\">(order-service)</span>: not yet",
            "(user-service)</span>: copied Jan 5, 2026, 4:05\u{202f}AM UTC",
            "href=\"https://shop.test/api/exports/1?token=a&#38;b=&#34;&#60;script&#62;\" rel=\"noreferrer\"",
            "This link works until Jan 2, 2026, 4:04\u{202f}AM UTC",
            "deleted Jan 9, 2026, 3:04\u{202f}AM UTC",
            ">Look again</a>",
        ],
    );
    page.lacks(&["<script"]);
    kept(&desk, &[export(Some("javascript:alert(1)"))], None);
    browser.get(HERE).await.lacks(&["javascript"]);
}

#[tokio::test]
async fn a_copy_is_made_for_who_proves_to_be_them() {
    let (desk, browser) = logged_in(900).await;
    let path = "/account/data/copy";
    desk.answer("GET /auth/second-factor", 200, second_factor(false));
    browser.get(path).await.holds(200, &["name=\"password\""]).lacks(&["name=\"code\""]);
    desk.anew().answer(STEP_UP, 200, stepped_up()).answer(EXPORT, 202, export(None));
    let answer = browser.send(path, &PROOF[..1]).await;
    assert_eq!((answer.status, answer.location()), (303, "/account/data?done=copy"));
    assert_eq!(
        (desk.lines(), desk.bearers()),
        (vec![STEP_UP.to_owned(), EXPORT.to_owned()], vec!["access-1".to_owned(), "fresh-1".to_owned()])
    );
    kept(&desk, &[export(None)], None);
    browser.get(answer.location()).await.holds(200, &["role=\"status\">Your copy is being made."]);
    // Whoever asks again soon is given the one there is.
    desk.anew().answer(STEP_UP, 200, stepped_up()).answer(EXPORT, 202, export(Some("https://shop.test/file")));
    assert_eq!(browser.send(path, &PROOF[..1]).await.location(), "/account/data?done=copied");
    desk.anew().answer(STEP_UP, 403, problem("wrong_password", "This is not your password."));
    let page = browser.send(path, &PROOF).await;
    page.holds(403, &["id=\"copy-password-trouble\">This is not your password.", "name=\"code\""]);
    page.lacks(&["correct horse", "123 456"]);
    assert_eq!(desk.lines(), [STEP_UP]);
}

/// It was set up in another window meanwhile.
#[tokio::test]
async fn a_code_is_asked_for_where_user_service_wants_one() {
    let (desk, browser) = logged_in(900).await;
    for (path, form) in [("/account/data/copy", "copy"), ("/account/data/erasure", "erase")] {
        desk.anew().answer(STEP_UP, 422, wrong(&[("/code", "is missing: your account has a second factor")]));
        let page = browser.send(path, &[PROOF[0], TICKED]).await;
        page.holds(422, &[&format!("<a href=\"#{form}-code\">Code is missing: your account has a second factor.</a>")]);
        page.lacks(&["correct horse"]);
    }
}

#[tokio::test]
async fn what_erasing_does_is_said_before_the_button() {
    let (desk, browser) = logged_in(900).await;
    desk.answer("GET /auth/second-factor", 200, second_factor(true));
    let page = browser.get("/account/data/erasure").await;
    page.holds(200, &["name=\"understood\"", "name=\"password\"", "name=\"code\""]);
    let (before, _) = page.text.split_once("<button class=\"button\">Erase my account</button>").unwrap();
    for said in [
        "everything about you, in all our services",
        "Orders that have not left yet are cancelled, and their money goes back to you.",
        "that the law makes the shop keep are kept, without your name and your address",
        "some days later: three",
        "Until it begins you can undo it, under “Your data” or by the link in the mail.",
        "Once it has begun it cannot be undone",
    ] {
        assert!(before.contains(said), "{said}");
    }
    insta::assert_snapshot!(page.text.as_str());
    assert_eq!(desk.lines(), ["GET /auth/second-factor"]);
}

#[tokio::test]
async fn nothing_is_asked_for_who_did_not_tick_that_they_understand() {
    let (desk, browser) = logged_in(900).await;
    for sent in [&PROOF[..], &[PROOF[0], PROOF[1], ("understood", "")]] {
        let page = browser.send("/account/data/erasure", sent).await;
        page.holds(422, &["<a href=\"#erase-understood\">Tick that you understand", "id=\"erase-understood-trouble\""]);
        page.holds(422, &["name=\"code\""]).lacks(&["correct horse", "123 456", " checked"]);
    }
    assert_eq!(desk.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn the_erasure_is_asked_for_with_a_proof_and_its_time_is_told() {
    let (desk, browser) = logged_in(900).await;
    desk.answer(STEP_UP, 200, stepped_up());
    desk.answer(ERASE, 202, json!({ "erasure": erasure("waiting"), "token": "a&b\"<" }));
    let sent = [TICKED, PROOF[0], PROOF[1]];
    let page = browser.send("/account/data/erasure", &sent).await;
    page.holds(200, &["It begins on Jan 5, 2026, 3:04\u{202f}AM UTC.", "href=\"/erasure?token=a%26b%22%3C\""]);
    assert_eq!(desk.lines(), [STEP_UP, ERASE]);
    assert_eq!(desk.bearers(), ["access-1", "fresh-1"]);
    assert_eq!(desk.asked()[0].body, json!({ "password": "correct horse", "code": "123456" }));
    desk.anew().answer(STEP_UP, 403, problem("wrong_password", "This is not your password."));
    let page = browser.send("/account/data/erasure", &sent).await;
    page.holds(403, &["id=\"erase-password-trouble\">This is not your password.", "value=\"yes\" checked"]);
    page.lacks(&["correct horse", "123 456"]);
    assert_eq!(desk.lines(), [STEP_UP]);
}

#[tokio::test]
async fn until_it_begins_the_account_can_be_kept() {
    let (desk, browser) = logged_in(900).await;
    kept(&desk, &[], Some(erasure("waiting")));
    let page = browser.get(HERE).await;
    page.holds(
        200,
        &["will be erased on Jan 5, 2026, 3:04\u{202f}AM UTC", "name=\"keep\" value=\"yes\">Keep my account"],
    );
    page.lacks(&["href=\"/account/data/erasure\""]);
    desk.anew();
    assert_eq!(browser.send(HERE, &[]).await.location(), HERE);
    assert_eq!(desk.lines(), Vec::<String>::new());
    desk.answer(KEEP, 204, Value::Null);
    let answer = browser.send(HERE, &[("keep", "yes")]).await;
    assert_eq!((answer.status, answer.location()), (303, "/account/data?done=kept"));
    assert_eq!(desk.lines(), [KEEP]);
    for status in [None, Some(erasure("kept"))] {
        kept(&desk, &[], status);
        let page = browser.get(answer.location()).await;
        page.holds(200, &["role=\"status\">Your account is kept", "href=\"/account/data/erasure\""]);
    }
    kept(&desk, &[], Some(erasure("erasing")));
    desk.answer(KEEP, 409, problem("erasure_begun", "It has begun."));
    let page = browser.send(HERE, &[("keep", "yes")]).await;
    page.holds(409, &["role=\"alert\"", "It is too late", "is being erased"]).lacks(&["Keep my account"]);
}

#[tokio::test]
async fn what_cannot_be_asked_now_is_said_to_be_there_later() {
    let (desk, browser) = logged_in(900).await;
    kept(&desk, &[], None);
    desk.anew().answer("GET /auth/exports", 200, json!({ "items": [], "next": null }));
    desk.answer_later("GET /auth/erasure", 503, problem("busy", "inner words"), 3);
    browser.get(HERE).await.holds(503, &["Try again in 3 seconds."]).lacks(&["inner words"]);
    // Nor is any 404 a word that there is none.
    desk.anew().answer("GET /auth/exports", 200, json!({ "items": [], "next": null }));
    desk.answer("GET /auth/erasure", 404, problem("account_not_found", "There is no such account."));
    browser.get(HERE).await.holds(404, &["There is no such account."]);
}
