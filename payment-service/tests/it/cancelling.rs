//! An order is cancelled, and no money of it is kept, whenever the news comes.

use crate::support::{Desk, Order, Patience, Provider};
use contracts::{
    RawEvent,
    events::payment::{Completed, Failed, Refunded},
};
use std::time::Duration;
use test_kit::until;

/// All different orders of a handful of events, of which equal ones are interchangeable.
fn arrangements(events: &[RawEvent]) -> Vec<Vec<RawEvent>> {
    if events.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (index, first) in events.iter().enumerate() {
        if events[..index].iter().any(|earlier| earlier.id == first.id) {
            continue;
        }
        let mut rest = events.to_vec();
        rest.remove(index);
        for mut tail in arrangements(&rest) {
            tail.insert(0, first.clone());
            all.push(tail);
        }
    }
    all
}

/// Created and cancelled, each three times, in every order.
fn shuffles(order: &Order) -> Vec<Vec<RawEvent>> {
    let (created, cancelled) = (order.created(), order.cancelled());
    let three_each = [created.clone(), created.clone(), created, cancelled.clone(), cancelled.clone(), cancelled];
    arrangements(&three_each)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_cancelled_before_it_is_known_is_never_charged() {
    let desk = Desk::open().await;
    let order = Order::new("sim_ok");
    desk.deliver(&order.cancelled()).await;
    desk.deliver(&order.created()).await;
    // Whoever comes later is charged; so the cancelled one would have been by then.
    let other = Order::new("sim_ok");
    desk.deliver(&other.created()).await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == other.id).await;
    desk.settled().await;
    assert_eq!(desk.payment(&order).await, Some(("cancelled".to_owned(), 0, 0)));
    assert_eq!(desk.provider.log().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_that_is_cancelled_gets_its_money_back_once() {
    let desk = Desk::open().await;
    let order = Order::new("sim_ok");
    desk.deliver(&order.created()).await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    let cancelled = order.cancelled();
    for _ in 0..3 {
        desk.deliver(&cancelled).await;
    }
    // Another event with the same news gives nothing back again.
    desk.deliver(&order.cancelled()).await;
    let refunded = desk.recorder.wait_for::<Refunded>(|data| data.order_id == order.id).await;
    desk.settled().await;
    assert_eq!((refunded.data.amount, refunded.data.customer_id), (order.total, order.customer));
    assert_eq!((refunded.causation_id, refunded.correlation_id), (Some(cancelled.id), order.id.uuid()));
    assert_eq!(desk.payment(&order).await, Some(("captured".to_owned(), 1999, 1999)));
    assert_eq!(desk.provider.charges_and_refunds(&order).await, (1, 1999));
    assert_eq!(desk.recorder.all::<Refunded>().len(), 1);
    assert_eq!(desk.database.count("SELECT sum(amount)::bigint FROM ledger_entries").await, 0);
    let owed = "SELECT sum(amount)::bigint FROM ledger_entries WHERE account = 'customer_prepayments'";
    assert_eq!(desk.database.count(owed).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shuffle_of_created_and_cancelled_leaves_no_money_behind() {
    let desk = Desk::open().await;
    let arrangements_each = shuffles(&Order::new("sim_ok")).len();
    assert_eq!(arrangements_each, 20);
    let mut orders = Vec::new();
    for index in 0..arrangements_each {
        let order = Order::new(if index % 2 == 0 { "sim_ok" } else { "sim_lost" });
        for event in &shuffles(&order)[index] {
            desk.deliver(event).await;
        }
        orders.push(order);
    }
    desk.settled().await;
    for order in &orders {
        let (status, captured, refunded) = desk.payment(order).await.unwrap();
        assert!(matches!(status.as_str(), "cancelled" | "captured"), "{status}");
        assert_eq!(captured - refunded, 0, "{status}");
        let (charges, given_back) = desk.provider.charges_and_refunds(order).await;
        assert!(charges <= 1);
        assert_eq!(given_back, if charges == 1 { 1999 } else { 0 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn created_and_cancelled_at_the_same_moment_leave_no_money_behind() {
    let desk = Desk::open().await;
    let orders: Vec<Order> = (0..30).map(|_| Order::new("sim_ok")).collect();
    let deliveries: Vec<RawEvent> = orders.iter().flat_map(|order| [order.created(), order.cancelled()]).collect();
    futures_util::future::join_all(deliveries.iter().map(|event| desk.deliver(event))).await;
    desk.settled().await;
    for order in &orders {
        let (_, captured, refunded) = desk.payment(order).await.unwrap();
        assert_eq!(captured, refunded);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_learned_of_after_the_cancellation_is_given_back_and_not_announced() {
    let patience = Patience { provider_deadline: Duration::from_millis(500), ..Patience::default() };
    let desk = Desk::with(Provider::up().await, patience).await;
    let order = Order::new("sim_slow");
    desk.deliver(&order.created()).await;
    // The provider has charged; its answer comes too late for us.
    until("the charge", || async { (!desk.provider.log().await.is_empty()).then_some(()) }).await;
    desk.deliver(&order.cancelled()).await;
    assert_eq!(desk.payment(&order).await, Some(("unknown".to_owned(), 0, 0)));
    desk.wait_for(&order, "captured", 1999, 1999).await;
    desk.settled().await;
    assert_eq!(desk.provider.charges_and_refunds(&order).await, (1, 1999));
    assert!(desk.recorder.all::<Completed>().is_empty(), "nobody wants to hear of this success");
    assert_eq!(desk.recorder.all::<Refunded>().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_cancelled_while_the_provider_is_away_is_never_charged() {
    let mut desk = Desk::with(Provider::away().await, Patience::default()).await;
    let order = Order::new("sim_ok");
    desk.deliver(&order.created()).await;
    desk.wait_for(&order, "unknown", 0, 0).await;
    desk.deliver(&order.cancelled()).await;
    assert_eq!(desk.payment(&order).await, Some(("unknown".to_owned(), 0, 0)), "only the provider can tell");
    desk.provider.start().await;
    desk.wait_for(&order, "cancelled", 0, 0).await;
    desk.settled().await;
    assert_eq!(desk.provider.charges_and_refunds(&order).await, (0, 0));
    assert!(desk.recorder.all::<Failed>().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_whose_answer_is_lost_or_fails_happens_once() {
    let desk = Desk::open().await;
    for method in ["sim_lost", "sim_error"] {
        let order = Order::new(method);
        desk.deliver(&order.created()).await;
        desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
        desk.deliver(&order.cancelled()).await;
        desk.recorder.wait_for::<Refunded>(|data| data.order_id == order.id).await;
        assert_eq!(desk.provider.charges_and_refunds(&order).await, (1, 1999));
    }
    desk.settled().await;
    assert_eq!(desk.recorder.all::<Refunded>().len(), 2);
}
