//! `ecom timeline`: an order's whole life, as the command prints it.

use crate::support::{Shop, Way, key, order};
use operate::timeline::{self, OrderRef, Timeline};
use serde_json::json;
use std::collections::BTreeMap;
use test_kit::until;
use uuid::Uuid;

/// Once nothing is open any more.
async fn told(shop: &Shop, id: &str) -> Timeline {
    let reach = shop.reach().await;
    until("the order's life to be told whole", || async {
        let timeline = timeline::timeline(&reach, id.parse().unwrap()).await.unwrap();
        timeline.open.is_empty().then_some(timeline)
    })
    .await
}

/// Ids and times are another's each time; the rest of a line is not. What the services do side by side has no fixed
/// order, so each one's lines are compared by themselves.
fn by_service(timeline: &Timeline) -> String {
    let mut services: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for entry in &timeline.entries {
        let line = redacted(&format!("{}: {}", entry.what, entry.details));
        services.entry(entry.who).or_default().push(line.trim_end_matches(": ").to_owned());
    }
    let mut text = String::new();
    for (service, mut lines) in services {
        lines.sort();
        text = format!("{text}{service}\n  {}\n", lines.join("\n  "));
    }
    text
}

/// UUIDs become `[id]`, also within keys.
fn redacted(text: &str) -> String {
    let mut text = text.to_owned();
    let ids: Vec<String> = (0..text.len().saturating_sub(35))
        .filter_map(|start| text.get(start..start + 36))
        .filter(|part| part.contains('-') && Uuid::parse_str(part).is_ok())
        .map(str::to_owned)
        .collect();
    for id in ids {
        text = text.replace(&id, "[id]");
    }
    text
}

/// Where the first line with this in it stands.
fn place(timeline: &Timeline, what: &str) -> usize {
    let found = timeline.entries.iter().position(|entry| entry.what == what);
    found.unwrap_or_else(|| panic!("{what} is not in {:?}", timeline.lines()))
}

fn assert_whole(timeline: &Timeline) {
    assert_eq!(timeline.silent, [""; 0]);
    assert!(timeline.entries.is_sorted_by_key(|entry| entry.at));
    let text = timeline.lines().join("\n");
    for personal in ["Ada", "Lovelace", "example.com", "St James"] {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_is_told_from_reservation_to_mail() {
    let shop = Shop::open(Way::Local).await;
    shop.sell("MUG", 1250, 10).await;
    let (_, ada) = shop.register("ada@example.com").await;
    let id = order(&ada, &key(), "sim_ok", &[("MUG", 2)]).await.assert_status(201).text_at("/id");
    shop.settled_order(&id).await;
    shop.mail("ada@example.com", "confirmed").await;
    shop.quiet().await;
    let timeline = told(&shop, &id).await;
    assert_whole(&timeline);
    insta::assert_snapshot!(by_service(&timeline));
    let order_of =
        ["stock reserved", "placed; stock is reserved", "handled order.created", "charged", "paid", "email sent"];
    let places = order_of.map(|what| place(&timeline, what));
    assert!(places[..5].is_sorted(), "{:?}", timeline.lines());
    assert_eq!(timeline.lines()[0], "Order 1001 paid: 25.00 EUR, sim_ok");
    // The same by number.
    let reach = shop.reach().await;
    let by_number = timeline::timeline(&reach, OrderRef::Number(1001)).await.unwrap();
    assert_eq!(by_number.order.id.to_string(), id);
    let unknown = timeline::timeline(&reach, OrderRef::Number(7)).await.unwrap_err().to_string();
    assert!(unknown.starts_with("there is no order 7"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_order_is_told_with_its_stock_given_back() {
    let shop = Shop::open(Way::Local).await;
    shop.sell("MUG", 1250, 10).await;
    let (_, ada) = shop.register("ada@example.com").await;
    let id = order(&ada, &key(), "sim_declined", &[("MUG", 1)]).await.assert_status(201).text_at("/id");
    shop.settled_order(&id).await;
    shop.mail("ada@example.com", "was cancelled").await;
    shop.quiet().await;
    let timeline = told(&shop, &id).await;
    assert_whole(&timeline);
    insta::assert_snapshot!(by_service(&timeline));
    assert_eq!(timeline.lines()[0], "Order 1001 cancelled (payment_declined): 12.50 EUR, sim_declined");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_and_refunded_order_is_told_with_both_bookings() {
    let shop = Shop::open(Way::Local).await;
    shop.sell("MUG", 1250, 10).await;
    let (_, ada) = shop.register("ada@example.com").await;
    let id = order(&ada, &key(), "sim_ok", &[("MUG", 1)]).await.assert_status(201).text_at("/id");
    shop.settled_order(&id).await;
    // Before its own cancellation would overtake it.
    shop.mail("ada@example.com", "confirmed").await;
    let cancel = ada.with_header("Idempotency-Key", key());
    cancel.post(&format!("/api/orders/{id}/cancel"), json!({})).await.assert_status(200);
    until("the refund to reach the order", || async {
        let shown = ada.get(&format!("/api/orders/{id}")).await;
        (shown.body["refunded"]["amount"] == 1250).then_some(())
    })
    .await;
    shop.mail("ada@example.com", "refund").await;
    shop.quiet().await;
    let timeline = told(&shop, &id).await;
    assert_whole(&timeline);
    insta::assert_snapshot!(by_service(&timeline));
    let order_of = ["booked the capture", "refund stored", "refunded", "booked the refund", "12.50 EUR refunded"];
    assert!(order_of.map(|what| place(&timeline, what)).is_sorted(), "{:?}", timeline.lines());
    // Two requests, two traces.
    assert!(timeline.lines().iter().any(|line| line.starts_with("Trace b is ")), "{:?}", timeline.lines());
}
