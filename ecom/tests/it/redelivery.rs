//! A broker on a bad day: everything again, three times, in another order.

use crate::support::{Shop, Way, key, order};
use contracts::{RawEvent, ServiceName};
use serde_json::{Value, json};
use sqlx::Row;
use std::collections::BTreeMap;

/// What the shop looks like to those who own and buy: everything but logs and times.
async fn state(shop: &Shop) -> BTreeMap<&'static str, Value> {
    let tables: &[(ServiceName, &str, &str)] = &[
        (ServiceName::Order, "orders", "SELECT id::text, status, refunded FROM orders ORDER BY id"),
        (ServiceName::Product, "stock", "SELECT variant_id::text, on_hand, reserved FROM stock ORDER BY variant_id"),
        (
            ServiceName::Product,
            "reservations",
            "SELECT checkout_id::text, status FROM reservations ORDER BY checkout_id",
        ),
        (
            ServiceName::Payment,
            "payments",
            "SELECT order_id::text, status, captured, refunded FROM payments ORDER BY id",
        ),
        (
            ServiceName::Payment,
            "ledger",
            "SELECT account, currency, sum(amount)::bigint FROM ledger_entries
                                          GROUP BY account, currency ORDER BY account",
        ),
        (ServiceName::Notify, "messages", "SELECT event_id::text, template FROM messages ORDER BY event_id, template"),
        (ServiceName::Notify, "deliveries", "SELECT count(*) FROM deliveries"),
    ];
    let mut state = BTreeMap::new();
    for (service, name, query) in tables {
        let query = format!("SELECT coalesce(json_agg(t), '[]') FROM ({query}) AS t");
        let query = sqlx::query(sqlx::AssertSqlSafe(query));
        let row = query.fetch_one(shop.databases[service].pool()).await.unwrap();
        state.insert(*name, row.get::<Value, _>(0));
    }
    state
}

async fn all_events(shop: &Shop) -> Vec<RawEvent> {
    let mut all = Vec::new();
    for database in shop.databases.values() {
        let query = sqlx::query_scalar::<_, Value>("SELECT envelope FROM event_log ORDER BY position");
        let rows = query.fetch_all(database.pool()).await.unwrap();
        all.extend(rows.into_iter().map(|json| RawEvent::from_json(json).unwrap()));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_three_times_in_another_order_changes_nothing() {
    let shop = Shop::open(Way::Local).await;
    shop.sell("MUG", 1250, 10).await;
    let customer = shop.customer();
    let mut ids = Vec::new();
    for method in ["sim_ok", "sim_declined", "sim_ok"] {
        let placed = order(&customer, &key(), method, &[("MUG", 1)]).await;
        ids.push(placed.assert_status(201).text_at("/id"));
        shop.settled_order(&ids[ids.len() - 1]).await;
    }
    let cancel = customer.with_header("Idempotency-Key", key());
    cancel.post(&format!("/api/orders/{}/cancel", ids[0]), json!({})).await.assert_status(200);
    test_kit::until("the refund", || async {
        let shown = customer.get(&format!("/api/orders/{}", ids[0])).await;
        (shown.body["refunded"]["amount"] == 1250).then_some(())
    })
    .await;
    shop.quiet().await;
    let before = state(&shop).await;

    let mut events = all_events(&shop).await;
    // Any order will do; this one mixes services and turns time round.
    events.sort_by_key(|event| std::cmp::Reverse(event.id.uuid().as_u128() % 1_000_003));
    for _ in 0..3 {
        // The local bus answers when every subscriber has committed.
        for answer in shop.kits[&ServiceName::Order].bus.publish(&events).await {
            answer.unwrap();
        }
    }
    shop.quiet().await;
    assert_eq!(state(&shop).await, before);
}
