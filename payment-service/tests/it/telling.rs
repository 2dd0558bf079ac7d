//! What an order tells of itself is compared with what it told before: what contradicts it moves no money.

use crate::support::{Desk, Order};
use contracts::{
    Currency, Money, RawEvent,
    events::{
        order::{Cancelled, Created},
        payment::{Completed, Refunded},
    },
};
use test_kit::until;
use uuid::Uuid;

fn created(order: &Order, change: impl FnOnce(&mut Created)) -> RawEvent {
    let mut event = order.created().decode::<Created>().unwrap();
    change(&mut event.data);
    event.into_raw().unwrap()
}

fn cancelled(order: &Order, change: impl FnOnce(&mut Cancelled)) -> RawEvent {
    let mut event = order.cancelled().decode::<Cancelled>().unwrap();
    change(&mut event.data);
    event.into_raw().unwrap()
}

async fn assert_refused(desk: &Desk, event: &RawEvent, told: &str, known: &str) {
    desk.deliver(event).await;
    let reason = until("the event to wait with its reason", || async {
        let query = "SELECT reason FROM inbox WHERE event_id = $1 AND status = 'waiting'";
        let query = sqlx::query_scalar::<_, String>(query).bind(event.id.uuid());
        query.fetch_optional(desk.database.pool()).await.unwrap()
    })
    .await;
    assert!(reason.contains(told) && reason.contains(known), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_that_contradicts_the_payment_gives_nothing_back() {
    let desk = Desk::open().await;
    desk.running.leaves_queued("what was refused waits for an operator");
    let order = Order::new("sim_ok");
    desk.deliver(&order.created()).await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    for total in [Money::new(1998, Currency::EUR), Money::new(0, Currency::EUR), Money::new(-1999, Currency::EUR)] {
        let event = cancelled(&order, |data| data.total = total);
        assert_refused(&desk, &event, &total.to_string(), "19.99 EUR").await;
    }
    let yen = cancelled(&order, |data| data.total.currency = "JPY".parse().unwrap());
    assert_refused(&desk, &yen, "1999 JPY", "19.99 EUR").await;
    let stranger = cancelled(&order, |data| data.customer_id = Uuid::nil().into());
    assert_refused(&desk, &stranger, &Uuid::nil().to_string(), &order.customer.to_string()).await;
    assert_eq!(desk.payment(&order).await, Some(("captured".to_owned(), 1999, 0)));
    assert_eq!(desk.database.count("SELECT count(*) FROM refunds").await, 0);
    // The truth is heard all the same.
    desk.deliver(&order.cancelled()).await;
    desk.recorder.wait_for::<Refunded>(|data| data.order_id == order.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_told_of_again_with_another_price_is_not_the_one_that_is_charged() {
    let desk = Desk::open().await;
    desk.running.leaves_queued("what was refused waits for an operator");
    let (known, buried) = (Order::new("sim_ok"), Order::new("sim_ok"));
    desk.deliver(&known.created()).await;
    desk.deliver(&buried.cancelled()).await;
    for order in [&known, &buried] {
        let dearer = created(order, |data| data.total.amount = 2000);
        assert_refused(&desk, &dearer, "20.00 EUR", "19.99 EUR").await;
        let dollars = created(order, |data| data.total.currency = "USD".parse().unwrap());
        assert_refused(&desk, &dollars, "19.99 USD", "19.99 EUR").await;
        let stranger = created(order, |data| data.customer_id = Uuid::nil().into());
        assert_refused(&desk, &stranger, &Uuid::nil().to_string(), &order.customer.to_string()).await;
    }
    let method = created(&known, |data| data.payment_method = "sim_slow".to_owned());
    assert_refused(&desk, &method, "sim_slow", "sim_ok").await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == known.id).await;
    assert_eq!(desk.payment(&known).await, Some(("captured".to_owned(), 1999, 0)));
    assert_eq!(desk.payment(&buried).await, Some(("cancelled".to_owned(), 0, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_that_cannot_be_is_never_charged() {
    let desk = Desk::open().await;
    desk.running.leaves_queued("what was refused waits for an operator");
    for amount in [-1, i64::MIN, Money::MOST + 1, i64::MAX] {
        let total = Money::new(amount, Currency::EUR);
        for event in [
            created(&Order::new("sim_ok"), |data| data.total = total),
            cancelled(&Order::new("sim_ok"), |data| data.total = total),
        ] {
            assert_refused(&desk, &event, &total.to_string(), "a payment is of 0 to").await;
        }
    }
    assert_eq!(desk.database.count("SELECT count(*) FROM payments").await, 0);
}
