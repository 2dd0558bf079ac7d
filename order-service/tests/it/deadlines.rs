//! Waiting has an end.

use crate::support::{Shop, body, paid, place};
use contracts::{
    ServiceName,
    events::{
        order::{CancelReason, Cancelled},
        product::ReservationExpired,
    },
};
use serde_json::json;
use test_kit::event;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_not_paid_in_time_is_cancelled() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.advance(11);
    let cancelled = shop.recorder.wait_for(|data: &Cancelled| data.order_id == order.order_id).await.data;
    assert_eq!(cancelled.reason, CancelReason::PaymentOverdue);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_comes_too_late_does_not_bring_the_order_back() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.advance(11);
    shop.recorder.wait_for(|data: &Cancelled| data.order_id == order.order_id).await;
    shop.deliver(&paid(&order)).await;
    assert_eq!(shop.status(order.order_id).await, "cancelled");
    shop.running.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_reservation_expired_is_cancelled_even_when_paid() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.deliver(&paid(&order)).await;
    let expired = ReservationExpired { checkout_id: order.checkout_id, order_id: order.order_id };
    shop.deliver(&event(1, expired)).await;
    let cancelled = shop.recorder.wait_for(|data: &Cancelled| data.order_id == order.order_id).await.data;
    assert_eq!((cancelled.reason, cancelled.was_paid), (CancelReason::ReservationExpired, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expiry_that_comes_before_the_order_stops_it() {
    let shop = Shop::open().await;
    let expired = ReservationExpired { checkout_id: shop.checkout_of("slow"), order_id: Uuid::new_v4().into() };
    shop.deliver(&event(1, expired)).await;
    let late = place(&shop.customer, "slow", body("MUG", 2)).await;
    late.assert_problem(409, "checkout_ended");
    assert!(shop.products.asked.lock().unwrap().is_empty(), "stock was asked for that no order can have");
    assert_eq!(shop.database.count("SELECT count(*) FROM orders").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_hears_that_a_checkout_expired_can_be_sure_that_no_order_follows() {
    let shop = Shop::open().await;
    let product = shop.signer.service(ServiceName::Product, ServiceName::Order);
    let product = shop.running.client().with_token(product);
    let path = format!("/internal/checkouts/{}/expire", shop.checkout_of("slow"));
    for _ in 0..2 {
        let answer = product.post(&path, json!({})).await;
        assert_eq!(answer.assert_status(200).body["expired"], true);
    }
    // The shopper's request is on its way, with the reservation in hand.
    place(&shop.customer, "slow", body("MUG", 2)).await.assert_problem(409, "checkout_ended");
    assert_eq!(shop.database.count("SELECT count(*) FROM orders").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reservation_of_a_cancelled_order_may_expire() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let cancel = shop.customer.with_header("Idempotency-Key", "changed-my-mind");
    cancel.post(&format!("/orders/{}/cancel", order.order_id), json!({})).await.assert_status(200);
    let product = shop.signer.service(ServiceName::Product, ServiceName::Order);
    let path = format!("/internal/checkouts/{}/expire", order.checkout_id);
    let answer = shop.running.client().with_token(product).post(&path, json!({})).await;
    assert_eq!(answer.assert_status(200).body["expired"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_cannot_be_cancelled_does_not_hold_up_the_others() {
    let shop = Shop::open().await;
    // One minute older: always looked at first.
    let stuck = shop.order().await;
    shop.advance(1);
    let other = shop.order().await;
    // As if what it holds could not be written.
    for statement in [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$".to_owned(),
        format!(
            "CREATE TRIGGER refuse BEFORE UPDATE ON orders FOR EACH ROW
             WHEN (NEW.status = 'cancelled' AND NEW.id = '{}') EXECUTE FUNCTION refuse()",
            stuck.order_id
        ),
    ] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(shop.database.pool()).await.unwrap();
    }
    shop.advance(11);
    shop.recorder.wait_for(|data: &Cancelled| data.order_id == other.order_id).await;
    assert_eq!(shop.status(stuck.order_id).await, "pending");
    let put_off = "SELECT count(*) FROM orders WHERE status = 'pending' AND cancel_again_at IS NOT NULL";
    assert_eq!(shop.database.count(put_off).await, 1);

    sqlx::raw_sql("DROP TRIGGER refuse ON orders").execute(shop.database.pool()).await.unwrap();
    shop.advance(1);
    shop.recorder.wait_for(|data: &Cancelled| data.order_id == stuck.order_id).await;
}
