//! The provider, or payment-service itself, is away for a while.

use crate::support::{Desk, Order, Patience, Provider, config};
use contracts::{
    ServiceName,
    events::payment::{Completed, Failed, FailureReason, Refunded},
};
use futures_util::future::join_all;
use payment_service::{Config, build};
use provider_sim::Entry;
use serde_json::json;
use service_kit::{Bus, Clock};
use std::time::Duration;
use test_kit::{Running, until};
use tokio::{net::TcpListener, runtime::Runtime};
use tokio_util::sync::CancellationToken;

/// Waits until a payment was tried `times` times.
async fn tried(desk: &Desk, times: i64) {
    until("some attempts", || async {
        (desk.database.count("SELECT max(attempts)::bigint FROM payments").await >= times).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
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

#[tokio::test(flavor = "multi_thread")]
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

#[tokio::test(flavor = "multi_thread")]
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

#[tokio::test(flavor = "multi_thread")]
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

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_got_through_before_a_restart_is_found_and_not_made_again() {
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

/// Another instance on the same database, in a runtime that ends without any goodbye.
async fn doomed(config: Config, bus: Bus, clock: Clock) -> Runtime {
    let doomed = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let service = doomed.spawn(async move { build(config, bus, clock).await.unwrap() }).await.unwrap();
    let listener = listener.into_std().unwrap();
    doomed.spawn(async move {
        let listener = TcpListener::from_std(listener).unwrap();
        service.run(listener, CancellationToken::new()).await
    });
    doomed
}

/// The orders are delivered to an instance that dies when the provider has charged `charged` of them; gives what goes on
/// after it, at a time that stands.
async fn killed_when(charged: usize, orders: &[Order]) -> (Desk, Clock) {
    let Desk { database, signer, bus, recorder, provider, running } = Desk::open().await;
    running.stop().await;
    let clock = Clock::manual(Clock::system().now());
    let config = || config(&database, &provider, Patience::default());
    let runtime = doomed(config(), Bus::Local(bus.clone()), clock.clone()).await;
    let deliveries = orders.iter().map(|order| async {
        let created = order.created();
        until("the doomed instance", || async { bus.deliver_to(ServiceName::Payment, &created).await.ok() }).await;
    });
    join_all(deliveries).await;
    until("the charges", || async { (provider.log().await.len() >= charged).then_some(()) }).await;
    runtime.shutdown_background();
    let service = build(config(), Bus::Local(bus.clone()), clock.clone()).await.unwrap();
    let running = Running::start(service).await;
    (Desk { database, signer, bus, recorder, provider, running }, clock)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_in_the_middle_of_a_charge_leaves_it_to_the_next_one_which_asks() {
    let order = Order::new("sim_slow");
    let (desk, clock) = killed_when(1, std::slice::from_ref(&order)).await;
    assert_eq!(desk.payment(&order).await, Some(("unknown".to_owned(), 0, 0)), "nobody heard the answer");
    assert!(desk.database.count("SELECT count(*) FROM payments WHERE next_at > created_at").await == 1, "leased");
    clock.advance(time::Duration::minutes(1));
    desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    desk.settled().await;
    assert_eq!(desk.provider.charges_and_refunds(&order).await, (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_in_the_middle_of_a_batch_leaves_all_of_it_to_the_next_one() {
    let methods = ["sim_ok", "sim_slow", "sim_error", "sim_lost", "sim_declined"];
    let orders: Vec<_> = (0..64).map(|number| Order::new(methods[number % methods.len()])).collect();
    let (desk, clock) = killed_when(32, &orders).await;
    let unsettled = "SELECT count(*) FROM payments WHERE status IN ('created', 'unknown')";
    assert!(desk.database.count(unsettled).await > 12, "at least the slow ones were under way");
    clock.advance(time::Duration::minutes(1));
    until("all to be settled", || async {
        // Whoever failed or was lost is asked again a little later.
        clock.advance(time::Duration::SECOND);
        (desk.database.count(unsettled).await == 0).then_some(())
    })
    .await;
    desk.settled().await;
    for (number, order) in orders.iter().enumerate() {
        let declined = methods[number % methods.len()] == "sim_declined";
        assert_eq!(desk.provider.charges_and_refunds(order).await, (usize::from(!declined), 0), "{number}");
    }
    let completed = desk.database.count("SELECT count(*) FROM event_log WHERE type = 'payment.completed'").await;
    assert_eq!(completed, desk.database.count("SELECT count(*) FROM payments WHERE captured > 0").await);
}

#[tokio::test(flavor = "multi_thread")]
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
