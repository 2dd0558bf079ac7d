//! The database itself guards what is only ever added to.

use crate::support::{Shop, refunded};

#[tokio::test(flavor = "multi_thread")]
async fn history_refunds_and_announced_events_can_neither_be_changed_nor_removed() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.deliver(&refunded(&order)).await;
    for statement in [
        "UPDATE order_history SET what = 'nothing happened'",
        "DELETE FROM order_history",
        "TRUNCATE order_history",
        "UPDATE order_refunds SET amount = 1",
        "DELETE FROM order_refunds",
        "TRUNCATE order_refunds",
        "UPDATE event_log SET envelope = '{}'",
        "DELETE FROM event_log",
        "TRUNCATE event_log CASCADE",
    ] {
        let refused = sqlx::query(statement).execute(shop.database.pool()).await.unwrap_err().to_string();
        assert!(refused.contains("is append-only"), "{statement}: {refused}");
    }
    assert_eq!(shop.database.count("SELECT count(*) FROM order_history").await, 2);
    assert_eq!(shop.database.count("SELECT count(*) FROM order_refunds").await, 1);
}
