//! Slices longer than one: what is learned together is booked together, and each of it keeps its own cause.

use super::{
    cancel::cancel,
    create::create,
    learn::{Learned, learn},
    settle::{Answered, Told, settle},
};
use crate::{domain::Fact, store::payments, support::Desk};
use contracts::events::payment::FailureReason;
use service_kit::Cause;
use uuid::Uuid;

fn cause(number: u128) -> Cause {
    Cause {
        correlation_id: Some(Uuid::from_u128(number)),
        causation_id: Some(Uuid::from_u128(number + 1).into()),
        event_type: None,
        by: None,
        traceparent: format!("00-{number:032x}-00f067aa0ba902b7-01"),
    }
}

#[tokio::test]
async fn a_capture_a_refusal_and_a_silence_are_booked_by_one_transaction() {
    let desk = Desk::new(None).await;
    let claimed = desk.claimed(&["sim_ok", "sim_declined", "sim_lost"]).await;
    let told = [
        Told::Fact(Fact::Captured { reference: "ch_1".to_owned() }),
        Told::Fact(Fact::Declined { reason: FailureReason::Declined }),
        Told::Nothing { trouble: "no answer".to_owned() },
    ];
    let answered = claimed.iter().zip(told).zip([10, 20, 30]);
    let answered =
        answered.map(|((stored, told), number)| Answered { payment: stored.payment.id, told, cause: cause(number) });
    let mut tx = desk.app.kit.database.begin("settle").await.unwrap();
    let next = settle(&desk.app, &mut tx, answered.collect()).await.unwrap();
    let _committed = tx.commit().await.unwrap();

    assert_eq!(next, [None, None, None]);
    assert_eq!(desk.statuses(&claimed).await, ["captured", "failed", "unknown"]);
    assert_eq!(desk.count("SELECT count(DISTINCT xmin::text) FROM payments").await, 1, "one transaction");
    let asked_later = "SELECT count(*) FROM payments WHERE status = 'unknown' AND trouble = 'no answer'
                       AND next_at < created_at + interval '1 second'";
    assert_eq!(desk.count(asked_later).await, 1, "before its lease ends");
    let completed = "SELECT count(*) FROM event_log WHERE type = 'payment.completed' AND sequence = 1
                     AND correlation_id = '00000000-0000-0000-0000-00000000000a'
                     AND causation_id = '00000000-0000-0000-0000-00000000000b'
                     AND envelope ->> 'traceparent' LIKE '00-0000000000000000000000000000000a-%'";
    assert_eq!(desk.count(completed).await, 1);
    let failed = "SELECT count(*) FROM event_log WHERE type = 'payment.failed'
                  AND correlation_id = '00000000-0000-0000-0000-000000000014'";
    assert_eq!(desk.count(failed).await, 1);
    assert_eq!(desk.count("SELECT count(*) FROM event_log").await, 2);
    assert_eq!(desk.count("SELECT count(*) FROM ledger_transactions WHERE kind = 'capture'").await, 1);
}

#[tokio::test]
async fn who_has_no_charge_is_charged_at_once_and_an_unwanted_one_given_up() {
    let desk = Desk::new(None).await;
    let claimed = desk.claimed(&["sim_ok", "sim_ok"]).await;
    let mut tx = desk.app.kit.database.begin("settle").await.unwrap();
    let locked = payments::lock(&mut tx, &[claimed[1].payment.id]).await.unwrap();
    let fact = Fact::OrderCancelled { cause: desk.clock.new_id() };
    let learned = Learned { payment: claimed[1].payment.id, fact, cause: cause(1) };
    learn(&desk.app, &mut tx, locked, vec![learned]).await.unwrap();
    let answered =
        claimed.iter().map(|stored| Answered { payment: stored.payment.id, told: Told::NoCharge, cause: cause(1) });
    let next = settle(&desk.app, &mut tx, answered.collect()).await.unwrap();
    assert_eq!(next, [Some(crate::domain::Step::Charge), Some(crate::domain::Step::Abandon)]);
}

