//! A reservation past its time goes back only when order-service knows no live order that holds it.

use crate::support::{Checkout, FakeOrders, Shop};
use contracts::{api::order::OrderStatus, events::product::ReservationExpired};
use service_kit::Clock;
use std::time::Duration;
use test_kit::until;

const TTL: Duration = Duration::from_secs(900);

/// A shop whose clock the test moves, and the orders it may ask about.
async fn shop_with_orders() -> (Shop, Clock, FakeOrders) {
    let (clock, orders) = (Clock::manual(Clock::system().now()), FakeOrders::default());
    let shop = Shop::open_with(TTL, clock.clone(), &orders.start().await).await;
    shop.stock(&[("A", 5)]).await;
    (shop, clock, orders)
}

async fn asked(orders: &FakeOrders, checkout: Checkout, times: usize) {
    until("order-service to be asked", || async { (orders.times_asked(checkout) >= times).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_expires_when_the_order_was_never_stored() {
    let (shop, clock, orders) = shop_with_orders().await;
    let lost = shop.held(&[("A", 2)]).await;
    clock.advance(time::Duration::seconds(901));
    let expired = shop.recorder.wait_for::<ReservationExpired>(|_| true).await;
    assert_eq!(expired.data, ReservationExpired { checkout_id: lost.id, order_id: lost.order_id });
    assert_eq!((expired.subject, expired.sequence), (lost.id.uuid(), 2));
    assert_eq!((shop.status(lost).await.as_str(), shop.level("A").await), ("expired", (5, 0)));
    assert_eq!(orders.times_asked(lost), 1);
    // The cancellation that follows finds it given back.
    shop.deliver(lost.cancelled()).await;
    assert_eq!(shop.level("A").await, (5, 0));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_expires_when_the_order_is_cancelled_and_that_was_not_heard() {
    let (shop, clock, orders) = shop_with_orders().await;
    let checkout = shop.held(&[("A", 2)]).await;
    orders.know(checkout, OrderStatus::Cancelled);
    clock.advance(time::Duration::seconds(901));
    shop.recorder.wait_for::<ReservationExpired>(|data| data.checkout_id == checkout.id).await;
    assert_eq!(shop.level("A").await, (5, 0));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stays_while_a_live_order_holds_it_and_is_looked_at_again() {
    let (shop, clock, orders) = shop_with_orders().await;
    let (pending, paid) = (shop.held(&[("A", 2)]).await, shop.held(&[("A", 1)]).await);
    orders.know(pending, OrderStatus::Pending);
    orders.know(paid, OrderStatus::Paid);
    clock.advance(time::Duration::seconds(901));
    asked(&orders, pending, 1).await;
    // Only what is still held is asked about a second time.
    clock.advance(time::Duration::seconds(31));
    asked(&orders, pending, 2).await;
    asked(&orders, paid, 2).await;
    assert_eq!(shop.level("A").await, (5, 3));
    // Later the order is cancelled, and the event is lost.
    orders.know(pending, OrderStatus::Cancelled);
    clock.advance(time::Duration::seconds(31));
    shop.recorder.wait_for::<ReservationExpired>(|data| data.checkout_id == pending.id).await;
    asked(&orders, paid, 3).await;
    assert_eq!((shop.status(paid).await.as_str(), shop.level("A").await), ("held", (5, 1)));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_asked_about_before_its_time_nor_once_it_is_paid() {
    let (shop, clock, orders) = shop_with_orders().await;
    let (paid, lapsed, later) =
        (shop.held(&[("A", 1)]).await, shop.held(&[("A", 1)]).await, shop.held(&[("A", 1)]).await);
    shop.deliver(paid.paid()).await;
    let statement = "UPDATE reservations SET look_at = look_at + interval '10 s' WHERE checkout_id = $1";
    sqlx::query(statement).bind(later.id.uuid()).execute(shop.database.pool()).await.unwrap();
    clock.advance(time::Duration::seconds(901));
    shop.recorder.wait_for::<ReservationExpired>(|data| data.checkout_id == lapsed.id).await;
    assert_eq!((orders.times_asked(paid), orders.times_asked(later)), (0, 0));
    assert_eq!((shop.status(paid).await.as_str(), shop.status(later).await.as_str()), ("committed", "held"));
    assert_eq!(shop.level("A").await, (5, 2));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stays_when_order_service_cannot_be_asked() {
    let clock = Clock::manual(Clock::system().now());
    let shop = Shop::open_with(TTL, clock.clone(), "http://127.0.0.1:9").await;
    shop.stock(&[("A", 5)]).await;
    let checkout = shop.held(&[("A", 2)]).await;
    clock.advance(time::Duration::seconds(901));
    until_looked_at_twice(&shop, &clock).await;
    assert_eq!((shop.status(checkout).await.as_str(), shop.level("A").await), ("held", (5, 2)));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_expire_does_not_hold_up_the_others() {
    let (shop, clock, orders) = shop_with_orders().await;
    // About one of the older ones order-service has no readable answer, one cannot be written.
    let unclear = shop.held(&[("A", 1)]).await;
    clock.advance(time::Duration::seconds(1));
    let stuck = shop.held(&[("A", 1)]).await;
    clock.advance(time::Duration::seconds(1));
    let lost = shop.held(&[("A", 2)]).await;
    orders.fail(unclear);
    for statement in [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$".to_owned(),
        format!(
            "CREATE TRIGGER refuse BEFORE UPDATE ON reservations FOR EACH ROW
             WHEN (NEW.status = 'expired' AND NEW.checkout_id = '{}') EXECUTE FUNCTION refuse()",
            stuck.id
        ),
    ] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(shop.database.pool()).await.unwrap();
    }
    clock.advance(time::Duration::seconds(901));
    shop.recorder.wait_for::<ReservationExpired>(|data| data.checkout_id == lost.id).await;
    // The three are looked at in any order.
    for checkout in [unclear, stuck] {
        asked(&orders, checkout, 1).await;
    }
    assert_eq!((shop.status(unclear).await.as_str(), shop.status(stuck).await.as_str()), ("held", "held"));
    assert_eq!(shop.level("A").await, (5, 2));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_404_that_is_not_order_services_own_word_does_not_expire_it() {
    let clock = Clock::manual(Clock::system().now());
    // A wrong ORDER_SERVICE_URL: somebody who knows no such address.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new()
        .fallback(|| async { (http::StatusCode::NOT_FOUND, axum::Json(serde_json::json!({ "code": "not_found" }))) });
    tokio::spawn(async move { axum::serve(listener, router).await });
    let shop = Shop::open_with(TTL, clock.clone(), &url).await;
    shop.stock(&[("A", 5)]).await;
    let checkout = shop.held(&[("A", 2)]).await;
    clock.advance(time::Duration::seconds(901));
    until_looked_at_twice(&shop, &clock).await;
    assert_eq!((shop.status(checkout).await.as_str(), shop.level("A").await), ("held", (5, 2)));
    shop.close().await;
}

/// Only what is still held is looked at a second time: the first answer has been acted on by then.
async fn until_looked_at_twice(shop: &Shop, clock: &Clock) {
    until_looked_at(shop).await;
    clock.advance(time::Duration::seconds(31));
    until_looked_at(shop).await;
}

/// The next look is in the future again, by the moved clock.
async fn until_looked_at(shop: &Shop) {
    until("the reservation to be looked at", || async {
        let now = shop.running.kit.clock.now();
        let query = "SELECT count(*) FROM reservations WHERE look_at > $1";
        let count: i64 = sqlx::query_scalar(query).bind(now).fetch_one(shop.database.pool()).await.unwrap();
        (count == 1).then_some(())
    })
    .await;
}
