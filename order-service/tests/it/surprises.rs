//! Events as a broker delivers them on a bad day: several times, in any order, for orders unknown.

use crate::support::{Shop, declined, paid, refunded};
use contracts::events::order::{Cancelled, Paid};
use test_kit::until;

#[tokio::test(flavor = "multi_thread")]
async fn every_event_three_times_has_the_effect_of_one() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let payment = paid(&order);
    for _ in 0..3 {
        shop.deliver(&payment).await;
    }
    assert_eq!(shop.status(order.order_id).await, "paid");
    assert_eq!(shop.announced::<Paid>(order.order_id.uuid()).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_payment_cancels_the_order_and_gives_the_reason() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.deliver(&declined(&order)).await;
    let shown = shop.customer.get(&format!("/orders/{}", order.order_id)).await;
    assert_eq!(
        (shown.text_at("/status"), shown.text_at("/cancel_reason")),
        ("cancelled".into(), "payment_declined".into())
    );
    assert_eq!(shop.announced::<Cancelled>(order.order_id.uuid()).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_after_the_success_changes_nothing() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.deliver(&paid(&order)).await;
    shop.deliver(&declined(&order)).await;
    assert_eq!(shop.status(order.order_id).await, "paid");
    assert_eq!(shop.announced::<Cancelled>(order.order_id.uuid()).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_about_an_unknown_order_waits_and_is_never_lost() {
    let shop = Shop::open().await;
    shop.running.leaves_queued("it waits for its order");
    let mut unknown = shop.order().await;
    unknown.order_id = uuid::Uuid::new_v4().into();
    let refund = refunded(&unknown);
    shop.deliver(&refund).await;
    let waiting = "SELECT count(*) FROM inbox WHERE status = 'waiting' AND reason LIKE '%is not stored here%'";
    until("the event to wait with its reason", || async { (shop.database.count(waiting).await == 1).then_some(()) })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_last_attempt_an_event_is_a_dead_letter_with_its_reason() {
    let shop = Shop::open().await;
    shop.running.leaves_queued("it is a dead letter");
    let mut unknown = shop.order().await;
    unknown.order_id = uuid::Uuid::new_v4().into();
    shop.deliver(&refunded(&unknown)).await;
    let dead = "SELECT count(*) FROM inbox WHERE status = 'dead' AND attempts = 8 AND envelope IS NOT NULL";
    until("the event to be given up", || async {
        // Each retry's time comes by the clock.
        shop.advance(2);
        (shop.database.count(dead).await == 1).then_some(())
    })
    .await;
}
