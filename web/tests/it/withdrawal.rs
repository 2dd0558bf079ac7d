//! Withdrawing from a contract: a form, a look at it, a button, a receipt; without a log-in, and once.

use crate::{
    languages::german,
    stand_in::{Browser, Desk, logged_in, open, problem, wrong},
};
use serde_json::{Value, json};

const SEND: &str = "POST /orders/withdrawals";
const ME: &str = "GET /auth/current-user";

fn received() -> Value {
    json!({ "id": "01890a5d-ac96-774b-bcce-b302099a8070", "received_at": "2026-11-30T18:27:12Z" })
}

fn filled(act: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("act", act),
        ("key", "k7"),
        ("order_number", "1001"),
        ("name", "Ada <Lovelace>"),
        ("email", "ada@example.com"),
        ("reason", "Too \"small\"."),
    ]
}

/// What stands in the hidden field.
fn key(page: &str) -> &str {
    page.split_once("name=\"key\" value=\"").unwrap().1.split_once('"').unwrap().0
}

async fn visiting() -> (Desk, Browser) {
    let (desk, browser) = open().await;
    desk.answer(SEND, 201, received());
    (desk, browser)
}

#[tokio::test]
async fn every_page_leads_there_and_nobody_has_to_log_in() {
    let (desk, browser) = visiting().await;
    for path in ["/login", "/developers", "/nowhere"] {
        let page = browser.get(path).await;
        assert!(page.text.contains("<a href=\"/withdrawal\">Withdraw from a contract</a>"), "{path}");
    }
    let page = browser.get("/withdrawal?order=10%2201").await;
    page.holds(200, &["value=\"10&#34;01\"", "name=\"name\"", "name=\"email\"", "name=\"reason\"", "Continue"]);
    assert_eq!(page.headers["cache-control"], "no-store");
    let lines = desk.lines();
    assert!(!lines.contains(&SEND.to_owned()), "looking declares nothing: {lines:?}");
}

#[tokio::test]
async fn what_was_typed_is_shown_once_more_and_declared_by_one_button_alone() {
    let (desk, browser) = visiting().await;
    let page = browser.send("/withdrawal", &filled("")).await;
    page.holds(
        200,
        &[
            "<dd>1001</dd>",
            "<dd>Ada &#60;Lovelace&#62;</dd>",
            "Too &#34;small&#34;.",
            "value=\"k7\"",
            "Confirm withdrawal",
        ],
    );
    assert_eq!(desk.lines(), Vec::<String>::new());
    let page = browser.send("/withdrawal", &filled("change")).await;
    page.holds(200, &["value=\"1001\"", "value=\"Ada &#60;Lovelace&#62;\"", "Too &#34;small&#34;.", "value=\"k7\""]);
    assert_eq!(desk.lines(), Vec::<String>::new());
    // The button twice, the page loaded again, and the way back: one declaration under one key.
    for _ in 0..2 {
        let page = browser.send("/withdrawal", &filled("confirm")).await;
        page.holds(200, &["Nov 30, 2026, 6:27\u{202f}PM UTC", "on its way to ada@example.com", "role=\"status\""]);
    }
    let asked = desk.asked();
    assert_eq!(asked.len(), 2);
    for one in asked {
        assert_eq!((one.header("idempotency-key"), one.header("authorization")), ("k7", ""));
        let body = json!({
            "order_number": "1001", "name": "Ada <Lovelace>", "email": "ada@example.com", "reason": "Too \"small\".",
        });
        assert_eq!(one.body, body);
    }
}

#[tokio::test]
async fn what_is_lacking_or_refused_is_said_beside_its_field_and_what_was_typed_is_kept() {
    let (desk, browser) = visiting().await;
    let page =
        browser.send("/withdrawal", &[("key", "k7"), ("order_number", " "), ("name", "Ada"), ("reason", "Why")]).await;
    page.holds(
        422,
        &[
            "Order number must not be empty.",
            "E-mail address must not be empty.",
            "value=\"Ada\"",
            "Why",
            "value=\"k7\"",
        ],
    );
    page.lacks(&["Confirm withdrawal"]);
    desk.anew().answer(SEND, 422, wrong(&[("/email", "is not an e-mail address")]));
    let page = browser.send("/withdrawal", &filled("confirm")).await;
    page.holds(
        422,
        &[
            "E-mail address is not an e-mail address: expected a form like name@example.com.",
            "aria-invalid=\"true\"",
            "value=\"ada@example.com\"",
        ],
    );
    assert_ne!(key(&page.text), "k7", "what is mended is another declaration");
    desk.anew().answer_later(SEND, 429, problem("too_many_withdrawals", "…"), 120);
    let page = browser.send("/withdrawal", &filled("confirm")).await;
    page.holds(429, &["Too many withdrawals were declared", "Try again in 2 minutes.", "value=\"1001\""]);
    assert_eq!((key(&page.text), &page.headers["retry-after"]), ("k7", &"120".parse().unwrap()));
    desk.anew().answer(SEND, 503, problem("database_unavailable", "…"));
    let page = browser.send("/withdrawal", &filled("confirm")).await;
    page.holds(503, &["cannot be done at the moment", "value=\"1001\""]);
    assert_eq!(key(&page.text), "k7", "the same once more is the same declaration");
}

