//! What who runs the platform does in the back office: mails, dead letters, events, the audit log.

use crate::stand_in::{Desk, clerk, problem, tokens, wrong};
use serde_json::{Value, json};

const PREFIXES: [&str; 5] = ["/users", "/products", "/orders", "/payments", "/notifications"];
const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8080";
const ORDER: &str = "01890a5d-ac96-774b-bcce-b302099a8072";
const ACCOUNT: &str = "01890a5d-ac96-774b-bcce-b302099a8058";

fn page(items: &[Value], next: Option<&str>) -> Value {
    json!({ "items": items, "next": next })
}

/// All five have nothing of it.
fn nothing(desk: &Desk, part: &str) {
    for prefix in PREFIXES {
        desk.answer(&format!("GET {prefix}{part}"), 200, page(&[], None));
    }
}

fn letter(received: &str, kind: &str) -> Value {
    json!({
        "id": ID, "type": kind, "subject": ORDER, "sequence": 3, "received_at": received, "status": "dead", "attempts": 8,
        "reason": "the <till> is stuck", "can_be_replayed": true, "something_new": true,
    })
}

fn whole(letter: &Value, envelope: &Value) -> Value {
    let mut letter = letter.clone();
    letter["envelope"] = envelope.clone();
    letter
}

fn before(text: &str, first: &str, second: &str) -> bool {
    text.find(first).unwrap() < text.find(second).unwrap()
}

#[tokio::test]
async fn dead_letters_of_all_five_stand_in_one_list_newest_first() {
    let (desk, browser) = clerk("events:read").await;
    desk.answer("GET /users/dead-letters", 200, page(&[letter("2026-01-02T03:04:05Z", "order.old")], None));
    desk.answer("GET /products/dead-letters", 200, page(&[letter("2026-01-04T03:04:05Z", "order.new")], Some("a+b")));
    desk.answer("GET /orders/dead-letters", 200, page(&[letter("2026-01-03T03:04:05Z", "order.middle")], None));
    desk.answer("GET /payments/dead-letters", 200, page(&[], None));
    desk.answer("GET /notifications/dead-letters", 503, problem("database_unavailable", ""));
    let shown = browser.get("/office/dead-letters").await;
    shown.holds(
        200,
        &[
            "the &#60;till&#62; is stuck",
            &format!("href=\"/office/dead-letters/{ID}?service=order-service\""),
            "No answer from notify-service",
            "href=\"/office/dead-letters?service=product-service&#38;after=a%2Bb\"",
            "Older ones of product-service",
        ],
    );
    assert!(before(&shown.text, "order.new", "order.middle") && before(&shown.text, "order.middle", "order.old"));
    // Of one alone, and what was dropped.
    desk.anew().answer("GET /orders/dead-letters?dropped=true&after=x", 200, page(&[], Some("y")));
    let shown = browser.get("/office/dead-letters?service=order-service&state=dropped&after=x").await;
    let older = "href=\"/office/dead-letters?state=dropped&#38;service=order-service&#38;after=y\"";
    shown.holds(200, &["There is none here.", "value=\"dropped\" selected", "<option selected>order-service", older]);
    assert_eq!(desk.lines(), ["GET /orders/dead-letters?dropped=true&after=x"]);
}

#[tokio::test]
async fn a_dead_letter_shows_why_and_what_came_and_offers_what_can_be_done() {
    let (desk, browser) = clerk("events:read events:replay").await;
    let (here, there) =
        (format!("/office/dead-letters/{ID}?service=order-service"), format!("GET /orders/dead-letters/{ID}"));
    let dead = letter("2026-01-02T03:04:05Z", "payment.completed");
    desk.answer(&there, 200, whole(&dead, &json!({ "data": { "method": "<sim_ok>" } })));
    let shown = browser.get(&here).await;
    shown.holds(
        200,
        &[
            "payment.completed at order-service",
            "the &#60;till&#62; is stuck",
            "&#34;method&#34;: &#34;&#60;sim_ok&#62;&#34;",
            "Try it again",
            "name=\"reason\"",
            "Drop it",
        ],
    );
    let mut unreadable = whole(&dead, &json!("GET / HTTP/1.1 <b>"));
    unreadable["can_be_replayed"] = json!(false);
    desk.anew().answer(&there, 200, unreadable);
    browser
        .get(&here)
        .await
        .holds(200, &["GET / HTTP/1.1 &#60;b&#62;", "Nobody can read it", "Drop it"])
        .lacks(&["Try it again"]);
    let mut dropped = whole(&dead, &json!({}));
    dropped["status"] = json!("dropped");
    desk.anew().answer(&there, 200, dropped);
    browser.get(&here).await.holds(200, &["Try it again"]).lacks(&["Drop it"]);
    for nonsense in [format!("/office/dead-letters/{ID}"), "/office/dead-letters/1?service=order-service".to_owned()] {
        browser.get(&nonsense).await.holds(404, &["There is nothing at this address."]);
    }
    // Whoever may only look sees no buttons.
    let (desk, reader) = clerk("events:read").await;
    desk.answer(&there, 200, whole(&dead, &json!({})));
    reader.get(&here).await.holds(200, &["the &#60;till&#62;"]).lacks(&["Try it again", "Drop it"]);
    let fields = [("service", "order-service"), ("act", "replay")];
    reader.send(&format!("/office/dead-letters/{ID}"), &fields).await.holds(403, &["events:replay"]);
}

