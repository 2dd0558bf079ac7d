//! What somebody else tells is compared with what is known here: what contradicts it changes nothing and ends as a dead
//! letter that gives both values.

use crate::support::{Shop, cancel, declined, paid, refunded};
use contracts::{
    Currency, Money, RawEvent,
    events::{
        EventData,
        order::{Cancelled, Created, Paid},
        payment::{Completed, Failed, Refunded},
        product::ReservationExpired,
    },
};
use test_kit::{event, until};
use uuid::Uuid;

fn changed<T: EventData>(event: RawEvent, change: impl FnOnce(&mut T)) -> RawEvent {
    let mut typed = event.decode::<T>().unwrap();
    change(&mut typed.data);
    typed.into_raw().unwrap()
}

fn paid_with(order: &Created, amount: Money) -> RawEvent {
    changed(paid(order), |data: &mut Completed| data.amount = amount)
}

/// Why the event waits for its next try.
async fn refused(shop: &Shop, event: &RawEvent) -> String {
    shop.deliver(event).await;
    until("the event to wait with its reason", || async {
        let query = "SELECT reason FROM inbox WHERE event_id = $1 AND status = 'waiting'";
        let query = sqlx::query_scalar::<_, String>(query).bind(event.id.uuid());
        query.fetch_optional(shop.database.pool()).await.unwrap()
    })
    .await
}

