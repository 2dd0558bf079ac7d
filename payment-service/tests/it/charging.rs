//! An order is placed, and its money is taken once.

use crate::support::{Desk, Order, Patience, Provider};
use contracts::{
    EventId, Money, PaymentId,
    events::payment::{Completed, Failed, FailureReason, Refunded},
};
use provider_sim::Entry;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_charged_booked_and_announced_once() {
    let desk = Desk::open().await;
    let order = Order::new("sim_ok");
    let created = order.created();
    for _ in 0..3 {
        desk.deliver(&created).await;
    }
    // The same order under another event id: the order itself is the key.
    desk.deliver(&order.created()).await;
    let completed = desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    desk.settled().await;
    let expected = Completed {
        payment_id: PaymentId::from(completed.subject),
        order_id: order.id,
        customer_id: order.customer,
        amount: order.total,
        method: "sim_ok".to_owned(),
    };
    assert_eq!(completed.data, expected);
    assert_eq!(completed.correlation_id, order.id.uuid(), "the order's journey");
    assert_eq!(completed.causation_id, Some(created.id));
    assert_eq!(desk.payment(&order).await, Some(("captured".to_owned(), 1999, 0)));
    assert_eq!(desk.provider.charges_and_refunds(&order).await, (1, 0));
    assert_eq!(desk.recorder.all::<Completed>().len(), 1);
    assert_eq!(desk.database.count("SELECT count(*) FROM event_log").await, 1);
    assert_eq!(desk.database.count("SELECT count(*) FROM ledger_transactions").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trace_of_the_order_goes_on_into_what_the_job_announces() {
    let desk = Desk::open().await;
    let order = Order::new("sim_ok");
    let mut created = order.created();
    created.traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
    desk.deliver(&created).await;
    let completed = desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    let traceparent = completed.traceparent.unwrap();
    assert!(traceparent.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{traceparent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_payment_fails_with_its_reason_and_books_nothing() {
    let desk = Desk::open().await;
    for (method, reason) in [("sim_declined", FailureReason::Declined), ("gold_coins", FailureReason::UnknownMethod)] {
        let order = Order::new(method);
        desk.deliver(&order.created()).await;
        let failed = desk.recorder.wait_for::<Failed>(|data| data.order_id == order.id).await;
        assert_eq!(failed.data.reason, reason);
        assert_eq!(desk.payment(&order).await, Some(("failed".to_owned(), 0, 0)));
    }
    desk.settled().await;
    assert_eq!(desk.database.count("SELECT count(*) FROM ledger_entries").await, 0);
    assert!(desk.recorder.all::<Completed>().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_whose_answer_is_lost_is_asked_for_and_not_made_again() {
    let desk = Desk::open().await;
    let order = Order::new("sim_lost");
    desk.deliver(&order.created()).await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    desk.settled().await;
    assert_eq!(desk.provider.charges_and_refunds(&order).await, (1, 0));
    assert_eq!(desk.recorder.all::<Completed>().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_provider_is_tried_again_with_the_same_key() {
    let desk = Desk::open().await;
    let order = Order::new("sim_error");
    desk.deliver(&order.created()).await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    desk.settled().await;
    let log = desk.provider.log().await;
    let [Entry::Charge(charge)] = log.as_slice() else { panic!("{log:?}") };
    assert_eq!(charge.key, format!("charge-{}", order.id));
    assert_eq!(desk.database.count("SELECT attempts::bigint FROM payments").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_slower_than_our_deadline_is_asked_for() {
    let patience = Patience { provider_deadline: Duration::from_millis(300), ..Patience::default() };
    let desk = Desk::with(Provider::up().await, patience).await;
    let order = Order::new("sim_slow");
    desk.deliver(&order.created()).await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    desk.settled().await;
    assert_eq!(desk.provider.charges_and_refunds(&order).await, (1, 0));
    assert!(desk.database.count("SELECT attempts::bigint FROM payments").await > 1, "the first answer was missed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_payment_holds_up_nobody_else() {
    let desk = Desk::open().await;
    let slow: Vec<Order> = (0..4).map(|_| Order::new("sim_slow")).collect();
    for order in &slow {
        desk.deliver(&order.created()).await;
    }
    let quick = Order::new("sim_ok");
    desk.deliver(&quick.created()).await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == quick.id).await;
    assert_eq!(desk.recorder.all::<Completed>().len(), 1, "the slow ones are still under way");
    desk.settled().await;
    assert_eq!(desk.recorder.all::<Completed>().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_orders_at_once_are_each_charged_once() {
    let desk = Desk::open().await;
    let orders: Vec<Order> = (0..100).map(|_| Order::new("sim_ok")).collect();
    for order in &orders {
        desk.deliver(&order.created()).await;
    }
    desk.settled().await;
    assert_eq!(desk.recorder.all::<Completed>().len(), 100);
    assert_eq!(desk.provider.log().await.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_costs_nothing_is_completed_and_books_nothing() {
    let desk = Desk::open().await;
    let mut order = Order::new("sim_ok");
    order.total = Money::new(0, order.total.currency);
    desk.deliver(&order.created()).await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    desk.deliver(&order.cancelled()).await;
    desk.settled().await;
    assert_eq!(desk.database.count("SELECT count(*) FROM ledger_entries").await, 0);
    assert!(desk.recorder.all::<Refunded>().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_below_zero_is_not_charged_and_waits_for_an_operator() {
    let desk = Desk::open().await;
    desk.running.leaves_queued("it waits for an operator");
    let mut order = Order::new("sim_ok");
    order.total = Money::new(-1, order.total.currency);
    let created = order.created();
    desk.deliver(&created).await;
    let query = "SELECT reason FROM inbox WHERE event_id = $1 AND status = 'waiting'";
    let reason: String = sqlx::query_scalar(query)
        .bind::<uuid::Uuid>(EventId::into(created.id))
        .fetch_one(desk.database.pool())
        .await
        .unwrap();
    assert!(reason.contains("a payment is of 0 to"), "{reason}");
    assert_eq!(desk.payment(&order).await, None);
    assert!(desk.provider.log().await.is_empty());
}