#[tokio::test]
async fn a_dead_letter_is_replayed_and_dropped_with_a_reason() {
    let (desk, browser) = clerk("events:read events:replay").await;
    let (path, there) = (format!("/office/dead-letters/{ID}"), format!("/payments/dead-letters/{ID}"));
    let dead = whole(&letter("2026-01-02T03:04:05Z", "order.created"), &json!({}));
    desk.answer(&format!("POST {there}/replay"), 200, dead.clone());
    let replay = [("service", "payment-service"), ("act", "replay")];
    browser.send(&path, &replay).await.leads_to("/office/dead-letters?done=replay");
    desk.answer(&format!("POST {there}/drop"), 200, dead.clone());
    let drop = [("service", "payment-service"), ("act", "drop"), ("reason", "sent by a test")];
    browser.send(&path, &drop).await.leads_to("/office/dead-letters?done=drop");
    assert_eq!(desk.asked().last().unwrap().body, json!({ "reason": "sent by a test" }));
    nothing(&desk, "/dead-letters");
    browser.get("/office/dead-letters?done=drop").await.holds(200, &["It is dropped"]);

    // What is wrong stands beside its field, what was typed is kept.
    desk.anew().answer(&format!("GET {there}"), 200, dead.clone());
    desk.answer(
        &format!("POST {there}/drop"),
        422,
        wrong(&[("/reason", "must hold 1 to 1000 characters on one line")]),
    );
    let refused = browser.send(&path, &[drop[0], drop[1], ("reason", "a <test>")]).await;
    refused.holds(422, &["id=\"drop-reason-trouble\"", "href=\"#drop-reason\"", "value=\"a &#60;test&#62;\""]);
    // Somebody else was first.
    desk.answer(&format!("POST {there}/replay"), 409, problem("no_dead_letter", "Somebody had it tried again."));
    browser
        .send(&path, &replay)
        .await
        .holds(409, &["Somebody had it tried again.", "order.created at payment-service"]);
    browser.send(&path, &[replay[0], ("act", "explode")]).await.holds(404, &[]);
}

#[tokio::test]
async fn events_are_found_by_what_stands_in_the_address_and_shown_whole() {
    let (desk, browser) = clerk("events:read").await;
    let event = json!({
        "id": ID, "type": "order.paid", "subject": ORDER, "sequence": 2, "journey": ORDER, "causation_id": null,
        "announced_at": "2026-01-02T03:04:05Z", "something_new": true,
    });
    let query = format!("?journey={ORDER}&type=order.paid");
    nothing(&desk, &format!("/events{query}"));
    desk.anew();
    for prefix in PREFIXES {
        let items = if prefix == "/orders" { vec![event.clone()] } else { Vec::new() };
        desk.answer(&format!("GET {prefix}/events{query}"), 200, page(&items, (prefix == "/users").then_some("x")));
    }
    let shown = browser.get(&format!("/office/events?journey=+{ORDER}&type=order.paid&subject=")).await;
    let older =
        format!("href=\"/office/events?journey={ORDER}&#38;type=order.paid&#38;service=user-service&#38;after=x\"");
    let link = format!("href=\"/office/events/{ID}?service=order-service\"");
    shown.holds(200, &[&link, &older, "value=\"order.paid\""]);
    desk.answer(&format!("GET /orders/events/{ID}"), 200, whole(&event, &json!({ "data": { "number": 1001 } })));
    let shown = browser.get(&format!("/office/events/{ID}?service=order-service")).await;
    shown.holds(
        200,
        &["order.paid of order-service", "&#34;number&#34;: 1001", &format!("/office/events?journey={ORDER}")],
    );
    // What no service can look for is told once, and stays to be mended.
    desk.anew();
    for prefix in PREFIXES {
        desk.answer(&format!("GET {prefix}/events?journey=1001"), 400, problem("invalid_query", "`journey` is no id."));
    }
    let refused = browser.get("/office/events?journey=1001").await;
    refused.holds(400, &["`journey` is no id.", "value=\"1001\""]);
    assert_eq!(refused.text.matches("`journey` is no id.").count(), 1);
}

