//! The page that a day begins with.

use super::{euro, page, payment};
use crate::stand_in::{clerk, problem};
use serde_json::{Value, json};

fn figures(waiting: i64, overdue: i64) -> Value {
    let day = |day: &str, orders: i64, declined: i64, revenue: Value| json!({ "day": day, "orders": orders, "paid": orders, "declined": declined, "revenue": revenue });
    json!({
        "read_at": "2026-01-02T03:04:05Z", "waiting": waiting, "overdue": overdue,
        "days": [day("2026-01-01", 2, 1, json!([])), day("2026-01-02", 4, 0, json!([euro(5000), { "amount": 700, "currency": "USD" }]))],
    })
}

const ASKED: &str = "GET /orders/figures?days=30";
const STOCK_OUTS: &str = "GET /products/figures?days=30";
const LOWEST: &str = "GET /products/stock?low=10&limit=10";
const UNCLEAR: &str = "GET /payments?status=unknown&limit=100";

#[tokio::test]
async fn it_tells_what_needs_a_hand_and_draws_the_last_days_with_a_table_beside_each_picture() {
    let (desk, browser) = clerk("orders:read payments:read").await;
    desk.answer(ASKED, 200, figures(101, 1)).answer(
        UNCLEAR,
        200,
        page(&[payment("unknown"), payment("unknown")], None),
    );
    let shown = browser.get("/office").await;
    shown.holds(
        200,
        &[
            "<a href=\"/office/orders?status=paid\">More than 100 orders are paid and to be sent</a>",
            "<a href=\"/office/orders?status=pending\">1 order waits for its payment for too long</a>",
            "<a href=\"/office/payments?status=unknown\">2 payments whose answers are awaited</a>",
            "most on 2026-01-02: 4",
            "Declined payments as a table",
            "Revenue in EUR",
            "<td>2026-01-02</td><td>50.00 EUR</td>",
            "Revenue in USD",
        ],
    );
    assert_eq!(shown.text.matches("<svg").count(), 4);
}

#[tokio::test]
async fn what_is_away_is_said_to_be_and_what_is_not_permitted_is_left_out() {
    let (desk, browser) = clerk("orders:read payments:read").await;
    desk.answer(ASKED, 503, problem("database_unavailable", "")).answer(UNCLEAR, 200, page(&[], None));
    let shown = browser.get("/office").await;
    shown.holds(
        200,
        &["Nothing of what answered.", "Whether something of the orders does cannot be asked at the moment."],
    );
    shown.lacks(&["<svg", "payments does"]);
    desk.anew().answer(ASKED, 200, figures(0, 0)).answer(UNCLEAR, 200, page(&[], None));
    browser.get("/office").await.holds(200, &["Nothing does."]);
    let (desk, browser) = clerk("products:read").await;
    browser.get("/office").await.holds(200, &["href=\"/office/products\""]).lacks(&["What needs a hand", "<svg"]);
    assert_eq!(desk.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn what_ran_out_is_drawn_and_what_runs_low_is_listed() {
    let (desk, browser) = clerk("stock:read").await;
    let day = |day: &str, ran_out: i64| json!({ "day": day, "ran_out": ran_out });
    let figures = json!({ "days": [day("2026-01-01", 3), day("2026-01-02", 1)] });
    desk.answer(STOCK_OUTS, 200, figures).answer(LOWEST, 200, page(&[level("MUG&1", 0), level("TIN-2", 4)], None));
    let shown = browser.get("/office").await;
    shown.holds(
        200,
        &[
            "SKUs that ran out as a table",
            "most on 2026-01-01: 3",
            "<td>2026-01-02</td><td>1</td>",
            "Running low",
            "MUG&#38;1",
            "sold out",
            &format!("href=\"/office/products/{}#stock\"", super::OTHER),
            "href=\"/office/stock\"",
        ],
    );
    desk.anew().answer(STOCK_OUTS, 200, json!({ "days": [] })).answer(LOWEST, 503, problem("database_unavailable", ""));
    browser.get("/office").await.holds(200, &["Whether something of the stock does"]).lacks(&["Running low"]);
    desk.anew().answer(STOCK_OUTS, 200, json!({ "days": [] })).answer(LOWEST, 200, page(&[], None));
    browser.get("/office").await.holds(200, &["there are more than 10 to be had"]);
}

fn level(sku: &str, available: i64) -> Value {
    json!({
        "product_id": super::OTHER, "name": "A <thing>", "status": "active", "sku": sku, "location": "main",
        "on_hand": available + 1, "reserved": 1, "available": available,
    })
}
