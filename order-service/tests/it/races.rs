//! Two who want to decide the same thing at the same moment: one does, the other gives way.

use crate::support::{Shop, body, declined, paid, place};
use contracts::{
    CheckoutId,
    events::{
        order::{CancelReason, Cancelled, Created, Paid},
        product::ReservationExpired,
    },
};
use sqlx::{Postgres, Transaction};
use std::sync::atomic::Ordering;
use test_kit::{event, until};

/// Holds the checkout, undecided: who wants it waits.
async fn hold_checkout(shop: &Shop, id: CheckoutId) -> Transaction<'static, Postgres> {
    let mut tx = shop.database.pool().begin().await.unwrap();
    let insert = sqlx::query("INSERT INTO checkouts (checkout_id, outcome) VALUES ($1, 'expired')").bind(id.uuid());
    insert.execute(&mut *tx).await.unwrap();
    tx
}

async fn hold_order(shop: &Shop, order: &Created) -> Transaction<'static, Postgres> {
    let mut tx = shop.database.pool().begin().await.unwrap();
    let lock = sqlx::query("SELECT id FROM orders WHERE id = $1 FOR UPDATE").bind(order.order_id.uuid());
    lock.fetch_one(&mut *tx).await.unwrap();
    tx
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_and_the_expiry_of_its_reservation_never_both_have_the_stock() {
    let shop = Shop::open().await;
    for round in 0..6 {
        let key = format!("k{round}");
        let checkout_id = shop.checkout_of(&key);
        let blocker = hold_checkout(&shop, checkout_id).await;
        let order_id = shop.products.promise(checkout_id);
        let expired = event(1, ReservationExpired { checkout_id, order_id });
        let order = async {
            // By turns, so that each comes first sometimes.
            if round % 2 == 1 {
                shop.waiting_for_locks(1).await;
            }
            place(&shop.customer, &key, body("MUG", 1)).await
        };
        let expiry = async {
            if round % 2 == 0 {
                shop.waiting_for_locks(1).await;
            }
            shop.deliver(&expired).await;
        };
        let release = async {
            shop.waiting_for_locks(2).await;
            blocker.rollback().await.unwrap();
        };
        let (answer, (), ()) = tokio::join!(order, expiry, release);
        if answer.status.as_u16() == 201 {
            let id = answer.text_at("/id").parse().unwrap();
            let cancelled = shop.recorder.wait_for(|data: &Cancelled| data.order_id == id).await.data;
            assert_eq!(cancelled.reason, CancelReason::ReservationExpired);
            assert_eq!(shop.status(id).await, "cancelled");
        } else {
            answer.assert_problem(409, "checkout_ended");
            let query = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM orders WHERE checkout_id = $1");
            let stored = query.bind(checkout_id.uuid()).fetch_one(shop.database.pool()).await.unwrap();
            assert_eq!(stored, 0);
        }
    }
    shop.running.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_at_the_deadline_pays_the_order_or_comes_too_late() {
    for payment_first in [true, false] {
        let shop = Shop::open().await;
        let order = shop.order().await;
        let payment = paid(&order);
        let blocker = hold_order(&shop, &order).await;
        let pay = async {
            if !payment_first {
                shop.waiting_for_locks(1).await;
            }
            shop.deliver(&payment).await;
        };
        let release = async {
            if payment_first {
                shop.waiting_for_locks(1).await;
            }
            // The job finds it overdue and waits for its lock.
            shop.advance(11);
            shop.waiting_for_locks(2).await;
            blocker.rollback().await.unwrap();
        };
        tokio::join!(pay, release);
        let id = order.order_id.uuid();
        let status = if payment_first { "paid" } else { "cancelled" };
        test_kit::until("one of them to decide", || async {
            (shop.status(order.order_id).await == status).then_some(())
        })
        .await;
        let announced = (shop.announced::<Paid>(id).await, shop.announced::<Cancelled>(id).await);
        assert_eq!(announced, if payment_first { (1, 0) } else { (0, 1) });
        shop.running.settled().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_that_comes_so_late_that_the_order_is_over_gets_its_answer_all_the_same() {
    let shop = Shop::open().await;
    shop.products.next_comes_late.store(true, Ordering::SeqCst);
    let late = async {
        // It found no answer under its key, and asks for the stock …
        place(&shop.customer, "k1", body("MUG", 1)).await
    };
    let first = async {
        until("the late one to ask", || async { (!shop.products.asked.lock().unwrap().is_empty()).then_some(()) })
            .await;
        // … while the other one's order is placed, refused by the bank, and cancelled: the stock went back.
        let placed = place(&shop.customer, "k1", body("MUG", 1)).await;
        let id = placed.assert_status(201).text_at("/id").parse().unwrap();
        let order = shop.recorder.wait_for(|created: &Created| created.order_id == id).await.data;
        shop.deliver(&declined(&order)).await;
        assert_eq!(shop.status(id).await, "cancelled");
        shop.products.go_on.notify_one();
        placed
    };
    let (late, first) = tokio::join!(late, first);
    late.assert_status(201);
    assert_eq!(late.body, first.body);
    shop.running.settled().await;
}