#[tokio::test]
async fn the_audit_log_of_all_five_is_read_by_who_and_what() {
    let (desk, browser) = clerk("audit:read").await;
    let entry = |at: &str, action: &str, allowed: bool| {
        json!({
            "id": ID, "at": at, "actor_kind": "person", "actor": ACCOUNT, "action": action, "subject": ORDER,
            "allowed": allowed, "before": { "status": "<dead>" }, "after": { "status": "waiting" },
            "network": "203.0.113.0/24", "something_new": true,
        })
    };
    let query = format!("/audit?actor={ACCOUNT}");
    for prefix in PREFIXES {
        let items = match prefix {
            "/orders" => vec![entry("2026-01-02T03:04:05Z", "dead_letter.replayed", true)],
            "/users" => vec![entry("2026-01-01T03:04:05Z", "permission.missed", false)],
            _ => Vec::new(),
        };
        desk.answer(&format!("GET {prefix}{query}"), 200, page(&items, None));
    }
    let shown = browser.get(&format!("/office/audit?actor={ACCOUNT}")).await;
    shown.holds(200, &["{&#34;status&#34;:&#34;&#60;dead&#62;&#34;} → ", "203.0.113.0/24", "not let"]);
    assert!(before(&shown.text, "dead_letter.replayed", "permission.missed"));
    browser.get("/office/dead-letters").await.holds(403, &["events:read"]);
}

fn mail(status: &str, can_be_resent: bool) -> Value {
    json!({
        "id": ID, "message_id": ID, "account_id": ACCOUNT, "order_id": ORDER, "template": "order_paid", "channel": "email",
        "status": status, "attempts": 20, "can_be_resent": can_be_resent, "next_at": null,
        "last_error": "the mail server refused it with 550", "created_at": "2026-01-02T03:04:05Z", "sent_at": null,
        "something_new": true,
    })
}

#[tokio::test]
async fn mails_are_filtered_by_the_address_and_one_that_was_given_up_is_sent_after_all() {
    let (desk, browser) = clerk("notifications:read notifications:send orders:read").await;
    let list = format!("GET /notifications/deliveries?status=failed&order_id={ORDER}");
    desk.answer(&list, 200, page(&[mail("failed", true), mail("sent", false)], Some("a+b")));
    let here = format!("/office/mails?status=failed&order_id={ORDER}");
    let shown = browser.get(&here).await;
    let older = format!("href=\"/office/mails?status=failed&#38;order_id={ORDER}&#38;after=a%2Bb\"");
    let order = format!("href=\"/office/orders/{ORDER}\"");
    shown.holds(200, &["refused it with 550", "value=\"failed\" selected", &older, &order, "given up"]);
    assert_eq!(shown.text.matches("Send it after all").count(), 1);

    let resend = format!("POST /notifications/deliveries/{ID}/resend");
    desk.answer(&resend, 200, mail("waiting", false));
    let fields = [("id", ID), ("status", "failed"), ("account_id", ""), ("order_id", ORDER), ("after", "")];
    browser.send("/office/mails", &fields).await.leads_to(&format!("{here}&done=resend"));
    browser.get(&format!("{here}&done=resend")).await.holds(200, &["It is sent in a moment."]);
    // A second click finds it on its way, and the list is shown as it is.
    desk.anew().answer(&resend, 409, problem("delivery_not_failed", "This mail was not given up."));
    desk.answer(&list, 200, page(&[mail("sending", false)], None));
    let refused = browser.send("/office/mails", &fields).await;
    refused.holds(409, &["This mail was not given up.", "being sent"]).lacks(&["Send it after all"]);
    browser.send("/office/mails", &[("id", "1")]).await.holds(404, &[]);
}

#[tokio::test]
async fn whoever_may_only_look_at_mails_has_no_button() {
    let (desk, browser) = clerk("notifications:read").await;
    desk.answer("GET /notifications/deliveries", 200, page(&[mail("failed", true)], None));
    let shown = browser.get("/office/mails").await;
    let by_order = format!("href=\"/office/mails?order_id={ORDER}\"");
    shown.holds(200, &["refused it with 550", &by_order]).lacks(&["Send it after all"]);
    desk.anew().answer("GET /notifications/deliveries?account_id=ada", 400, problem("invalid_query", "It is no id."));
    browser.get("/office/mails?account_id=ada").await.holds(400, &["It is no id.", "value=\"ada\""]);
    browser.send("/office/mails", &[("id", ID)]).await.holds(403, &["notifications:send"]);
}

/// A refresh token is used once: asking five at a time must not use it five times.
#[tokio::test]
async fn a_page_that_asks_all_five_renews_the_tokens_once() {
    let (desk, browser) = clerk("events:read").await;
    for prefix in PREFIXES {
        let line = format!("GET {prefix}/dead-letters");
        desk.answer(&line, 401, problem("token_expired", "")).answer(&line, 200, page(&[], None));
    }
    let mut renewed = tokens(2, 900);
    renewed["scope"] = json!("events:read");
    desk.answer("POST /auth/refresh", 200, renewed);
    browser.get("/office/dead-letters").await.holds(200, &["There is none here."]);
    assert_eq!(desk.lines().iter().filter(|line| *line == "POST /auth/refresh").count(), 1);
    assert_eq!(desk.bearers().iter().filter(|bearer| *bearer == "access-2").count(), 5);
}
