//! What people declared that they withdraw from, as staff see it and close it.

use super::{CUSTOMER, ORDER, OTHER, page, user};
use crate::stand_in::{clerk, problem, wrong};
use serde_json::{Value, json};

const LIST: &str = "GET /orders/withdrawals";
const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8090";
const CLOSE: &str = "POST /orders/withdrawals/01890a5d-ac96-774b-bcce-b302099a8090/close";

fn withdrawal(id: &str, email: &str, order: Option<&str>, closed: bool) -> Value {
    json!({
        "id": id, "order_number": if order.is_some() { "1001" } else { "<none>" }, "order_id": order,
        "customer_id": order.map(|_| CUSTOMER), "name": "Ada <L>", "email": email, "reason": "Too small.\n<b>",
        "received_at": "2026-01-02T03:04:05Z", "closed_at": closed.then_some("2026-01-03T03:04:05Z"),
        "closed_by": closed.then_some(OTHER), "outcome": closed.then_some("Sent back."), "something_new": true,
    })
}

#[tokio::test]
async fn it_says_whose_the_address_is_and_leads_to_the_order() {
    let (desk, browser) = clerk("orders:read orders:write users:read").await;
    let listed = [
        withdrawal(ID, "Ada@Example.com", Some(ORDER), false),
        withdrawal(OTHER, "eve@example.com", Some(ORDER), false),
        withdrawal(CUSTOMER, "eve@example.com", None, false),
        withdrawal(ORDER, "eve@example.com", Some(ORDER), true),
    ];
    desk.answer(LIST, 200, page(&listed, Some("a+b")));
    desk.answer(&format!("GET /users/{CUSTOMER}"), 200, user(false));
    let shown = browser.get("/office/withdrawals").await;
    shown.holds(
        200,
        &[
            &format!("<a href=\"/office/orders/{ORDER}\">Order 1001</a>"),
            "The address is that of the order&#39;s account.",
            "The address is another than that of the order&#39;s account.",
            "There is no order of this number.",
            "“&#60;none&#62;”",
            "Ada &#60;L&#62;, Ada@Example.com",
            "Too small.\n&#60;b&#62;",
            "Closed 2026-01-03 03:04 UTC: Sent back.",
            "href=\"/office/withdrawals?after=a%2Bb\"",
        ],
    );
    assert_eq!(shown.text.matches("Close it").count(), 3);
    // One person is asked for once.
    assert_eq!(desk.lines(), [LIST.to_owned(), format!("GET /users/{CUSTOMER}")]);
    // Who has no account may be a guest.
    let (account, guest) = (format!("GET /users/{CUSTOMER}"), format!("GET /users/guests/{CUSTOMER}"));
    desk.anew().answer(LIST, 200, page(&listed[..2], None)).answer(&account, 404, problem("account_not_found", ""));
    let of_guest = json!({
        "id": CUSTOMER, "email": "ada@example.com", "ordered": true, "account_id": null,
        "created_at": "2026-01-02T03:04:05Z",
    });
    desk.answer(&guest, 200, of_guest);
    browser.get("/office/withdrawals").await.holds(
        200,
        &["is the one that the guest ordered with.", "is another than the one that the guest ordered with."],
    );
    desk.anew().answer(LIST, 200, page(&listed[..1], None)).answer(&account, 404, problem("account_not_found", ""));
    desk.answer(&guest, 404, problem("account_not_found", ""));
    browser.get("/office/withdrawals").await.holds(200, &["Who placed the order cannot be told"]);
    desk.anew().answer(LIST, 200, page(&listed[..1], None)).answer(&account, 503, problem("database_unavailable", ""));
    browser.get("/office/withdrawals").await.holds(200, &["cannot be asked at the moment"]);
    let (desk, reader) = clerk("orders:read").await;
    desk.answer(LIST, 200, page(&listed, None));
    reader.get("/office/withdrawals").await.holds(200, &["Order 1001"]).lacks(&["Close it", "The address is"]);
    let (_, other) = clerk("products:read").await;
    other.get("/office/withdrawals").await.holds(403, &["orders:read"]);
}

#[tokio::test]
async fn one_is_closed_in_a_word_and_what_was_typed_stays_where_it_is_refused() {
    let (desk, browser) = clerk("orders:read orders:write").await;
    desk.answer(LIST, 200, page(&[withdrawal(ID, "ada@example.com", Some(ORDER), false)], None));
    desk.answer(CLOSE, 200, withdrawal(ID, "ada@example.com", Some(ORDER), true));
    let fields = [("id", ID), ("after", ""), ("outcome", "Sent \"back\".")];
    browser.send("/office/withdrawals", &fields).await.leads_to("/office/withdrawals?done=closed");
    assert_eq!(desk.asked()[0].body, json!({ "outcome": "Sent \"back\"." }));
    browser.get("/office/withdrawals?done=closed").await.holds(200, &["It is closed."]);
    for (status, answer, told) in [
        (422, wrong(&[("/outcome", "must hold 1 to 500 characters")]), "The outcome must hold 1 to 500 characters."),
        (409, problem("withdrawal_closed", "Somebody has closed this already."), "Somebody has closed this already."),
    ] {
        desk.anew().answer(LIST, 200, page(&[withdrawal(ID, "ada@example.com", Some(ORDER), false)], None));
        desk.answer(CLOSE, status, answer);
        let shown = browser.send("/office/withdrawals", &fields).await;
        shown.holds(status, &[told, "role=\"alert\"", "value=\"Sent &#34;back&#34;.\""]);
    }
}

#[tokio::test]
async fn a_day_begins_with_how_many_are_open() {
    let (desk, browser) = clerk("orders:read").await;
    let figures =
        json!({ "read_at": "2026-01-02T03:04:05Z", "waiting": 0, "overdue": 0, "withdrawals": 2, "days": [] });
    desk.answer("GET /orders/figures?days=30", 200, figures);
    let words = "<a href=\"/office/withdrawals\">2 withdrawals were declared and are open</a>";
    browser.get("/office").await.holds(200, &[words]);
}
