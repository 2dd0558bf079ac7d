//! Cancelling and fulfilling.

use crate::support::{Shop, cancel, paid, refunded};
use contracts::events::order::{CancelReason, Cancelled, Fulfilled, Paid};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_order_is_cancelled_by_its_owner() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    cancel(&shop.customer, order.order_id).await.assert_status(200);
    let cancelled = shop.recorder.wait_for(|data: &Cancelled| data.order_id == order.order_id).await.data;
    assert_eq!((cancelled.reason, cancelled.was_paid), (CancelReason::Requested, false));
    assert_eq!(shop.status(order.order_id).await, "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_twice_cancels_once() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let caller = shop.customer.with_header("Idempotency-Key", "c1");
    let path = format!("/orders/{}/cancel", order.order_id);
    let (one, two) = tokio::join!(caller.post(&path, json!({})), caller.post(&path, json!({})));
    assert_eq!(one.assert_status(200).body, two.assert_status(200).body);
    cancel(&shop.customer, order.order_id).await.assert_status(200);
    assert_eq!(shop.announced::<Cancelled>(order.order_id.uuid()).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_for_two_orders_at_the_same_moment_cancels_one_of_them() {
    let shop = Shop::open().await;
    let (one, two) = (shop.order().await, shop.order().await);
    // Both requests get as far as storing their answer, and wait there.
    let mut blocker = shop.database.pool().begin().await.unwrap();
    let insert = sqlx::query(
        "INSERT INTO idempotency_keys (owner, route, key, fingerprint, status, body, created_at)
         VALUES ($1, 'cancel_order', 'one-key', '', 200, '{}', now())",
    );
    insert.bind(shop.customer_id.uuid()).execute(&mut *blocker).await.unwrap();
    let requests = [&one, &two].map(|order| {
        let caller = shop.customer.with_header("Idempotency-Key", "one-key");
        let path = format!("/orders/{}/cancel", order.order_id);
        tokio::spawn(async move { caller.post(&path, json!({})).await })
    });
    shop.waiting_for_locks(2).await;
    blocker.rollback().await.unwrap();

    let mut statuses = Vec::new();
    for request in requests {
        let answer = request.await.unwrap();
        if answer.status.as_u16() != 200 {
            answer.assert_problem(422, "idempotency_key_reused");
        }
        statuses.push(answer.status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    let cancelled = [shop.status(one.order_id).await, shop.status(two.order_id).await];
    assert_eq!(cancelled.iter().filter(|status| *status == "cancelled").count(), 1);
    let announced = "SELECT count(*) FROM event_log WHERE type = 'order.cancelled'";
    assert_eq!(shop.database.count(announced).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_that_is_cancelled_says_that_money_goes_back() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.deliver(&paid(&order)).await;
    cancel(&shop.customer, order.order_id).await.assert_status(200);
    let cancelled = shop.recorder.wait_for(|data: &Cancelled| data.order_id == order.order_id).await.data;
    assert!(cancelled.was_paid);
    let refund = refunded(&order);
    shop.deliver(&refund).await;
    shop.deliver(&refund).await;
    let shown = shop.customer.get(&format!("/orders/{}", order.order_id)).await;
    assert_eq!(shown.body["refunded"], json!({"amount": 3998, "currency": "EUR"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fulfilled_order_cannot_be_cancelled() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.deliver(&paid(&order)).await;
    let path = format!("/orders/{}/fulfil", order.order_id);
    shop.admin.post(&path, json!({})).await.assert_status(200);
    shop.admin.post(&path, json!({})).await.assert_status(200);
    assert_eq!(shop.announced::<Fulfilled>(order.order_id.uuid()).await, 1);
    cancel(&shop.customer, order.order_id).await.assert_problem(409, "wrong_order_status");
    assert_eq!(shop.status(order.order_id).await, "fulfilled");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unpaid_order_cannot_be_fulfilled() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let answer = shop.admin.post(&format!("/orders/{}/fulfil", order.order_id), json!({})).await;
    answer.assert_problem(409, "wrong_order_status");
    assert_eq!(answer.text_at("/detail"), "An order that is pending cannot be fulfilled.");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_staff_fulfil() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.deliver(&paid(&order)).await;
    let path = format!("/orders/{}/fulfil", order.order_id);
    shop.customer.post(&path, json!({})).await.assert_problem(403, "forbidden");
    shop.running.client().post(&path, json!({})).await.assert_problem(401, "token_required");
    assert_eq!(shop.status(order.order_id).await, "paid");
    assert_eq!(shop.announced::<Paid>(order.order_id.uuid()).await, 1);
}
