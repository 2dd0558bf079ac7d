//! What one was told, and what of it one has not read.

use crate::stand_in::{ada, logged_in, open, problem};
use serde_json::{Value, json};

const ONE: &str = "01890a5d-ac96-774b-bcce-b302099a8091";
const ORDER: &str = "01890a5d-ac96-774b-bcce-b302099a8072";
const LIST: &str = "GET /notifications";
const COUNT: &str = "GET /notifications/unread-count";

pub(crate) fn message(read_at: Option<&str>, order: Option<&str>) -> Value {
    json!({
        "id": ONE, "template": "order_paid", "title": "Payment received: <order> 1001", "order_id": order,
        "body": "Your <payment> has arrived.\n\nWe are packing it now.", "read_at": read_at,
        "created_at": "2026-01-02T03:04:05Z", "something_new": true,
    })
}

fn read() -> String {
    format!("POST /notifications/{ONE}/read")
}

#[tokio::test]
async fn the_account_tells_how_many_are_not_read_and_is_there_without() {
    let (desk, browser) = logged_in(900).await;
    desk.answer("GET /auth/current-user", 200, ada()).answer(COUNT, 200, json!({ "unread": 2 }));
    browser.get("/account").await.holds(200, &["Messages (2<span class=\"unseen\"> not read yet</span>)"]);
    for (status, answer) in [(200, json!({ "unread": 0 })), (503, problem("unavailable", ""))] {
        desk.anew();
        desk.answer("GET /auth/current-user", 200, ada()).answer(COUNT, status, answer);
        browser.get("/account").await.holds(200, &["<a href=\"/account/messages\">Messages</a>"]);
    }
}

#[tokio::test]
async fn messages_are_listed_page_by_page_and_the_new_ones_stand_out() {
    let (desk, browser) = logged_in(900).await;
    desk.answer(COUNT, 200, json!({ "unread": 7 }));
    let items = [message(None, None), message(Some("2026-01-02T03:04:05Z"), None)];
    desk.answer(LIST, 200, json!({ "items": items, "next": "a+b" }));
    let page = browser.get("/account/messages").await;
    page.holds(
        200,
        &[
            "7 are not read yet.",
            "Payment received: &#60;order&#62; 1001</a> <strong>new</strong>",
            "Jan 2, 2026, 3:04\u{202f}AM UTC",
            "href=\"/account/messages?after=a%2Bb\"",
            "Mark all as read",
        ],
    );
    assert_eq!(page.text.matches("<strong>new</strong>").count(), 1);
    desk.answer("GET /notifications?after=a%2Bb", 200, json!({ "items": [message(None, None)], "next": null }));
    browser.get("/account/messages?after=a%2Bb").await.holds(200, &["1001"]).lacks(&["Older ones"]);
    // Nobody can tell how many there are in all: those that are seen are counted.
    desk.anew();
    desk.answer(LIST, 200, json!({ "items": [message(None, None)], "next": null }));
    browser.get("/account/messages").await.holds(200, &["One is not read yet."]);
    desk.anew();
    desk.answer(COUNT, 200, json!({ "unread": 0 })).answer(LIST, 200, json!({ "items": [], "next": null }));
    browser.get("/account/messages").await.holds(200, &["There is none here yet."]).lacks(&["Mark all"]);
    desk.answer("GET /notifications?after=made-up", 400, problem("invalid_cursor", "This place is not in the list."));
    browser.get("/account/messages?after=made-up").await.holds(400, &["This place is not in the list."]);
}

#[tokio::test]
async fn a_message_that_is_opened_is_read() {
    let (desk, browser) = logged_in(900).await;
    desk.answer(&read(), 200, message(Some("2026-01-02T03:04:05Z"), Some(ORDER)));
    let page = browser.get(&format!("/account/messages/{ONE}")).await;
    page.holds(
        200,
        &[
            "<h1>Payment received: &#60;order&#62; 1001</h1>",
            "<p>Your &#60;payment&#62; has arrived.</p>\n<p>We are packing it now.</p>",
            &format!("href=\"/orders/{ORDER}\""),
        ],
    );
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(desk.lines(), [read()]);
    // Others', and none at all.
    desk.anew();
    desk.answer(&read(), 404, problem("notification_not_found", ""));
    for id in [ONE, "nonsense"] {
        browser.get(&format!("/account/messages/{id}")).await.holds(404, &["There is nothing at this address."]);
    }
}

#[tokio::test]
async fn what_a_browser_fetches_ahead_is_read_by_nobody() {
    let (desk, browser) = logged_in(900).await;
    for (name, value) in [("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch")] {
        let page = browser.get_as(&format!("/account/messages/{ONE}"), &[(name, value)]).await;
        assert_eq!(page.status, 503);
    }
    assert_eq!(desk.lines(), [""; 0]);
}

#[tokio::test]
async fn all_are_marked_as_read_by_a_button_of_ours_alone() {
    let (desk, browser) = logged_in(900).await;
    desk.answer("POST /notifications/read-all", 200, json!({ "marked": 3 }));
    browser.send("/account/messages", &[("act", "made up")]).await.leads_to("/account/messages");
    let foreign = [("sec-fetch-site", "cross-site")];
    assert_eq!(browser.send_as("/account/messages", &[("act", "read")], &foreign).await.status, 403);
    assert_eq!(desk.lines(), [""; 0]);
    browser.send("/account/messages", &[("act", "read")]).await.leads_to("/account/messages?done=read");
    assert_eq!(desk.lines(), ["POST /notifications/read-all"]);
    desk.answer(COUNT, 200, json!({ "unread": 0 })).answer(
        LIST,
        200,
        json!({ "items": [message(Some("2026-01-02T03:04:05Z"), None)], "next": null }),
    );
    browser
        .get("/account/messages?done=read")
        .await
        .holds(200, &["All are marked as read.", "You have read all of them."]);
}

#[tokio::test]
async fn who_is_not_logged_in_has_none() {
    let (desk, nobody) = open().await;
    nobody.get("/account/messages").await.leads_to("/login?next=%2Faccount%2Fmessages");
    let there = format!("/login?next=%2Faccount%2Fmessages%2F{ONE}");
    nobody.get(&format!("/account/messages/{ONE}")).await.leads_to(&there);
    nobody.send("/account/messages", &[("act", "read")]).await.leads_to("/login?next=%2Faccount%2Fmessages");
    assert_eq!(desk.lines(), [""; 0]);
}
