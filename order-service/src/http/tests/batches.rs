//! What comes together is placed together: by one call, on what those before left, and nobody pays for another.

use super::{super::place_order::place, Shop, codes};
use crate::domain::Wish;
use std::sync::atomic::Ordering;

#[tokio::test]
async fn the_stock_of_a_batch_is_asked_for_by_one_call() {
    let shop = Shop::open(&[]).await;
    let wishes: Vec<Wish> = (0..8).map(|number| shop.wish(&format!("k{number}"), "MUG")).collect();
    assert_eq!(codes(&place(&shop.app, wishes).await), ["done"; 8]);
    assert_eq!((shop.calls.load(Ordering::SeqCst), shop.stored().await), (1, [8; 4]));
}

/// As many requests that come at once.
#[tokio::test]
async fn those_under_one_key_are_one_order_and_are_answered_alike() {
    let shop = Shop::open(&[]).await;
    let mut wishes: Vec<Wish> = (0..5).map(|_| shop.wish("same", "MUG")).collect();
    wishes.push(shop.wish("same", "JUG"));
    let answers = place(&shop.app, wishes).await;
    assert_eq!(codes(&answers), ["done", "done", "done", "done", "done", "idempotency_key_reused"]);
    assert!(answers[..5].iter().all(|answer| answer.as_ref().unwrap() == answers[0].as_ref().unwrap()));
    assert_eq!((shop.calls.load(Ordering::SeqCst), shop.stored().await), (1, [1; 4]));
}

#[tokio::test]
async fn a_batch_counts_what_its_own_wishes_hold() {
    let shop = Shop::open(&[("OPEN_ORDERS_PER_CUSTOMER", "3")]).await;
    let wishes: Vec<Wish> = (0..5).map(|number| shop.wish(&format!("k{number}"), "MUG")).collect();
    let answers = place(&shop.app, wishes).await;
    assert_eq!(codes(&answers), ["done", "done", "done", "too_many_open_orders", "too_many_open_orders"]);
    let refused = vec![shop.wish("another", "MUG"), shop.wish("short", "NONE-LEFT"), shop.wish("k1", "MUG")];
    let told = codes(&place(&shop.app, refused).await);
    assert_eq!(told, ["too_many_open_orders", "too_many_open_orders", "done"]);
    assert_eq!(shop.count("SELECT count(*) FROM checkout_intents").await, 0);
}

/// One customer's key is held by somebody; the others of the batch do not wait for them.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_lock_for_long_waits_alone() {
    let shop = Shop::open(&[]).await;
    let slow = shop.wish("slow", "MUG");
    let mut holder = shop.database.pool().begin().await.unwrap();
    let hold = sqlx::query("INSERT INTO checkouts (checkout_id, outcome) VALUES ($1, 'expired')");
    hold.bind(slow.intent.checkout_id.uuid()).execute(&mut *holder).await.unwrap();
    let (app, wishes) = (shop.app.clone(), vec![shop.wish("k1", "MUG"), slow, shop.wish("k2", "MUG")]);
    let placed =
        tokio::spawn(async move { app.placing.many(&app, wishes, |app, wishes| Box::pin(place(app, wishes))).await });
    test_kit::until("the others to be stored", || async { (shop.stored().await == [2; 4]).then_some(()) }).await;
    assert!(!placed.is_finished());
    holder.rollback().await.unwrap();
    assert_eq!(codes(&placed.await.unwrap()), ["done"; 3]);
}

/// The commit is refused for what one of them holds: nobody is told before it that it is done.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_commit_is_refused_for_one_is_done_without_it() {
    let shop = Shop::open(&[]).await;
    let bad = shop.wish("bad", "BAD");
    sqlx::raw_sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF EXISTS (SELECT FROM order_lines WHERE order_id = NEW.id AND sku = 'BAD') THEN
                 RAISE EXCEPTION 'not this one' USING ERRCODE = 'check_violation';
             END IF;
             RETURN NULL;
         END $$;
         CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    .execute(shop.database.pool())
    .await
    .unwrap();
    let (app, wishes) = (&shop.app, vec![shop.wish("k1", "MUG"), bad, shop.wish("k2", "MUG")]);
    let answers = app.placing.many(app, wishes, |app, wishes| Box::pin(place(app, wishes))).await;
    assert_eq!(codes(&answers), ["done", "internal", "done"]);
    assert_eq!(shop.stored().await, [2; 4]);
}
