//! Many orders that leave at once.

use crate::support::{Shop, cancel, paid};
use contracts::{
    OrderId,
    events::order::{Cancelled, Created, Fulfilled},
};
use serde_json::{Value, json};
use test_kit::Answer;
use uuid::Uuid;

async fn paid_order(shop: &Shop) -> Created {
    let order = shop.order().await;
    shop.deliver(&paid(&order)).await;
    order
}

async fn fulfil(shop: &Shop, ids: &[OrderId]) -> Answer {
    shop.admin.post("/orders/fulfil", json!({ "order_ids": ids })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_told_what_became_of_it_and_one_that_cannot_leave_holds_up_no_other() {
    let shop = Shop::open().await;
    let (first, unpaid, second) = (paid_order(&shop).await, shop.order().await, paid_order(&shop).await);
    let nowhere: OrderId = Uuid::new_v4().into();
    let ids = [first.order_id, unpaid.order_id, nowhere, second.order_id];
    let answer = fulfil(&shop, &ids).await;
    let gone = |order: &Created| json!({ "order_id": order.order_id, "fulfilled": true, "number": order.number, "code": null, "detail": null });
    let left = |id: OrderId, number: Option<i64>, code: &str, detail: &str| json!({ "order_id": id, "fulfilled": false, "number": number, "code": code, "detail": detail });
    let expected = json!({ "items": [
        gone(&first),
        left(unpaid.order_id, Some(unpaid.number), "wrong_order_status", "An order that is pending cannot be fulfilled."),
        left(nowhere, None, "order_not_found", "There is no such order."),
        gone(&second),
    ]});
    assert_eq!(answer.assert_status(200).body, expected);
    // A repeat changes nothing and says the same; nor does one that is named twice leave twice.
    assert_eq!(fulfil(&shop, &ids).await.body, expected);
    fulfil(&shop, &[first.order_id, first.order_id]).await.assert_status(200);
    for order in [&first, &second] {
        assert_eq!(shop.announced::<Fulfilled>(order.order_id.uuid()).await, 1);
    }
    assert_eq!(shop.announced::<Fulfilled>(unpaid.order_id.uuid()).await, 0);
    let noted = "SELECT count(*) FROM audit_entries WHERE action = 'order.fulfilled'";
    assert_eq!(shop.database.count(noted).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_clicks_at_once_while_one_order_is_cancelled_each_order_leaves_once_or_not_at_all() {
    let shop = Shop::open().await;
    for round in 0..4 {
        let mut orders = Vec::new();
        for _ in 0..3 {
            orders.push(paid_order(&shop).await);
        }
        let ids: Vec<OrderId> = orders.iter().map(|order| order.order_id).collect();
        let torn = ids[1];
        // All three meet at the lock of the order that is cancelled.
        let mut blocker = shop.database.pool().begin().await.unwrap();
        let lock = sqlx::query("SELECT id FROM orders WHERE id = $1 FOR UPDATE").bind(torn.uuid());
        lock.fetch_one(&mut *blocker).await.unwrap();
        let cancelling = async {
            if round % 2 == 1 {
                shop.waiting_for_locks(2).await;
            }
            cancel(&shop.customer, torn).await
        };
        let clicks = async {
            if round % 2 == 0 {
                shop.waiting_for_locks(1).await;
            }
            tokio::join!(fulfil(&shop, &ids), fulfil(&shop, &ids))
        };
        let release = async {
            shop.waiting_for_locks(3).await;
            blocker.rollback().await.unwrap();
        };
        let (cancelled, (one, other), ()) = tokio::join!(cancelling, clicks, release);
        let was_cancelled = cancelled.status.as_u16() == 200;
        if !was_cancelled {
            cancelled.assert_problem(409, "wrong_order_status");
        }
        for click in [&one, &other] {
            let told: Vec<&Value> = click.assert_status(200).body["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| &one["fulfilled"])
                .collect();
            assert_eq!(told, [&json!(true), &json!(!was_cancelled), &json!(true)]);
        }
        for id in ids {
            let gone = i64::from(id != torn || !was_cancelled);
            assert_eq!(shop.announced::<Fulfilled>(id.uuid()).await, gone);
            assert_eq!(shop.announced::<Cancelled>(id.uuid()).await, 1 - gone);
        }
    }
    shop.running.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn none_too_many_and_what_is_no_list_are_refused() {
    let shop = Shop::open().await;
    let order = paid_order(&shop).await;
    let many: Vec<OrderId> = std::iter::repeat_n(order.order_id, 101).collect();
    for ids in [json!([]), json!(many)] {
        let refused = shop.admin.post("/orders/fulfil", json!({ "order_ids": ids })).await;
        refused.assert_problem(422, "invalid_fields");
        assert_eq!(refused.text_at("/errors/0/pointer"), "/order_ids");
    }
    shop.admin.post("/orders/fulfil", json!({})).await.assert_problem(422, "invalid_fields");
    shop.customer
        .post("/orders/fulfil", json!({ "order_ids": [order.order_id] }))
        .await
        .assert_problem(403, "forbidden");
    assert_eq!(shop.status(order.order_id).await, "paid");
}