async fn assert_refused(shop: &Shop, event: &RawEvent, told: &str, known: &str) {
    let reason = refused(shop, event).await;
    assert!(reason.contains(told) && reason.contains(known), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_amount_but_the_orders_total_makes_it_paid() {
    let shop = Shop::open().await;
    shop.running.leaves_queued("what was refused waits for an operator");
    let order = shop.order().await;
    let total = order.total.amount;
    let yen: Currency = "JPY".parse().unwrap();
    for amount in [total - 1, total + 1, 1, 0, -total, -1, 2 * total, total * 100, i64::MAX, i64::MIN] {
        let amount = Money::new(amount, Currency::EUR);
        assert_refused(&shop, &paid_with(&order, amount), &amount.to_string(), "39.98 EUR").await;
    }
    for currency in [yen, "USD".parse().unwrap(), "KWD".parse().unwrap()] {
        let amount = Money::new(total, currency);
        assert_refused(&shop, &paid_with(&order, amount), &amount.to_string(), "39.98 EUR").await;
    }
    let stranger = changed(paid(&order), |data: &mut Completed| data.customer_id = Uuid::from_u128(7).into());
    assert_refused(&shop, &stranger, &Uuid::from_u128(7).to_string(), &order.customer_id.to_string()).await;
    assert_eq!(shop.status(order.order_id).await, "pending");
    assert_eq!(shop.announced::<Paid>(order.order_id.uuid()).await, 0);
    // None of it is in the way of the truth.
    shop.deliver(&paid(&order)).await;
    assert_eq!(shop.status(order.order_id).await, "paid");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_contradicts_the_order_is_a_dead_letter_in_the_end() {
    let shop = Shop::open().await;
    shop.running.leaves_queued("it is a dead letter");
    let order = shop.order().await;
    shop.deliver(&paid_with(&order, Money::new(order.total.amount - 1, Currency::EUR))).await;
    let dead = "SELECT count(*) FROM inbox WHERE status = 'dead' AND reason LIKE '%39.97 EUR%39.98 EUR%'";
    until("the event to be given up", || async {
        // Each retry's time comes by the clock.
        shop.clock.advance(time::Duration::seconds(40));
        (shop.database.count(dead).await == 1).then_some(())
    })
    .await;
    assert_eq!(shop.announced::<Paid>(order.order_id.uuid()).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_amount_is_refused_whatever_became_of_the_order() {
    let shop = Shop::open().await;
    shop.running.leaves_queued("what was refused waits for an operator");
    let (fulfilled, cancelled) = (shop.order().await, shop.order().await);
    shop.deliver(&paid(&fulfilled)).await;
    let path = format!("/orders/{}/fulfil", fulfilled.order_id);
    shop.admin.post(&path, serde_json::json!({})).await.assert_status(200);
    cancel(&shop.customer, cancelled.order_id).await.assert_status(200);
    for order in [&fulfilled, &cancelled] {
        let wrong = paid_with(order, Money::new(1, Currency::EUR));
        assert_refused(&shop, &wrong, "0.01 EUR", "39.98 EUR").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_payment_than_the_one_that_paid_is_not_this_orders() {
    let shop = Shop::open().await;
    shop.running.leaves_queued("what was refused waits for an operator");
    let order = shop.order().await;
    shop.deliver(&paid(&order)).await;
    let other = Uuid::from_u128(9);
    let events = [
        changed(paid(&order), |data: &mut Completed| data.payment_id = other.into()),
        changed(declined(&order), |data: &mut Failed| data.payment_id = other.into()),
        changed(refunded(&order), |data: &mut Refunded| data.payment_id = other.into()),
    ];
    for event in &events {
        assert_refused(&shop, event, &other.to_string(), &order.order_id.to_string()).await;
    }
    assert_eq!(shop.status(order.order_id).await, "paid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_or_a_refund_of_another_customers_payment_changes_nothing() {
    let shop = Shop::open().await;
    shop.running.leaves_queued("what was refused waits for an operator");
    let order = shop.order().await;
    let stranger = Uuid::from_u128(7);
    let events = [
        changed(declined(&order), |data: &mut Failed| data.customer_id = stranger.into()),
        changed(refunded(&order), |data: &mut Refunded| data.customer_id = stranger.into()),
    ];
    for event in &events {
        assert_refused(&shop, event, &stranger.to_string(), &order.customer_id.to_string()).await;
    }
    assert_eq!(shop.status(order.order_id).await, "pending");
    assert_eq!(shop.database.count("SELECT count(*) FROM order_refunds").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refund_is_of_one_order_and_one_amount() {
    let shop = Shop::open().await;
    shop.running.leaves_queued("what was refused waits for an operator");
    let (order, other) = (shop.order().await, shop.order().await);
    let first = changed(refunded(&order), |data: &mut Refunded| data.amount.amount = 1000);
    shop.deliver(&first).await;
    let id = first.clone().decode::<Refunded>().unwrap().data.refund_id;
    let again = |order: &Created, amount| {
        changed(refunded(order), |data: &mut Refunded| (data.refund_id, data.amount.amount) = (id, amount))
    };
    assert_refused(&shop, &again(&order, 1001), "10.01 EUR", "10.00 EUR").await;
    assert_refused(&shop, &again(&other, 1000), &other.order_id.to_string(), &order.order_id.to_string()).await;
    // All of what is left may go back, and not a cent more.
    let more = changed(refunded(&order), |data: &mut Refunded| data.amount.amount = 2999);
    assert_refused(&shop, &more, "29.99 EUR", "29.98 EUR").await;
    let rest = changed(refunded(&order), |data: &mut Refunded| data.amount.amount = 2998);
    shop.deliver(&rest).await;
    let shown = shop.customer.get(&format!("/orders/{}", order.order_id)).await;
    assert_eq!(shown.body["refunded"]["amount"], 3998);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_expiry_of_another_orders_reservation_does_not_cancel_this_one() {
    let shop = Shop::open().await;
    shop.running.leaves_queued("what was refused waits for an operator");
    let order = shop.order().await;
    let other = Uuid::from_u128(9);
    let expired = ReservationExpired { checkout_id: order.checkout_id, order_id: other.into() };
    assert_refused(&shop, &event(1, expired), &other.to_string(), &order.order_id.to_string()).await;
    assert_eq!(shop.status(order.order_id).await, "pending");
    assert_eq!(shop.announced::<Cancelled>(order.order_id.uuid()).await, 0);
}
