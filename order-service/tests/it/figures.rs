//! What a start page shows of orders.

use crate::support::{Shop, cancel, declined, paid};
use serde_json::{Value, json};
use test_kit::until;

async fn figures(shop: &Shop) -> Value {
    shop.admin.get("/orders/figures?days=3").await.assert_status(200).body.clone()
}

/// Of all days together: orders, paid, declined, cents.
fn sums(figures: &Value) -> (i64, i64, i64, i64) {
    let days = figures["days"].as_array().unwrap();
    assert_eq!(days.len(), 3);
    let sum = |name: &str| days.iter().map(|day| day[name].as_i64().unwrap()).sum();
    let revenue = days.iter().flat_map(|day| day["revenue"].as_array().unwrap());
    let cents = revenue.map(|money| money["amount"].as_i64().unwrap()).sum();
    (sum("orders"), sum("paid"), sum("declined"), cents)
}

/// Two are paid, one of them is given back; one is declined, one pends.
async fn fill(shop: &Shop) {
    let (one, two, three) = (shop.order().await, shop.order().await, shop.order().await);
    shop.order().await;
    shop.deliver(&paid(&one)).await;
    shop.deliver(&paid(&two)).await;
    shop.deliver(&declined(&three)).await;
    cancel(&shop.customer, two.order_id).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_tell_of_orders_by_day_and_of_what_waits_and_are_kept_for_a_minute() {
    let shop = Shop::open().await;
    fill(&shop).await;
    let first = figures(&shop).await;
    assert_eq!(sums(&first), (4, 2, 1, 2 * 3998));
    assert_eq!((&first["waiting"], &first["overdue"]), (&json!(1), &json!(0)));
    shop.order().await;
    assert_eq!(figures(&shop).await, first);
    shop.clock.advance(time::Duration::seconds(61));
    assert_eq!(sums(&figures(&shop).await).0, 5);
    assert_eq!(shop.admin.get("/orders/figures").await.body["days"].as_array().unwrap().len(), 30);
    for wrong in [0, 91] {
        shop.admin.get(&format!("/orders/figures?days={wrong}")).await.assert_problem(422, "invalid_fields");
    }
    shop.customer.get("/orders/figures").await.assert_problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_that_are_over_are_counted_once_and_none_is_counted_twice() {
    // Its job looks as often as the deadline is short.
    let shop = Shop::open_given(&[("PAYMENT_DEADLINE", "2")]).await;
    fill(&shop).await;
    assert_eq!(shop.database.count("SELECT count(*) FROM order_hours").await, 0);
    shop.advance(3 * 60);
    until("the hour to be counted", || async {
        let counted = shop.database.count("SELECT coalesce(sum(orders), 0)::bigint FROM order_hours").await;
        (counted == 4).then_some(())
    })
    .await;
    let counted = "SELECT sum(paid * 1000000 + declined * 100000 + revenue)::bigint FROM order_hours";
    assert_eq!(shop.database.count(counted).await, 2_000_000 + 100_000 + 2 * 3998);
    shop.running.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_that_was_counted_is_not_counted_again_by_who_looks() {
    let shop = Shop::open().await;
    shop.order().await;
    sqlx::query(
        "INSERT INTO order_hours (hour, currency, orders, paid, revenue, declined)
         SELECT date_trunc('hour', $1::timestamptz, 'UTC') - hours * interval '1 hour', 'EUR', 10 * hours + 1, 0, 0, 0
         FROM unnest('{0,24}'::int[]) AS hours",
    )
    .bind(shop.clock.now() + time::Duration::minutes(1))
    .execute(shop.database.pool())
    .await
    .unwrap();
    // This hour's and that of the day before; the order itself is of one that was counted.
    assert_eq!(sums(&figures(&shop).await).0, 1 + 241);
}
