//! Payments: listed by where they stand, and one with what went back and the books.

use super::{ORDER, OTHER, PAYMENT, euro, ledger, page, payment};
use crate::stand_in::{clerk, problem};
use serde_json::json;

#[tokio::test]
async fn payments_are_listed_by_where_they_stand() {
    let (desk, browser) = clerk("payments:read").await;
    desk.answer("GET /payments?limit=25&status=captured", 200, page(&[payment("captured")], Some("a+b")));
    browser.get("/office/payments?status=captured").await.holds(
        200,
        &[
            &format!("<a href=\"/office/payments/{PAYMENT}\">1001</a>"),
            "5.98 EUR",
            "value=\"captured\" selected>taken",
            "href=\"/office/payments?status=captured&#38;after=a%2Bb\"",
        ],
    );
    desk.answer("GET /payments?limit=25&status=cancelled&after=x", 200, page(&[], Some("y")));
    browser.get("/office/payments?status=cancelled&after=x").await.holds(200, &["none among the newest 30,000"]);
    desk.answer("GET /payments?limit=25&status=lost", 400, problem("invalid_query", "That is no status."));
    browser.get("/office/payments?status=lost").await.holds(400, &["That is no status."]);
}

#[tokio::test]
async fn a_payment_is_shown_with_what_goes_back_and_what_is_booked() {
    let (desk, browser) = clerk("payments:read").await;
    let mut whole = payment("captured");
    whole["refunds"] = json!([{
        "id": OTHER, "amount": euro(598), "status": "completed", "requested_at": "2026-01-02T03:04:05Z",
        "completed_at": "2026-01-02T03:05:05Z",
    }]);
    desk.answer(&format!("GET /payments/{PAYMENT}"), 200, whole);
    desk.answer(&format!("GET /payments/{PAYMENT}/ledger"), 200, ledger());
    let shown = browser.get(&format!("/office/payments/{PAYMENT}")).await;
    shown.holds(200, &["Payment of order 1001", "gone", "5.98 EUR", "Owed to customers", "-25.98 EUR"]);
    // Links lead where they may go.
    shown.lacks(&[&format!("/office/orders/{ORDER}")]);
    browser.get(&format!("/office/payments/{OTHER}")).await.holds(404, &["There is nothing at this address."]);
    browser.get("/office/payments/x").await.holds(404, &["There is nothing at this address."]);
}