#[tokio::test]
async fn what_is_learned_of_one_payment_in_one_slice_is_learned_in_its_order() {
    let desk = Desk::new(None).await;
    let claimed = desk.claimed(&["sim_ok", "sim_ok"]).await;
    let (first, second) = (claimed[0].payment.id, claimed[1].payment.id);
    let captured = |reference: &str| Fact::Captured { reference: reference.to_owned() };
    let cancelled = Fact::OrderCancelled { cause: desk.clock.new_id() };
    let facts = [
        (first, captured("ch_1")),
        (second, cancelled.clone()),
        (first, cancelled),
        (second, captured("ch_2")),
        (first, captured("ch_1")),
    ];
    let mut tx = desk.app.kit.database.begin("learn").await.unwrap();
    let locked = payments::lock(&mut tx, &[first, second]).await.unwrap();
    let learned = facts.map(|(payment, fact)| Learned { payment, fact, cause: cause(1) });
    learn(&desk.app, &mut tx, locked, learned.into()).await.unwrap();
    let _committed = tx.commit().await.unwrap();

    for stored in &claimed {
        assert_eq!(desk.payment(stored.payment.order_id).await, ("captured".to_owned(), 2));
    }
    assert_eq!(desk.count("SELECT count(*) FROM ledger_transactions").await, 2);
    let given_back = "SELECT count(*) FROM refunds JOIN payments ON payments.id = payment_id
                      WHERE amount = 1999 AND refunds_requested = 1999";
    assert_eq!(desk.count(given_back).await, 2);
    // Only the first was paid before it was cancelled.
    assert_eq!(desk.count("SELECT count(*) FROM event_log WHERE type = 'payment.completed'").await, 1);
    assert_eq!(desk.count("SELECT count(*) FROM event_log").await, 1);
}

#[tokio::test]
async fn orders_told_of_twice_known_or_cancelled_before_are_created_in_one_slice() {
    let desk = Desk::new(None).await;
    let known = desk.due(&["sim_ok"]).await.remove(0);
    let (buried, fresh) = (desk.created("sim_slow"), desk.created("sim_ok"));
    let mut tx = desk.app.kit.database.begin("cancel").await.unwrap();
    cancel(&desk.app, &mut tx, vec![desk.cancelled(&buried)]).await.unwrap();
    let slice = vec![buried.clone(), fresh.clone(), known.clone(), fresh.clone()];
    create(&desk.app, &mut tx, slice).await.unwrap();
    let _committed = tx.commit().await.unwrap();
    assert_eq!(desk.count("SELECT count(*) FROM payments").await, 3);
    assert_eq!(desk.payment(buried.data.order_id).await.0, "cancelled");
    assert_eq!(desk.payment(fresh.data.order_id).await.0, "created");
    assert_eq!(desk.count("SELECT count(*) FROM payments WHERE method = 'sim_slow'").await, 1);

    let mut other = fresh.clone();
    other.data.total.amount = 1;
    let mut tx = desk.app.kit.database.begin("create").await.unwrap();
    let refused = create(&desk.app, &mut tx, vec![desk.created("sim_ok"), other]).await.map(drop).unwrap_err();
    assert!(refused.to_string().contains("total"), "{refused}");
}

#[tokio::test]
async fn cancellations_of_known_and_unknown_orders_are_one_slice() {
    let desk = Desk::new(None).await;
    let (known, unknown) = (desk.due(&["sim_ok"]).await.remove(0), desk.created("sim_ok"));
    // Two events tell of the same, before anybody knew the order.
    let slice = vec![desk.cancelled(&unknown), desk.cancelled(&known), desk.cancelled(&unknown)];
    let mut tx = desk.app.kit.database.begin("cancel").await.unwrap();
    cancel(&desk.app, &mut tx, slice).await.unwrap();
    let _committed = tx.commit().await.unwrap();
    assert_eq!(desk.payment(known.data.order_id).await, ("cancelled".to_owned(), 1));
    assert_eq!(desk.payment(unknown.data.order_id).await, ("cancelled".to_owned(), 0));

    // Contradictions within one slice are found as well.
    let order = desk.created("sim_ok");
    let mut dearer = desk.cancelled(&order);
    dearer.data.total.amount += 1;
    let mut tx = desk.app.kit.database.begin("cancel").await.unwrap();
    let refused = cancel(&desk.app, &mut tx, vec![desk.cancelled(&order), dearer]).await.unwrap_err();
    assert!(refused.to_string().contains("20.00 EUR"), "{refused}");
}
