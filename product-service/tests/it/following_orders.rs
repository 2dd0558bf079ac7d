//! What happens to a reservation when its order is paid, cancelled or fulfilled, in whatever order that is heard.

use crate::support::{Checkout, Shop};
use test_kit::until;

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_keeps_its_stock_reserved() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let checkout = shop.held(&[("A", 2)]).await;
    shop.deliver(checkout.paid()).await;
    shop.deliver(checkout.paid()).await;
    assert_eq!((shop.status(checkout).await.as_str(), shop.level("A").await), ("committed", (5, 2)));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
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

#[tokio::test(flavor = "multi_thread")]
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

#[tokio::test(flavor = "multi_thread")]
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

#[tokio::test(flavor = "multi_thread")]
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

#[tokio::test(flavor = "multi_thread")]
async fn a_fulfilment_heard_before_the_payment_ships_at_once() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let checkout = shop.held(&[("A", 2)]).await;
    shop.deliver(checkout.fulfilled()).await;
    // Only what is paid is fulfilled; the payment's own event may come when it likes.
    for _ in 0..2 {
        assert_eq!((shop.status(checkout).await.as_str(), shop.level("A").await), ("shipped", (3, 0)));
        shop.deliver(checkout.paid()).await;
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
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

#[tokio::test(flavor = "multi_thread")]
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

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_at_the_very_moment_of_the_reservation_gives_it_back() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    // What a request to reserve does, stopped before its commit: the cancellation finds nothing and buries it.
    let checkout = Checkout::new();
    let mut reserving = shop.database.pool().begin().await.unwrap();
    for statement in [
        "INSERT INTO reservations (checkout_id, order_id, status, skus, quantities, created_at, changed_at, expires_at,
             look_at, version)
         SELECT $1, $2, 'held', '{A}', '{2}', now(), now(), now() + interval '1 h', now() + interval '1 h', 1",
        "INSERT INTO reservation_lines (checkout_id, variant_id, product_id, sku, name, quantity, amount, currency)
         SELECT $1, id, product_id, sku, 'Thing A', 2, 1000, 'EUR' FROM variants WHERE sku = 'A' AND $2::uuid IS NOT NULL",
        "UPDATE stock SET reserved = reserved + 2 WHERE $1::uuid IS NOT NULL AND $2::uuid IS NOT NULL",
    ] {
        let statement = sqlx::query(statement).bind(checkout.id.uuid()).bind(checkout.order_id.uuid());
        statement.execute(&mut *reserving).await.unwrap();
    }
    let release = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        until("the cancellation to meet the reservation", || async {
            (shop.database.count(waiting).await == 1).then_some(())
        })
        .await;
        reserving.commit().await.unwrap();
    };
    tokio::join!(shop.deliver(checkout.cancelled()), release);
    until("the cancellation to be tried again", || async { (shop.level("A").await == (5, 0)).then_some(()) }).await;
    assert_eq!(shop.status(checkout).await, "released");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_another_order_than_the_reservations_changes_nothing() {
    let shop = Shop::open().await;
    shop.running.leaves_queued("what was refused waits for an operator");
    shop.stock(&[("A", 5)]).await;
    let (held, buried) = (shop.held(&[("A", 2)]).await, Checkout::new());
    shop.deliver(buried.cancelled()).await;
    for checkout in [held, buried] {
        let stranger = Checkout { order_id: uuid::Uuid::from_u128(9).into(), ..checkout };
        let events = [
            test_kit::event(1, stranger.paid()),
            test_kit::event(2, stranger.cancelled()),
            test_kit::event(3, stranger.fulfilled()),
        ];
        for event in events {
            shop.bus.deliver_to(contracts::ServiceName::Product, &event).await.unwrap();
            let query = "SELECT reason FROM inbox WHERE event_id = $1 AND status <> 'done'";
            let query = sqlx::query_scalar::<_, String>(query).bind(event.id.uuid());
            let reason = query.fetch_one(shop.database.pool()).await.unwrap();
            let both = [stranger.order_id, checkout.order_id].map(|id| reason.contains(&id.to_string()));
            assert_eq!(both, [true, true], "{reason}");
        }
    }
    assert_eq!((shop.status(held).await.as_str(), shop.level("A").await), ("held", (5, 2)));
    assert_eq!(shop.status(buried).await, "released");
    shop.assert_books_balance().await;
}

/// Every arrangement of three deliveries each of two events: 20 of them.
fn arrangements() -> Vec<[usize; 6]> {
    let thrice = (0_u8..64).filter(|bits| bits.count_ones() == 3);
    thrice.map(|bits| std::array::from_fn(|place| usize::from(bits >> place & 1))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_and_a_cancellation_three_times_each_end_the_same_in_every_order() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 1)]).await;
    for arrangement in arrangements() {
        // All of the stock, again and again: it only goes round if each gives it back.
        let checkout = shop.held(&[("A", 1)]).await;
        let events = [test_kit::event(1, checkout.paid()), test_kit::event(2, checkout.cancelled())];
        for index in arrangement {
            shop.bus.deliver_to(contracts::ServiceName::Product, &events[index]).await.unwrap();
        }
        let end = (shop.status(checkout).await, shop.level("A").await);
        assert_eq!(end, ("released".to_owned(), (1, 0)), "{arrangement:?}");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_and_a_fulfilment_three_times_each_end_the_same_in_every_order() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 20)]).await;
    let mut checkouts = Vec::new();
    for arrangement in arrangements() {
        let checkout = shop.held(&[("A", 1)]).await;
        let events = [test_kit::event(1, checkout.paid()), test_kit::event(2, checkout.fulfilled())];
        for index in arrangement {
            shop.bus.deliver_to(contracts::ServiceName::Product, &events[index]).await.unwrap();
        }
        checkouts.push((arrangement, checkout));
    }
    // A fulfilment that came first waits for the payment, and is tried again by itself.
    until("all of it to leave the warehouse", || async { (shop.level("A").await == (0, 0)).then_some(()) }).await;
    for (arrangement, checkout) in checkouts {
        assert_eq!(shop.status(checkout).await, "shipped", "{arrangement:?}");
    }
    assert_eq!(shop.database.count("SELECT count(*) FROM stock_movements WHERE kind = 'shipped'").await, 20);
    shop.close().await;
}
