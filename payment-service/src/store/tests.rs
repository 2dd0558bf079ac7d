//! Each function of the store against a real database.

mod books;
mod plans;

use super::{
    MIGRATIONS,
    ledger::{Booking, Source},
    payment_lists,
    payments::{self, NewPayment, PutOff, Stored},
    refunds::{self, NewRefund},
};
use crate::{
    domain::{Fact, Payment, State, capture_postings, charge_key, refund_key},
    origin::Origin,
};
use contracts::{Currency, EventId, Money, PaymentId, ServiceName, events::payment::FailureReason};
use service_kit::{Clock, auth::Viewer};
use sqlx::{PgConnection, Postgres, pool::PoolConnection};
use std::slice::from_ref;
use test_kit::TestDatabase;
use time::{Duration, OffsetDateTime};

const MINUTE: Duration = Duration::MINUTE;

struct Desk {
    connection: PoolConnection<Postgres>,
    clock: Clock,
    now: OffsetDateTime,
}

impl Desk {
    async fn new() -> Self {
        let database = TestDatabase::new(ServiceName::Payment, &MIGRATIONS).await;
        let clock = Clock::system();
        Self { connection: database.pool().acquire().await.unwrap(), now: clock.now(), clock }
    }

    fn payment(&self) -> NewPayment {
        let order_id = self.clock.new_id();
        NewPayment {
            id: self.clock.new_id(),
            order_id,
            customer_id: self.clock.new_id(),
            order_number: 1001,
            total: Money::new(1999, Currency::EUR),
            method: Some("sim_ok".to_owned()),
            cancelled_by: None,
            provider_key: charge_key(order_id),
            deadline: self.now + MINUTE * 8,
            origin: Origin {
                correlation_id: self.clock.new_id(),
                caused_by: self.clock.new_id(),
                traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
            },
            lease: None,
        }
    }

    async fn inserted(&mut self) -> NewPayment {
        let new = self.payment();
        assert_eq!(self.insert(&[&new]).await, [new.id]);
        new
    }

    async fn insert(&mut self, new: &[&NewPayment]) -> Vec<PaymentId> {
        let new: Vec<_> = new.iter().copied().cloned().collect();
        payments::insert(&mut self.connection, &new, self.now).await.unwrap()
    }

    async fn claim(&mut self, now: OffsetDateTime, lease: OffsetDateTime) -> Vec<Stored> {
        payments::claim(&mut self.connection, OffsetDateTime::UNIX_EPOCH, now, lease, 1).await.unwrap()
    }

    async fn put_off(&mut self, id: PaymentId, next_at: OffsetDateTime) {
        let unclear = PutOff { id, next_at, trouble: "no answer".to_owned() };
        payments::put_off(&mut self.connection, &[unclear]).await.unwrap();
    }

    async fn locked(&mut self, id: PaymentId) -> Stored {
        let locked = payments::lock(&mut self.connection, &[id]).await.unwrap();
        locked.into_iter().next().unwrap()
    }

    /// Stores a payment as its next change.
    async fn save(&mut self, payment: &Payment) -> Result<(), sqlx::Error> {
        let mut stored = self.locked(payment.id).await;
        stored.payment = payment.clone();
        stored.version += 1;
        payments::save(&mut self.connection, &[&stored], self.now).await
    }

    /// Learns a fact and stores what follows for the payment itself.
    async fn learned(&mut self, id: PaymentId, fact: Fact) -> Payment {
        let payment = self.locked(id).await.payment.learn(fact).payment;
        self.save(&payment).await.unwrap();
        payment
    }

    async fn captured(&mut self) -> NewPayment {
        let new = self.inserted().await;
        self.learned(new.id, Fact::Captured { reference: format!("ch_{}", new.id) }).await;
        new
    }

    fn booking(&self, new: &NewPayment, source: Source) -> Booking {
        Booking {
            id: self.clock.new_id(),
            source,
            payment_id: new.id,
            order_id: new.order_id,
            currency: Currency::EUR,
            postings: capture_postings(1999),
            at: self.now,
        }
    }
}

