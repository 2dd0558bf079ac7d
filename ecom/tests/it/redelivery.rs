//! A broker on a bad day: everything again, three times, in another order.

use crate::support::{Shop, Way, key, order};
use contracts::{
    Currency, Money, RawEvent, ServiceName,
    events::{
        order::{CancelReason, Cancelled},
        product::ReservationExpired,
    },
};
use serde_json::{Value, json};
use sqlx::Row;
use std::collections::BTreeMap;
use test_kit::{event, until};
use uuid::Uuid;

/// What the shop looks like to those who own and buy, of these orders: everything but logs and times.
async fn state(shop: &Shop, orders: &[String]) -> BTreeMap<&'static str, Value> {
    let tables: &[(ServiceName, &str, &str)] = &[
        (
            ServiceName::Order,
            "orders",
            "SELECT id::text, status, refunded FROM orders WHERE id::text = ANY($1) ORDER BY id",
        ),
        (ServiceName::Order, "refunds", "SELECT refund_id::text, amount FROM order_refunds ORDER BY refund_id"),
        (ServiceName::Product, "stock", "SELECT variant_id::text, on_hand, reserved FROM stock ORDER BY variant_id"),
        (
            ServiceName::Product,
            "reservations",
            "SELECT checkout_id::text, status FROM reservations WHERE order_id::text = ANY($1) ORDER BY checkout_id",
        ),
        (
            ServiceName::Payment,
            "payments",
            "SELECT order_id::text, status, captured, refunded FROM payments WHERE order_id::text = ANY($1) ORDER BY id",
        ),
        (
            ServiceName::Payment,
            "ledger",
            "SELECT account, currency, sum(amount)::bigint FROM ledger_entries
             GROUP BY account, currency ORDER BY account",
        ),
        (
            ServiceName::Notify,
            "messages",
            "SELECT event_id::text, template FROM messages WHERE order_id::text = ANY($1) ORDER BY event_id, template",
        ),
        (
            ServiceName::Notify,
            "deliveries",
            "SELECT count(*) FROM deliveries JOIN messages ON messages.id = message_id WHERE order_id::text = ANY($1)",
        ),
    ];
    let mut state = BTreeMap::new();
    for (service, name, query) in tables {
        let query = format!("SELECT coalesce(json_agg(t), '[]'), $1::text[] FROM ({query}) AS t");
        let query = sqlx::query(sqlx::AssertSqlSafe(query)).bind(orders);
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

async fn publish(shop: &Shop, events: &[RawEvent]) {
    for answer in shop.kits[&ServiceName::Order].bus.publish(events).await {
        answer.unwrap();
    }
}

/// Waits until everything published before has been worked on. A repeat leaves no trace to wait for, so news about
/// nobody's orders is sent after it: queues keep their order, and this much of it is more than one batch.
async fn flush(shop: &Shop) {
    let mut news = Vec::new();
    for _ in 0..100 {
        let (checkout_id, order_id) = (Uuid::new_v4().into(), Uuid::new_v4().into());
        news.push(event(1, ReservationExpired { checkout_id, order_id }));
        let nobody = Uuid::new_v4().into();
        let total = Money::new(1250, Currency::EUR);
        let reason = CancelReason::Requested;
        let cancelled =
            Cancelled { order_id, customer_id: nobody, number: 1, checkout_id, total, reason, was_paid: false };
        news.push(event(1, cancelled));
    }
    publish(shop, &news).await;
    for sent in &news {
        for subscriber in contracts::events::find(&sent.kind).unwrap().subscribers {
            let query = "SELECT count(*) FROM inbox WHERE event_id = $1 AND status = 'done'";
            until("news to have been worked on", || async {
                let query = sqlx::query_scalar::<_, i64>(query).bind(sent.id.uuid());
                (query.fetch_one(shop.databases[subscriber].pool()).await.unwrap() == 1).then_some(())
            })
            .await;
        }
    }
}

async fn every_event_three_times_in_another_order(way: Way) {
    let shop = Shop::open(way).await;
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
    until("the refund", || async {
        let shown = customer.get(&format!("/api/orders/{}", ids[0])).await;
        (shown.body["refunded"]["amount"] == 1250).then_some(())
    })
    .await;
    shop.quiet().await;
    let before = state(&shop, &ids).await;

    let mut events = all_events(&shop).await;
    // Any order will do; this one mixes services and turns time round.
    events.sort_by_key(|event| std::cmp::Reverse(event.id.uuid().as_u128() % 1_000_003));
    for _ in 0..3 {
        publish(&shop, &events).await;
    }
    flush(&shop).await;
    shop.quiet().await;
    assert_eq!(state(&shop, &ids).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_three_times_in_another_order_changes_nothing() {
    every_event_three_times_in_another_order(Way::Local).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_three_times_in_another_order_changes_nothing_over_rabbitmq() {
    every_event_three_times_in_another_order(Way::Rabbit).await;
}
