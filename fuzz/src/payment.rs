//! What the payment provider answers. Where it makes no sense nothing is known, and nothing else is made of it.

use crate::support::{choice, chosen, text};
use contracts::{Currency, Money};
use http::StatusCode;
use payment_service::fuzzed::{Heard, charged, refunded};
use serde_json::{Value, json};

const ASKED: Money = Money::new(1999, Currency::EUR);
const STATUSES: [u16; 6] = [200, 404, 201, 402, 500, 302];

pub(crate) fn payment(data: &[u8]) {
    let (number, body) = choice(data, STATUSES.len());
    let status = StatusCode::from_u16(STATUSES[number]).expect("a status");
    // What is not known is passed over, whatever bytes its text holds.
    let said: Value = serde_json::from_str(&text(body)).unwrap_or_default();
    let as_asked = said["amount"] == json!(ASKED.amount) && said["currency"] == "EUR" && said["id"].is_string();
    for (heard, done) in [(charged(status, body, ASKED), "captured"), (refunded(status, body, ASKED), "completed")] {
        match (status.as_u16(), &heard) {
            (200, Heard::Done(name)) => {
                assert!(as_asked && said["status"] == done && said["id"] == json!(name), "money moved by {said}");
            }
            (200, Heard::Not) => assert!(said["status"] == "declined" || said["status"] == "cancelled", "{said}"),
            (404, Heard::NotYet) | (_, Heard::Unclear(_)) => {}
            _ => assert_eq!(heard, Heard::Unclear(String::new()), "answered with {status}"),
        }
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let bodies = [
        json!({"id": "ch_1", "status": "captured", "amount": 1999, "currency": "EUR"}),
        json!({"id": "ch_1", "status": "captured", "amount": 1999.0, "currency": "USD"}),
        json!({"id": "re_1", "status": "completed", "amount": 1999, "currency": "EUR"}),
        json!({"id": null, "status": "declined", "reason": "unknown_method"}),
        json!({"status": "cancelled"}),
        json!(["ch_1", "captured", null, 1999, "EUR"]),
    ];
    let mut seeds: Vec<_> = bodies.iter().map(|body| chosen(0, body.to_string())).collect();
    seeds.extend((1..STATUSES.len()).map(|number| chosen(number, bodies[0].to_string())));
    seeds
}