async fn number(connection: &mut PgConnection, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn a_payment_reads_back_as_it_was_stored() {
    let mut desk = Desk::new().await;
    let new = desk.inserted().await;
    let stored = desk.locked(new.id).await;
    let expected = Payment {
        id: new.id,
        order_id: new.order_id,
        customer_id: new.customer_id,
        total: new.total,
        method: Some("sim_ok".to_owned()),
        state: State::Created,
        cancelled_by: None,
        refunds_requested: 0,
        refunded: 0,
        deadline: new.deadline,
    };
    assert_eq!(stored.payment, expected);
    assert_eq!((stored.order_number, stored.attempts), (1001, 0));
    assert_eq!((&stored.origin, stored.created_at), (&new.origin, desk.now));
    assert_eq!(stored.provider_key, format!("charge-{}", new.order_id));
    let orders = [desk.clock.new_id(), new.order_id];
    for by_order in [
        payments::lock_by_orders(&mut desk.connection, &orders).await.unwrap(),
        payments::of_orders(&mut desk.connection, &orders).await.unwrap(),
    ] {
        let [stored] = by_order.as_slice() else { panic!("{by_order:?}") };
        assert_eq!(stored.payment, expected);
    }
    assert!(payments::lock(&mut desk.connection, &[desk.clock.new_id()]).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_order_has_one_payment() {
    let mut desk = Desk::new().await;
    let new = desk.inserted().await;
    let again = NewPayment { id: desk.clock.new_id(), method: Some("sim_lost".to_owned()), ..new.clone() };
    assert_eq!(desk.insert(&[&again]).await, []);
    let caused_by = Some(desk.clock.new_id());
    assert_eq!(desk.insert(&[&NewPayment { method: None, cancelled_by: caused_by, ..again }]).await, []);
    payments::learn_methods(&mut desk.connection, &[(new.order_id, "sim_lost".to_owned())]).await.unwrap();
    let stored = desk.locked(new.id).await;
    assert_eq!((stored.payment.state, stored.payment.method.as_deref()), (State::Created, Some("sim_ok")));
}

#[tokio::test]
async fn the_trace_of_a_cancellation_stays_cancelled_and_is_never_due() {
    let mut desk = Desk::new().await;
    let (late, cause) = (desk.payment(), desk.clock.new_id::<EventId>());
    let new = NewPayment { id: desk.clock.new_id(), method: None, cancelled_by: Some(cause), ..late.clone() };
    assert_eq!(desk.insert(&[&new]).await, [new.id]);
    assert_eq!(desk.insert(&[&late]).await, []);
    payments::learn_methods(&mut desk.connection, &[(new.order_id, "sim_ok".to_owned())]).await.unwrap();
    let stored = desk.locked(new.id).await.payment;
    assert_eq!((stored.state, stored.cancelled_by), (State::Cancelled, Some(cause)));
    assert_eq!(stored.method.as_deref(), Some("sim_ok"), "what it would have been paid with is known now");
    assert!(desk.claim(desk.now + MINUTE, desk.now).await.is_empty());
}

#[tokio::test]
async fn a_claim_counts_the_attempt_and_keeps_others_away_until_its_lease_ends() {
    let mut desk = Desk::new().await;
    let new = desk.inserted().await;
    let (now, lease) = (desk.now, desk.now + MINUTE);
    assert!(desk.claim(now - MINUTE, lease).await.is_empty(), "not due yet");
    let claimed = desk.claim(now, lease).await.remove(0);
    assert_eq!((claimed.payment.id, claimed.payment.state, claimed.attempts), (new.id, State::Unknown, 1));
    assert!(desk.claim(now, lease).await.is_empty(), "leased");
    let again = desk.claim(lease, lease + MINUTE).await.remove(0);
    assert_eq!(again.attempts, 2);
    desk.put_off(new.id, now + MINUTE * 3).await;
    assert!(desk.claim(now + MINUTE * 2, lease).await.is_empty(), "put off");
    assert!(!desk.claim(now + MINUTE * 3, lease).await.is_empty());
}

#[tokio::test]
async fn what_is_stored_with_a_lease_is_as_if_it_had_been_claimed() {
    let mut desk = Desk::new().await;
    let lease = desk.now + MINUTE;
    let (leased, due) = (NewPayment { lease: Some(lease), ..desk.payment() }, desk.payment());
    let dead = NewPayment { lease: Some(lease), cancelled_by: Some(desk.clock.new_id()), ..desk.payment() };
    desk.insert(&[&leased, &due, &dead]).await;
    for new in [&leased, &due, &dead] {
        let (stored, told) = (desk.locked(new.id).await, new.clone().stored(desk.now));
        assert_eq!((&stored.payment, stored.attempts), (&told.payment, told.attempts));
        assert_eq!((stored.version, stored.origin, stored.provider_key), (0, told.origin, told.provider_key));
        assert_eq!((stored.created_at, stored.updated_at), (told.created_at, told.updated_at));
    }
    let stored = desk.locked(leased.id).await;
    assert_eq!((stored.payment.state, stored.attempts), (State::Unknown, 1), "the call is about to be made");
    assert_eq!(desk.claim(desk.now, lease).await.remove(0).payment.id, due.id);
    assert!(desk.claim(desk.now, lease).await.is_empty(), "leased");
    let again =
        payments::claim(&mut desk.connection, OffsetDateTime::UNIX_EPOCH, lease, lease + MINUTE, 8).await.unwrap();
    let again = again.iter().find(|stored| stored.payment.id == leased.id).unwrap();
    assert_eq!(again.attempts, 2, "from now on it is asked about first");
}

#[tokio::test]
async fn who_waited_longest_is_claimed_first_and_a_locked_row_is_passed_over() {
    let database = TestDatabase::new(ServiceName::Payment, &MIGRATIONS).await;
    let clock = Clock::system();
    let mut desk = Desk { connection: database.pool().acquire().await.unwrap(), now: clock.now(), clock };
    let first = desk.inserted().await;
    let second = desk.payment();
    payments::insert(&mut desk.connection, from_ref(&second), desk.now + Duration::SECOND).await.unwrap();
    let mut tx = database.pool().begin().await.unwrap();
    payments::lock(&mut tx, &[first.id]).await.unwrap();
    let (now, lease) = (desk.now + MINUTE, desk.now + MINUTE * 2);
    let claimed = desk.claim(now, lease).await.remove(0);
    assert_eq!(claimed.payment.id, second.id);
    tx.rollback().await.unwrap();
    let claimed = desk.claim(now, lease).await.remove(0);
    assert_eq!(claimed.payment.id, first.id);
}

#[tokio::test]
async fn every_state_is_saved_with_a_number_of_its_own() {
    let mut desk = Desk::new().await;
    let facts = [
        Fact::Captured { reference: "ch_1".to_owned() },
        Fact::Declined { reason: FailureReason::UnknownMethod },
        Fact::Abandoned,
        Fact::OrderCancelled { cause: desk.clock.new_id() },
    ];
    for fact in facts {
        let new = desk.inserted().await;
        let payment = desk.locked(new.id).await.payment.learn(fact).payment;
        for version in [1, 2] {
            desk.save(&payment).await.unwrap();
            let stored = desk.locked(new.id).await;
            assert_eq!((stored.payment, stored.version), (payment.clone(), version));
        }
        desk.put_off(new.id, desk.now).await;
        assert!(desk.claim(desk.now, desk.now).await.is_empty(), "settled");
    }
}

#[tokio::test]
async fn the_database_refuses_to_promise_back_more_than_was_captured() {
    let mut desk = Desk::new().await;
    let new = desk.captured().await;
    let mut payment = desk.locked(new.id).await.payment;
    payment.refunds_requested = 2000;
    let refused = desk.save(&payment).await.unwrap_err();
    let constraint = refused.as_database_error().and_then(sqlx::error::DatabaseError::constraint);
    assert_eq!(constraint, Some("payments_amounts_in_order"));
}

#[tokio::test]
async fn a_stranger_finds_nothing_and_staff_find_everything() {
    let mut desk = Desk::new().await;
    let (mine, theirs) = (desk.inserted().await, desk.inserted().await);
    let (me, stranger) = (Viewer::Customer(mine.customer_id), Viewer::Customer(desk.clock.new_id()));
    for (viewer, seen) in [(me, vec![mine.id]), (stranger, vec![]), (Viewer::Staff, vec![theirs.id, mine.id])] {
        let listed = payment_lists::list(&mut desk.connection, viewer, None, None, 10).await.unwrap().payments;
        let ids: Vec<_> = listed.iter().map(|stored| stored.payment.id).collect();
        assert_eq!(ids, seen, "{viewer:?}");
        let found = payments::find(&mut desk.connection, viewer, mine.id).await.unwrap();
        assert_eq!(found.is_some(), seen.contains(&mine.id), "{viewer:?}");
        let by_order = payments::find_by_order(&mut desk.connection, viewer, mine.order_id).await.unwrap();
        assert_eq!(by_order.is_some(), seen.contains(&mine.id), "{viewer:?}");
    }
    let page =
        payment_lists::list(&mut desk.connection, Viewer::Staff, None, Some(theirs.id), 10).await.unwrap().payments;
    assert_eq!(page.iter().map(|stored| stored.payment.id).collect::<Vec<_>>(), [mine.id]);
    assert_eq!(
        payment_lists::list(&mut desk.connection, Viewer::Staff, None, None, 1).await.unwrap().payments.len(),
        1
    );
}

fn refund_of(desk: &Desk, new: &NewPayment) -> NewRefund {
    let cause = desk.clock.new_id();
    NewRefund {
        id: desk.clock.new_id(),
        payment_id: new.id,
        order_id: new.order_id,
        cause,
        amount: Money::new(1999, Currency::EUR),
        provider_key: refund_key(new.order_id, cause),
        correlation_id: new.origin.correlation_id,
        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
    }
}

#[tokio::test]
async fn a_refund_is_claimed_put_off_completed_once_and_listed() {
    let mut desk = Desk::new().await;
    let new = desk.captured().await;
    let refund = refund_of(&desk, &new);
    let (now, lease) = (desk.now, desk.now + MINUTE);
    refunds::insert(&mut desk.connection, from_ref(&refund), now).await.unwrap();
    assert!(refunds::claim(&mut desk.connection, now - MINUTE, lease, 1).await.unwrap().is_empty(), "not due yet");
    let claimed = refunds::claim(&mut desk.connection, now, lease, 1).await.unwrap().remove(0);
    assert_eq!((claimed.id, claimed.payment_id, claimed.amount), (refund.id, new.id, refund.amount));
    assert_eq!((claimed.attempts, claimed.origin.caused_by), (1, refund.cause));
    assert_eq!(claimed.provider_key, format!("refund-{}-{}", new.order_id, refund.cause));
    assert_eq!(claimed.charge_reference, format!("ch_{}", new.id));
    assert!(refunds::claim(&mut desk.connection, now, lease, 1).await.unwrap().is_empty(), "leased");
    let unclear = refunds::PutOff { id: refund.id, next_at: now, trouble: "no answer".to_owned() };
    refunds::put_off(&mut desk.connection, &[unclear]).await.unwrap();
    assert_eq!(refunds::claim(&mut desk.connection, now, lease, 1).await.unwrap().remove(0).attempts, 2);
    for completed in [vec![refund.id], vec![]] {
        assert_eq!(refunds::complete(&mut desk.connection, &[(refund.id, "re_1")], now).await.unwrap(), completed);
    }
    assert!(refunds::claim(&mut desk.connection, lease, lease, 1).await.unwrap().is_empty(), "completed");
    let listed = refunds::list(&mut desk.connection, new.id).await.unwrap();
    let [shown] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((shown.id, shown.amount, shown.status.as_str()), (refund.id.uuid(), 1999, "completed"));
    assert_eq!((shown.requested_at, shown.completed_at), (now, Some(now)));
}

#[tokio::test]
async fn one_event_asks_for_one_refund() {
    let mut desk = Desk::new().await;
    let new = desk.captured().await;
    let refund = refund_of(&desk, &new);
    refunds::insert(&mut desk.connection, from_ref(&refund), desk.now).await.unwrap();
    let again = NewRefund { id: desk.clock.new_id(), ..refund };
    let refused = refunds::insert(&mut desk.connection, &[again], desk.now).await.unwrap_err();
    assert!(refused.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation), "{refused}");
}

#[tokio::test]
async fn a_slice_is_inserted_claimed_locked_and_saved_as_a_whole() {
    let mut desk = Desk::new().await;
    let known = desk.inserted().await;
    let (first, second) = (desk.payment(), desk.payment());
    let twice = NewPayment { id: desk.clock.new_id(), ..first.clone() };
    let late = NewPayment { id: desk.clock.new_id(), ..known.clone() };
    let mut inserted = desk.insert(&[&second, &first, &twice, &late]).await;
    inserted.sort_unstable();
    assert_eq!(inserted, [first.id, second.id], "one of an order, and none of an order that has one");
    let (now, lease) = (desk.now, desk.now + MINUTE);
    assert_eq!(
        payments::claim(&mut desk.connection, OffsetDateTime::UNIX_EPOCH, now, lease, 2).await.unwrap().len(),
        2
    );
    assert_eq!(
        payments::claim(&mut desk.connection, OffsetDateTime::UNIX_EPOCH, now, lease, 2).await.unwrap().len(),
        1
    );
    let ids = [second.id, known.id, first.id];
    let mut locked = payments::lock(&mut desk.connection, &ids).await.unwrap();
    assert_eq!(locked.iter().map(|stored| stored.payment.id).collect::<Vec<_>>(), [known.id, first.id, second.id]);
    let facts = [
        Fact::Captured { reference: "ch_1".to_owned() },
        Fact::Declined { reason: FailureReason::Declined },
        Fact::OrderCancelled { cause: desk.clock.new_id() },
    ];
    for (stored, fact) in locked.iter_mut().zip(facts) {
        stored.payment = stored.payment.clone().learn(fact).payment;
        stored.version += 1;
    }
    payments::save(&mut desk.connection, &locked.iter().collect::<Vec<_>>(), now).await.unwrap();
    for stored in &locked {
        let saved = desk.locked(stored.payment.id).await;
        assert_eq!((&saved.payment, saved.version), (&stored.payment, 1));
    }
}
