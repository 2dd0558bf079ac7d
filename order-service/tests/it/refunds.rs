//! Money that went back is noted once, and only as what it is.

use crate::support::{Shop, refunded};
use contracts::{Money, RawEvent, events::order::Created};
use serde_json::json;
use test_kit::{event, until};

fn refund(order: &Created, amount: Money) -> RawEvent {
    let mut data = refunded(order).decode::<contracts::events::payment::Refunded>().unwrap().data;
    data.amount = amount;
    event(2, data)
}

async fn shown(shop: &Shop, order: &Created) -> serde_json::Value {
    let answer = shop.customer.get(&format!("/orders/{}", order.order_id)).await;
    answer.assert_status(200).body["refunded"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_told_of_by_two_events_is_noted_once() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let first = refund(&order, Money::new(1000, order.total.currency));
    let again = event(3, first.clone().decode::<contracts::events::payment::Refunded>().unwrap().data);
    shop.deliver(&first).await;
    shop.deliver(&again).await;
    assert_eq!(shown(&shop, &order).await, json!({"amount": 1000, "currency": "EUR"}));
    // Another refund of the same order is another one.
    shop.deliver(&refund(&order, Money::new(500, order.total.currency))).await;
    assert_eq!(shown(&shop, &order).await, json!({"amount": 1500, "currency": "EUR"}));
    assert_eq!(shop.database.count("SELECT sum(amount)::bigint FROM order_refunds").await, 1500);
    shop.running.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_cannot_be_right_changes_nothing_and_waits_for_an_operator() {
    let shop = Shop::open().await;
    shop.running.leaves_queued("what was refused waits for an operator");
    let order = shop.order().await;
    let wrong = [
        (
            Money::new(10, "JPY".parse().unwrap()),
            "gives 10 JPY as its amount, and that up to 39.98 EUR can go back is known here",
        ),
        (Money::new(order.total.amount + 1, order.total.currency), "gives 39.99 EUR as its amount"),
        (Money::new(-1, order.total.currency), "gives -0.01 EUR as its amount"),
        (Money::zero(order.total.currency), "gives 0.00 EUR as its amount"),
        (Money::new(i64::MIN, order.total.currency), "as its amount"),
        (Money::new(i64::MAX, order.total.currency), "as its amount"),
    ];
    for (amount, reason) in wrong {
        let event = refund(&order, amount);
        shop.deliver(&event).await;
        let query = "SELECT reason FROM inbox WHERE event_id = $1 AND status = 'waiting'";
        let noted = until("the refund to wait with its reason", || async {
            let query = sqlx::query_scalar::<_, String>(query).bind(event.id.uuid());
            query.fetch_optional(shop.database.pool()).await.unwrap()
        })
        .await;
        assert!(noted.contains(reason), "{noted}");
    }
    assert_eq!(shown(&shop, &order).await, json!({"amount": 0, "currency": "EUR"}));
    assert_eq!(shop.database.count("SELECT count(*) FROM order_refunds").await, 0);
}
