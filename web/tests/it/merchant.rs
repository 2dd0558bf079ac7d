//! The merchant's orders, payments and customers, and the page that a day begins with.

mod customers;
mod orders;
mod payments;
mod start;
mod withdrawals;

use serde_json::{Value, json};

pub(super) const ORDER: &str = "01890a5d-ac96-774b-bcce-b302099a8072";
pub(super) const OTHER: &str = "01890a5d-ac96-774b-bcce-b302099a8073";
pub(super) const PAYMENT: &str = "01890a5d-ac96-774b-bcce-b302099a8074";
pub(super) const CUSTOMER: &str = "01890a5d-ac96-774b-bcce-b302099a8058";

pub(super) fn euro(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

pub(super) fn order(id: &str, number: i64, status: &str) -> Value {
    json!({
        "id": id, "number": number, "customer_id": CUSTOMER, "status": status,
        "lines": [{
            "sku": "MUG&1", "name": "A <mug>", "quantity": 2, "unit_price": euro(1299), "line_total": euro(2598),
        }],
        "total": euro(2598), "refunded": euro(0), "payment_method": "sim_ok",
        "shipping_address": { "name": "Ada <L>", "line1": "1 Road", "postal_code": "1", "city": "Town", "country": "DE" },
        "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z", "something_new": true,
    })
}

pub(super) fn payment(status: &str) -> Value {
    json!({
        "id": PAYMENT, "order_id": ORDER, "order_number": 1001, "customer_id": CUSTOMER, "total": euro(2598),
        "method": "sim_ok", "status": status, "authorised": euro(2598), "captured": euro(2598), "refunded": euro(598),
        "failure_reason": null, "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:06Z",
    })
}

pub(super) fn ledger() -> Value {
    let entry = |account: &str, amount: i64| json!({ "account": account, "amount": euro(amount) });
    json!({ "items": [{
        "id": OTHER, "kind": "capture", "source_id": PAYMENT, "booked_at": "2026-01-02T03:04:05Z",
        "entries": [entry("provider_clearing", 2598), entry("customer_prepayments", -2598)],
    }]})
}

pub(super) fn user(suspended: bool) -> Value {
    json!({
        "id": CUSTOMER, "first_name": "Ada", "last_name": "<Lovelace>", "email": "ada@example.com", "phone": null,
        "role": "customer", "suspended_at": suspended.then_some("2026-01-03T03:04:05Z"),
        "created_at": "2026-01-02T03:04:05Z",
    })
}

pub(super) fn page(items: &[Value], next: Option<&str>) -> Value {
    json!({ "items": items, "next": next })
}
