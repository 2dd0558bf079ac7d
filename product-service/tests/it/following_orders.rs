//! What happens to a reservation when its order is paid, cancelled or fulfilled, in whatever order that is heard.

use crate::support::{Checkout, Shop};
use test_kit::until;

#[tokio::test]
async fn a_paid_order_keeps_its_stock_reserved() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let checkout = shop.held(&[("A", 2)]).await;
    shop.deliver(checkout.paid()).await;
    shop.deliver(checkout.paid()).await;
    assert_eq!((shop.status(checkout).await.as_str(), shop.level("A").await), ("committed", (5, 2)));
    shop.close().await;
}

#[tokio::test]
async fn a_cancelled_order_gives_its_stock_back_exactly_once() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5), ("B", 5)]).await;
    shop.held(&[("A", 1), ("B", 1)]).await;
    let cancelled = shop.held(&[("A", 2), ("B", 3)]).await;
    let event = test_kit::event(1, cancelled.cancelled());
    for _ in 0..3 {
        shop.bus.deliver_to(contracts::ServiceName::Product, &event).await.unwrap();
    }
    // The same fact under another event id.
    shop.deliver(cancelled.cancelled()).await;
    assert_eq!(shop.status(cancelled).await, "released");
    assert_eq!((shop.level("A").await, shop.level("B").await), ((5, 1), (5, 1)));
    shop.close().await;
}

#[tokio::test]
async fn a_paid_order_that_is_cancelled_gives_its_stock_back() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let checkout = shop.held(&[("A", 2)]).await;
    shop.deliver(checkout.paid()).await;
    shop.deliver(checkout.cancelled()).await;
    shop.deliver(checkout.paid()).await;
    assert_eq!((shop.status(checkout).await.as_str(), shop.level("A").await), ("released", (5, 0)));
    shop.close().await;
}

#[tokio::test]
async fn a_payment_after_the_cancellation_takes_no_stock() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 2)]).await;
    let checkout = shop.held(&[("A", 2)]).await;
    shop.deliver(checkout.cancelled()).await;
    shop.held(&[("A", 2)]).await;
    shop.deliver(checkout.paid()).await;
    assert_eq!((shop.status(checkout).await.as_str(), shop.level("A").await), ("released", (2, 2)));
    shop.close().await;
}

#[tokio::test]
async fn a_fulfilled_order_takes_its_pieces_out_of_the_warehouse_once() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5), ("B", 5)]).await;
    let checkout = shop.held(&[("A", 2), ("B", 1)]).await;
    shop.deliver(checkout.paid()).await;
    shop.deliver(checkout.fulfilled()).await;
    shop.deliver(checkout.fulfilled()).await;
    assert_eq!(shop.status(checkout).await, "shipped");
    assert_eq!((shop.level("A").await, shop.level("B").await), ((3, 0), (4, 0)));
    let shipped = "SELECT count(*) FROM stock_movements WHERE kind = 'shipped'";
    assert_eq!(shop.database.count(shipped).await, 2);
    // A repeat of the checkout still hears what it was told.
    shop.reserve(checkout, &[("A", 2), ("B", 1)]).await.assert_status(200);
    shop.close().await;
}

#[tokio::test]
async fn a_fulfilment_heard_before_the_payment_waits_for_it() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let checkout = shop.held(&[("A", 2)]).await;
    shop.deliver(checkout.fulfilled()).await;
    assert_eq!((shop.status(checkout).await.as_str(), shop.level("A").await), ("held", (5, 2)));
    let early = "SELECT count(*) FROM inbox WHERE status = 'waiting' AND reason LIKE 'early: order.fulfilled%'";
    assert_eq!(shop.database.count(early).await, 1);
    shop.deliver(checkout.paid()).await;
    until("the fulfilment to be tried again", || async { (shop.level("A").await == (3, 0)).then_some(()) }).await;
    assert_eq!(shop.status(checkout).await, "shipped");
    shop.close().await;
}

#[tokio::test]
async fn a_request_to_reserve_that_comes_behind_its_cancellation_takes_nothing() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let checkout = Checkout::new();
    shop.deliver(checkout.cancelled()).await;
    shop.deliver(checkout.cancelled()).await;
    shop.reserve(checkout, &[("A", 2)]).await.assert_problem(409, "reservation_ended");
    assert_eq!((shop.status(checkout).await.as_str(), shop.level("A").await), ("released", (5, 0)));
    shop.close().await;
}

#[tokio::test]
async fn a_repeat_after_the_cancellation_hears_that_it_has_ended() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let checkout = shop.held(&[("A", 2)]).await;
    shop.deliver(checkout.cancelled()).await;
    shop.reserve(checkout, &[("A", 2)]).await.assert_problem(409, "reservation_ended");
    shop.reserve(checkout, &[("A", 1)]).await.assert_problem(422, "checkout_reused");
    assert_eq!(shop.level("A").await, (5, 0));
    shop.close().await;
}
