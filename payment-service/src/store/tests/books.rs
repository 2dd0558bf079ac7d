//! The ledger: each transaction sums to zero, whichever are booked with it.

use super::{
    super::ledger::{self, Booking, Source},
    Desk, number,
};
use crate::domain::{capture_postings, refund_postings};

#[tokio::test]
async fn what_is_booked_sums_to_zero_and_is_booked_once() {
    let mut desk = Desk::new().await;
    let new = desk.captured().await;
    let booking = desk.booking(&new, Source::Capture(new.id));
    ledger::book(&mut desk.connection, &[booking]).await.unwrap();
    let again = Booking { id: desk.clock.new_id(), ..booking };
    let refused = ledger::book(&mut desk.connection, &[again]).await.unwrap_err();
    let constraint = refused.as_database_error().and_then(sqlx::error::DatabaseError::constraint);
    assert_eq!(constraint, Some("ledger_transactions_source_unique"));
    let refund = desk.clock.new_id();
    let back = Booking { postings: refund_postings(999), ..desk.booking(&new, Source::Refund(refund)) };
    ledger::book(&mut desk.connection, &[back]).await.unwrap();
    let owed = "SELECT sum(amount)::bigint FROM ledger_entries WHERE account = 'customer_prepayments'";
    assert_eq!(number(&mut desk.connection, owed).await, -1000);
    let clearing = "SELECT sum(amount)::bigint FROM ledger_entries WHERE account = 'provider_clearing'";
    assert_eq!(number(&mut desk.connection, clearing).await, 1000);
}

#[tokio::test]
async fn an_order_that_costs_nothing_books_nothing() {
    let mut desk = Desk::new().await;
    let new = desk.captured().await;
    let free = Booking { postings: capture_postings(0), ..desk.booking(&new, Source::Capture(new.id)) };
    ledger::book(&mut desk.connection, &[free]).await.unwrap();
    assert_eq!(number(&mut desk.connection, "SELECT count(*) FROM ledger_transactions").await, 0);
    assert_eq!(number(&mut desk.connection, "SELECT count(*) FROM ledger_entries").await, 0);
}

#[tokio::test]
async fn an_unbalanced_transaction_cannot_be_booked() {
    let mut desk = Desk::new().await;
    let new = desk.captured().await;
    let mut booking = desk.booking(&new, Source::Capture(new.id));
    booking.postings[0].amount += 1;
    let refused = ledger::book(&mut desk.connection, &[booking]).await.unwrap_err().to_string();
    assert!(refused.contains("do not sum to zero"), "{refused}");
    assert_eq!(number(&mut desk.connection, "SELECT count(*) FROM ledger_entries").await, 0);
}

#[tokio::test]
async fn one_unbalanced_transaction_keeps_a_whole_slice_out_of_the_books() {
    let mut desk = Desk::new().await;
    let (first, second, third) = (desk.captured().await, desk.captured().await, desk.captured().await);
    let mut slice = [&first, &second, &third].map(|new| desk.booking(new, Source::Capture(new.id)));
    // Together they sum to zero; each alone does not.
    slice[0].postings[0].amount += 1;
    slice[1].postings[0].amount -= 1;
    let refused = ledger::book(&mut desk.connection, &slice).await.unwrap_err().to_string();
    assert!(refused.contains("do not sum to zero"), "{refused}");
    assert_eq!(number(&mut desk.connection, "SELECT count(*) FROM ledger_transactions").await, 0);
    ledger::book(&mut desk.connection, &slice[2..]).await.unwrap();
    assert_eq!(number(&mut desk.connection, "SELECT count(*) FROM ledger_entries").await, 2);
}

#[tokio::test]
async fn one_unbalanced_among_sixty_four_refuses_the_statement_and_the_others_can_be_booked() {
    let mut desk = Desk::new().await;
    let mut slice = Vec::new();
    for _ in 0..64 {
        let new = desk.inserted().await;
        slice.push(desk.booking(&new, Source::Capture(new.id)));
    }
    slice[40].postings[1].amount -= 1;
    let refused = ledger::book(&mut desk.connection, &slice).await.unwrap_err().to_string();
    assert!(refused.contains(&format!("{} do not sum to zero", slice[40].id)), "{refused}");
    assert_eq!(number(&mut desk.connection, "SELECT count(*) FROM ledger_transactions").await, 0);
    slice.remove(40);
    ledger::book(&mut desk.connection, &slice).await.unwrap();
    assert_eq!(number(&mut desk.connection, "SELECT count(*) FROM ledger_entries").await, 126);
}
