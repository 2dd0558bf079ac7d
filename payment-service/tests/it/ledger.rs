//! The database itself guards the books.

use crate::support::{Desk, Order};
use contracts::events::payment::Completed;
use sqlx::AssertSqlSafe;
use test_kit::TestDatabase;

async fn refused(database: &TestDatabase, statements: &[&str]) -> String {
    let mut tx = database.pool().begin().await.unwrap();
    for statement in statements {
        if let Err(cause) = sqlx::query(AssertSqlSafe((*statement).to_owned())).execute(&mut *tx).await {
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
async fn a_transaction_that_does_not_sum_to_zero_is_refused_with_its_statement() {
    let desk = desk_with_a_capture().await;
    let transaction = "INSERT INTO ledger_transactions (id, kind, source_id, payment_id, order_id, booked_at)
                       SELECT '00000000-0000-0000-0000-000000000001', 'refund', gen_random_uuid(), id, order_id, now()
                       FROM payments";
    let debit = "('00000000-0000-0000-0000-000000000001', 'provider_clearing', 'EUR', 5)";
    let other_currency = "('00000000-0000-0000-0000-000000000001', 'customer_prepayments', 'USD', -5)";
    let other_transaction = "('00000000-0000-0000-0000-000000000002', 'customer_prepayments', 'EUR', -5)";
    let credit = "('00000000-0000-0000-0000-000000000001', 'customer_prepayments', 'EUR', -5)";
    for entries in [vec![debit], vec![debit, other_currency], vec![debit, other_transaction]] {
        let entries = entries.join(", ");
        let statement = format!("WITH booked AS ({transaction}) INSERT INTO ledger_entries VALUES {entries}");
        let reason = refused(&desk.database, &[&statement]).await;
        assert!(reason.contains("do not sum to zero"), "{entries}: {reason}");
    }
    let reason = refused(&desk.database, &[transaction]).await;
    assert!(reason.contains("has no entries"), "{reason}");
    // Each side by a statement of its own is refused as well: nobody sees half a booking, not even its own transaction.
    let sides = [debit, credit].map(|side| format!("INSERT INTO ledger_entries VALUES {side}"));
    let reason = refused(&desk.database, &[&sides[0], &sides[1], transaction]).await;
    assert!(reason.contains("do not sum to zero"), "{reason}");
    assert_eq!(desk.database.count("SELECT count(*) FROM ledger_transactions").await, 1);
    let whole = format!("WITH booked AS ({transaction}) INSERT INTO ledger_entries VALUES {debit}, {credit}");
    sqlx::query(AssertSqlSafe(whole)).execute(desk.database.pool()).await.unwrap();
    assert_eq!(desk.database.count("SELECT count(*) FROM ledger_entries").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_cannot_be_slipped_into_an_old_transaction() {
    let desk = desk_with_a_capture().await;
    let entry = "INSERT INTO ledger_entries SELECT id, 'provider_clearing', 'USD', 5 FROM ledger_transactions";
    let reason = refused(&desk.database, &[entry]).await;
    assert!(reason.contains("do not sum to zero"), "{reason}");
}
