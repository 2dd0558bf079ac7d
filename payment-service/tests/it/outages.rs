//! The provider, or payment-service itself, is away for a while.

use crate::support::{Desk, Order, Patience, Provider};
use contracts::events::payment::{Completed, Failed, FailureReason, Refunded};
use provider_sim::Entry;
use serde_json::json;
use std::time::Duration;
use test_kit::until;

/// Waits until a payment was tried `times` times.
async fn tried(desk: &Desk, times: i64) {
    until("some attempts", || async {
        (desk.database.count("SELECT max(attempts)::bigint FROM payments").await >= times).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_payment_waits_for_the_provider_and_completes_when_it_returns() {
    let mut desk = Desk::with(Provider::away().await, Patience::default()).await;
    let order = Order::new("sim_ok");
    desk.deliver(&order.created()).await;
    tried(&desk, 2).await;
    assert_eq!(desk.payment(&order).await, Some(("unknown".to_owned(), 0, 0)));
    desk.provider.start().await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    desk.settled().await;
    assert_eq!(desk.provider.charges_and_refunds(&order).await, (1, 0));
}

#[tokio::test]
async fn a_refund_waits_for_the_provider_and_completes_when_it_returns() {
    let mut desk = Desk::open().await;
    let order = Order::new("sim_ok");
    desk.deliver(&order.created()).await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    desk.provider.stop().await;
    desk.deliver(&order.cancelled()).await;
    until("an attempt to refund", || async {
        (desk.database.count("SELECT max(attempts)::bigint FROM refunds").await >= 1).then_some(())
    })
    .await;
    assert_eq!(desk.payment(&order).await, Some(("captured".to_owned(), 1999, 0)));
    desk.provider.start().await;
    desk.recorder.wait_for::<Refunded>(|data| data.order_id == order.id).await;
    desk.settled().await;
    assert_eq!(desk.provider.charges_and_refunds(&order).await, (1, 1999));
}

#[tokio::test]
async fn a_payment_past_its_deadline_fails_only_with_the_providers_word() {
    let patience = Patience { give_up: Duration::from_secs(1), ..Patience::default() };
    let mut desk = Desk::with(Provider::away().await, patience).await;
    let order = Order::new("sim_ok");
    desk.deliver(&order.created()).await;
    until("the deadline to pass and another attempt after it", || async {
        let late = "SELECT count(*) FROM payments WHERE deadline < now() AND next_at - deadline > '1 second'";
        (desk.database.count(late).await == 1).then_some(())
    })
    .await;
    assert_eq!(desk.payment(&order).await, Some(("unknown".to_owned(), 0, 0)));
    assert!(desk.recorder.all::<Failed>().is_empty(), "it may have been charged");
    desk.provider.start().await;
    let failed = desk.recorder.wait_for::<Failed>(|data| data.order_id == order.id).await;
    assert_eq!(failed.data.reason, FailureReason::Unavailable);
    desk.settled().await;
    let log = desk.provider.log().await;
    assert!(matches!(log.as_slice(), [Entry::Abandoned(_)]), "{log:?}");
}

#[tokio::test]
async fn a_charge_found_after_the_deadline_completes_the_payment() {
    let patience = Patience { give_up: Duration::from_secs(1), ..Patience::default() };
    let mut desk = Desk::with(Provider::away().await, patience).await;
    let order = Order::new("sim_ok");
    desk.deliver(&order.created()).await;
    until("the deadline to pass", || async {
        (desk.database.count("SELECT count(*) FROM payments WHERE deadline < now()").await == 1).then_some(())
    })
    .await;
    // A request of ours got through although its answer did not: the charge is there before we ask.
    charge_directly(&mut desk, &order).await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    desk.settled().await;
    assert!(desk.recorder.all::<Failed>().is_empty());
}

#[tokio::test]
async fn a_payment_whose_worker_died_is_asked_for_and_not_charged_again() {
    let mut desk = Desk::with(Provider::away().await, Patience::default()).await;
    let order = Order::new("sim_ok");
    desk.deliver(&order.created()).await;
    tried(&desk, 1).await;
    charge_directly(&mut desk, &order).await;
    let desk = desk.restart(Patience::default()).await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    desk.settled().await;
    assert_eq!(desk.provider.charges_and_refunds(&order).await, (1, 0));
}

#[tokio::test]
async fn a_restart_goes_on_with_what_was_never_begun() {
    let mut desk = Desk::with(Provider::away().await, Patience::default()).await;
    let order = Order::new("sim_ok");
    desk.deliver(&order.created()).await;
    desk.wait_for(&order, "unknown", 0, 0).await;
    desk.provider.start().await;
    let desk = desk.restart(Patience::default()).await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    desk.settled().await;
}

/// Starts the provider with a charge in its log that payment-service's own key made.
async fn charge_directly(desk: &mut Desk, order: &Order) {
    let mut messenger = Provider::up().await;
    let body = json!({
        "amount": order.total.amount, "currency": "EUR", "method": "sim_ok", "reference": order.id,
    });
    let request = reqwest::Client::new().post(format!("{}/charges", messenger.url())).json(&body);
    let answer = request.header("Idempotency-Key", format!("charge-{}", order.id)).send().await.unwrap();
    assert!(answer.status().is_success());
    messenger.stop().await;
    desk.provider.take_log_of(&messenger);
    desk.provider.start().await;
}