/// The law has words for the link and for the button.
#[tokio::test]
async fn a_german_reader_withdraws_in_the_words_of_the_law() {
    let (desk, browser) = visiting().await;
    german(&browser).await;
    let page = browser.get("/withdrawal?order=1001").await;
    page.holds(
        200,
        &["<h1>Vertrag widerrufen</h1>", "<a href=\"/withdrawal\">Vertrag widerrufen</a>", "value=\"1001\""],
    );
    let lacking = browser.send("/withdrawal", &[("key", "k7"), ("order_number", " "), ("name", "Ada")]).await;
    lacking.holds(422, &["Bestellnummer: Diese Angabe fehlt.", "E-Mail-Adresse: Diese Angabe fehlt."]);
    let page = browser.send("/withdrawal", &filled("")).await;
    page.holds(200, &["value=\"confirm\">Widerruf bestätigen</button>", "Hiermit widerrufe ich den Vertrag"]);
    let page = browser.send("/withdrawal", &filled("confirm")).await;
    page.holds(200, &["Er ist am 30.11.2026, 18:27 UTC bei uns eingegangen.", "unterwegs an ada@example.com."]);
    page.lacks(&["Withdraw", "receipt", "received it"]);
    desk.anew().answer_later(SEND, 429, problem("too_many_withdrawals", "…"), 120);
    let refused = browser.send("/withdrawal", &filled("confirm")).await;
    refused.holds(429, &["wurden zu viele Widerrufe erklärt. Dieser wurde nicht gespeichert."]);
    let words = "must hold up to 2000 characters without control characters";
    desk.anew().answer(SEND, 422, wrong(&[("/reason", words)]));
    let refused = browser.send("/withdrawal", &filled("confirm")).await;
    refused.holds(422, &["höchstens 2.000 Zeichen und keine Steuerzeichen."]);
}

#[tokio::test]
async fn who_is_logged_in_is_known_and_who_no_longer_is_declares_all_the_same() {
    let (desk, member) = logged_in(900).await;
    desk.answer(ME, 200, crate::stand_in::ada()).answer(SEND, 201, received());
    member
        .get("/withdrawal?order=1001")
        .await
        .holds(200, &["value=\"1001\"", "value=\"Ada Lovelace\"", "value=\"ada@example.com\""]);
    member.send("/withdrawal", &filled("confirm")).await.holds(200, &["is received"]);
    assert_eq!(desk.asked().last().unwrap().header("authorization"), "Bearer access-1");
    // Nobody says who they are: they type it.
    desk.anew().answer(ME, 503, problem("database_unavailable", "…"));
    member.get("/withdrawal").await.holds(200, &["name=\"name\"", "Continue"]);
    // Their token is none any more, and cannot be renewed.
    desk.anew().answer(SEND, 401, problem("token_revoked", "…")).answer(SEND, 201, received());
    desk.answer("POST /auth/refresh", 401, problem("unknown_refresh_token", "…"));
    member.send("/withdrawal", &filled("confirm")).await.holds(200, &["is received"]);
    let asked = desk.asked();
    let sent: Vec<_> = asked.iter().filter(|one| one.line == SEND).map(|one| one.header("authorization")).collect();
    assert_eq!(sent, ["Bearer access-1", ""]);
}

#[tokio::test]
async fn another_sites_page_declares_nothing() {
    let (desk, browser) = visiting().await;
    let foreign = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    assert_eq!(browser.send_as("/withdrawal", &filled("confirm"), &foreign).await.status, 403);
    assert_eq!(desk.lines(), Vec::<String>::new());
}
