//! One event, one message, one mail; whatever the bus does.

use crate::support::{Shop, cancelled, created, event, fixed, paid, refunded};
use contracts::{events::notification::Sent, events::order::CancelReason};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_delivered_three_times_is_told_once() {
    let shop = Shop::open().await;
    let paid = event(10, paid(fixed(1), fixed(2)));
    for _ in 0..3 {
        shop.deliver(&paid).await;
    }
    shop.mails(1).await;
    shop.deliveries("sent", 1).await;
    assert_eq!(shop.database.count("SELECT count(*) FROM messages").await, 1);
    assert_eq!(shop.announced::<Sent>().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_replayed_after_its_claim_was_cleared_is_still_told_once() {
    let shop = Shop::open().await;
    let paid = event(10, paid(fixed(1), fixed(2)));
    shop.deliver(&paid).await;
    shop.deliveries("sent", 1).await;
    sqlx::query("DELETE FROM inbox").execute(shop.database.pool()).await.unwrap();
    shop.deliver(&paid).await;
    assert_eq!(shop.database.count("SELECT count(*) FROM inbox WHERE status = 'done'").await, 1);
    assert_eq!(shop.database.count("SELECT count(*) FROM deliveries").await, 1);
    shop.mails(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_order_events_arrive_in_the_messages_are_the_same() {
    let events = [
        event(10, created(fixed(1), fixed(2), "Mug")),
        event(11, paid(fixed(1), fixed(2))),
        event(12, cancelled(fixed(1), fixed(2), CancelReason::Requested, true)),
        event(13, refunded(fixed(1), fixed(2))),
    ];
    let mut seen = Vec::new();
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let shop = Shop::open().await;
        for index in order {
            shop.deliver(&events[index]).await;
        }
        let query = "SELECT template, title, body, order_number FROM messages ORDER BY event_id";
        let rows: Vec<(String, String, String, Option<i64>)> =
            sqlx::query_as(query).fetch_all(shop.database.pool()).await.unwrap();
        assert_eq!(rows.len(), 4);
        seen.push(rows);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
}
