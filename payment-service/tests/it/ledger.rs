//! The database itself guards the books.

use crate::support::{Desk, Order};
use contracts::events::payment::Completed;
use test_kit::TestDatabase;

async fn refused(database: &TestDatabase, statements: &[&'static str]) -> String {
    let mut tx = database.pool().begin().await.unwrap();
    for statement in statements {
        if let Err(cause) = sqlx::query(*statement).execute(&mut *tx).await {
            return cause.to_string();
        }
    }
    tx.commit().await.unwrap_err().to_string()
}

async fn desk_with_a_capture() -> Desk {
    let desk = Desk::open().await;
    let order = Order::new("sim_ok");
    desk.deliver(&order.created()).await;
    desk.recorder.wait_for::<Completed>(|data| data.order_id == order.id).await;
    desk.settled().await;
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_booked_can_neither_be_changed_nor_removed() {
    let desk = desk_with_a_capture().await;
    for statement in [
        "UPDATE ledger_entries SET amount = amount * 2",
        "UPDATE ledger_transactions SET booked_at = now()",
        "DELETE FROM ledger_entries",
        "DELETE FROM ledger_transactions",
        "TRUNCATE ledger_entries",
        "TRUNCATE ledger_transactions CASCADE",
    ] {
        let reason = refused(&desk.database, &[statement]).await;
        assert!(reason.contains("is append-only"), "{statement}: {reason}");
    }
    assert_eq!(desk.database.count("SELECT count(*) FROM ledger_entries").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_does_not_sum_to_zero_is_refused_at_commit() {
    let desk = desk_with_a_capture().await;
    let transaction = "INSERT INTO ledger_transactions (id, kind, source_id, payment_id, order_id, booked_at)
                       SELECT '00000000-0000-0000-0000-000000000001', 'refund', gen_random_uuid(), id, order_id, now()
                       FROM payments";
    let debit = "INSERT INTO ledger_entries VALUES
                     ('00000000-0000-0000-0000-000000000001', 'provider_clearing', 'EUR', 5)";
    let other_currency = "INSERT INTO ledger_entries VALUES
                     ('00000000-0000-0000-0000-000000000001', 'customer_prepayments', 'USD', -5)";
    let reason = refused(&desk.database, &[transaction, debit]).await;
    assert!(reason.contains("do not sum to zero"), "{reason}");
    let reason = refused(&desk.database, &[transaction, debit, other_currency]).await;
    assert!(reason.contains("do not sum to zero"), "{reason}");
    let reason = refused(&desk.database, &[transaction]).await;
    assert!(reason.contains("has no entries"), "{reason}");
    assert_eq!(desk.database.count("SELECT count(*) FROM ledger_transactions").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_cannot_be_slipped_into_an_old_transaction() {
    let desk = desk_with_a_capture().await;
    let entry = "INSERT INTO ledger_entries SELECT id, 'provider_clearing', 'USD', 5 FROM ledger_transactions";
    let reason = refused(&desk.database, &[entry]).await;
    assert!(reason.contains("do not sum to zero"), "{reason}");
}
