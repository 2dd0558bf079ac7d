//! Waiting has an end.

use crate::support::{Shop, paid};
use contracts::{
    ServiceName,
    events::{
        order::{CancelReason, Cancelled},
        product::ReservationExpired,
    },
};
use test_kit::event;

#[tokio::test]
async fn an_order_that_is_not_paid_in_time_is_cancelled() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.advance(11);
    let cancelled = shop.recorder.wait_for(|data: &Cancelled| data.order_id == order.order_id).await.data;
    assert_eq!(cancelled.reason, CancelReason::PaymentOverdue);
}

#[tokio::test]
async fn a_payment_that_comes_too_late_does_not_bring_the_order_back() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.advance(11);
    shop.recorder.wait_for(|data: &Cancelled| data.order_id == order.order_id).await;
    shop.deliver(&paid(&order)).await;
    assert_eq!(shop.status(order.order_id).await, "cancelled");
    shop.running.settled().await;
}

#[tokio::test]
async fn an_order_whose_reservation_expired_is_cancelled_even_when_paid() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.deliver(&paid(&order)).await;
    let expired = ReservationExpired { checkout_id: order.checkout_id, order_id: order.order_id };
    shop.deliver(&event(1, expired)).await;
    let cancelled = shop.recorder.wait_for(|data: &Cancelled| data.order_id == order.order_id).await.data;
    assert_eq!((cancelled.reason, cancelled.was_paid), (CancelReason::ReservationExpired, true));
}

#[tokio::test]
async fn an_expiry_that_comes_before_the_order_stops_it() {
    let shop = Shop::open().await;
    // What the retry of a request would do whose reservation was taken long ago.
    let order = shop.order().await;
    let key = "slow";
    let first = crate::support::place(&shop.customer, key, crate::support::body("MUG", 2)).await;
    let id = first.assert_status(201).text_at("/id");
    for statement in [
        "DELETE FROM idempotency_keys WHERE key = 'slow'",
        "DELETE FROM order_history WHERE order_id <> ALL (SELECT id FROM orders WHERE number = 1001)",
        "DELETE FROM order_lines WHERE order_id <> ALL (SELECT id FROM orders WHERE number = 1001)",
        "DELETE FROM checkouts WHERE checkout_id IN (SELECT checkout_id FROM orders WHERE number <> 1001)",
        "DELETE FROM orders WHERE number <> 1001",
    ] {
        sqlx::query(statement).execute(shop.database.pool()).await.unwrap();
    }
    let checkout_id = shop.products.asked.lock().unwrap().last().unwrap().checkout_id;
    let expired = ReservationExpired { checkout_id, order_id: id.parse().unwrap() };
    shop.bus.deliver_to(ServiceName::Order, &event(1, expired)).await.unwrap();

    let retry = crate::support::place(&shop.customer, key, crate::support::body("MUG", 2)).await;
    retry.assert_problem(409, "checkout_ended");
    assert_eq!(shop.status(order.order_id).await, "pending");
}
