//! What an operator mends by hand: a mail that waits is made due.

use crate::{
    mail_server::Reply,
    support::{Shop, event, fixed, verified},
};
use notify_service::mend;
use test_kit::until;
use time::OffsetDateTime;
use uuid::Uuid;

/// The only delivery: its id, its status and when it is due.
async fn delivery(shop: &Shop) -> (Uuid, String, Option<OffsetDateTime>) {
    let query = "SELECT id, status, next_at FROM deliveries";
    sqlx::query_as(query).fetch_one(shop.database.pool()).await.unwrap()
}

async fn make_due(shop: &Shop, id: Uuid) -> bool {
    let mut connection = shop.database.pool().acquire().await.unwrap();
    mend::try_delivery(&mut connection, &shop.clock, "grace", id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_waits_is_made_due_and_leaves_under_the_message_id_it_has() {
    let shop = Shop::open().await;
    shop.mails.next(Reply::Refuse);
    shop.deliver(&event(10, verified(fixed(1)))).await;
    until("the first attempt to fail", || async { shop.last_error().await }).await;
    // The shop's clock stands still: left alone, the mail would wait for ever.
    let (id, ..) = delivery(&shop).await;
    assert!(make_due(&shop, id).await);
    let mails = shop.mails(1).await;
    assert_eq!(mails[0].message_id, "9fffffff-ffff-7000-8000-00000000000a.welcome@shop.test");
    shop.deliveries("sent", 1).await;
    let query = "SELECT operator, action, target, note FROM operator_log";
    let log: Vec<(String, String, String, String)> =
        sqlx::query_as(query).fetch_all(shop.database.pool()).await.unwrap();
    let [(operator, action, target, note)] = log.as_slice() else { panic!("{log:?}") };
    assert_eq!((operator.as_str(), action.as_str()), ("grace", "repaired"));
    assert_eq!((target, note.as_str()), (&id.to_string(), "the waiting mail was made due"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_does_not_wait_is_left_as_it_is() {
    let shop = Shop::open().await;
    shop.deliver(&event(10, verified(fixed(1)))).await;
    shop.deliveries("sent", 1).await;
    let statements = [
        "UPDATE deliveries SET status = 'sent'",
        "UPDATE deliveries SET status = 'failed', sent_at = NULL",
        // Somebody has it in this moment.
        "UPDATE deliveries SET status = 'sending', next_at = created_at + interval '1 hour'",
    ];
    for statement in statements {
        sqlx::query(statement).execute(shop.database.pool()).await.unwrap();
        let before = delivery(&shop).await;
        assert!(!make_due(&shop, before.0).await, "{before:?}");
        assert_eq!(delivery(&shop).await, before);
    }
    assert!(!make_due(&shop, Uuid::nil()).await, "there is no such mail");
    assert_eq!(shop.database.count("SELECT count(*) FROM operator_log").await, 0);
    shop.mails(1).await;
}
