//! The outbox: an event leaves with its change or not at all, over either bus.

use crate::sample::ANNOUNCING;
use crate::{
    listener::{Listener, listened},
    support::{
        MIGRATIONS, Sample, Way, announce_in, announce_paid, database, drained, ids, kit, kit_with, order_id, paid,
        payment,
    },
};
use contracts::{
    EventId, RawEvent, ServiceName,
    events::{
        order::Paid,
        product::{StockChanged, Updated},
    },
};
use service_kit::{Bus, Cause, Clock, Env, Fault, Kind, Kit, KitError, Settings, outbox};
use test_kit::TestDatabase;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn an_announced_event_reaches_its_subscribers_with_what_was_said() {
    for way in Way::BOTH {
        let (sample, listener) = listened(way).await;
        let order = order_id();
        let mut tx = sample.kit().database.begin("a_test").await.unwrap();
        let said = paid(order);
        let id = sample.kit().announce(&mut tx, &Cause::current(), 7, said.clone()).unwrap();
        let _committed = tx.commit().await.unwrap();
        let heard = listener.wait_for(|_: &Paid| true).await;
        assert_eq!((heard.id, heard.source, heard.sequence), (id, ServiceName::Order, 7));
        assert_eq!((heard.subject, heard.correlation_id, heard.causation_id), (order.uuid(), order.uuid(), None));
        assert_eq!(heard.data, said);
        listener.end(sample).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_announced_by_a_reaction_names_its_cause_and_goes_on_with_the_journey() {
    for way in Way::BOTH {
        let (sample, listener) = listened(way).await;
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let cause = RawEvent { traceparent: Some(format!("00-{trace}-00f067aa0ba902b7-01")), ..payment(ANNOUNCING) };
        sample.deliver(std::slice::from_ref(&cause)).await;
        let effect = listener.wait_for(|_: &Paid| true).await;
        assert_eq!((effect.causation_id, effect.correlation_id), (Some(cause.id), cause.correlation_id));
        assert_eq!(effect.traceparent.unwrap().get(3..35), Some(trace));
        listener.end(sample).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolled_back_transaction_announces_nothing() {
    for way in Way::BOTH {
        let (sample, listener) = listened(way).await;
        let kit = sample.kit();
        let mut dropped = kit.database.begin("a_test").await.unwrap();
        announce_in(kit, &mut dropped, order_id()).await.unwrap();
        drop(dropped);
        let mut rolled_back = kit.database.begin("a_test").await.unwrap();
        announce_in(kit, &mut rolled_back, order_id()).await.unwrap();
        rolled_back.rollback().await.unwrap();
        // Whoever comes later has been delivered: so would the others have been.
        let id = announce_paid(kit, order_id()).await;
        drained(&sample.database).await;
        assert_eq!(ids(&listener.all::<Paid>().await), [id]);
        assert_eq!(sample.database.count("SELECT count(*) FROM event_log").await, 1);
        listener.end(sample).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn confirmed_events_leave_the_outbox_and_stay_in_the_log() {
    for way in Way::BOTH {
        let (sample, listener) = listened(way).await;
        let order = order_id();
        let id = announce_paid(sample.kit(), order).await;
        drained(&sample.database).await;
        let mut connection = sample.kit().database.pool().acquire().await.unwrap();
        let journey: Vec<RawEvent> = outbox::journey(&mut connection, order.uuid()).await.unwrap();
        assert_eq!(ids(&journey), [id]);
        assert_eq!(outbox::depth(&mut connection).await.unwrap(), 0);
        listener.end(sample).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_announced_while_the_relay_is_away_is_delivered_when_it_is_back() {
    for way in Way::BOTH {
        let database = database().await;
        let order = order_id();
        let id = announce_paid(&kit(&database).await, order).await;
        assert_eq!(database.count("SELECT count(*) FROM outbox").await, 1);
        let bus = way.bus(&database);
        let listener = Listener::attach(&bus, &database).await;
        let sample = Sample::start_on(database, bus, Clock::system()).await;
        assert_eq!(listener.wait_for(|paid: &Paid| paid.order_id == order).await.id, id);
        listener.end(sample).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_with_one_number_are_refused() {
    let database = database().await;
    let kit = kit(&database).await;
    let order = order_id();
    let mut first = kit.database.begin("a_test").await.unwrap();
    kit.announce(&mut first, &Cause::current(), 1, paid(order)).unwrap();
    let _committed = first.commit().await.unwrap();
    let mut second = kit.database.begin("a_test").await.unwrap();
    kit.announce(&mut second, &Cause::current(), 1, paid(order)).unwrap();
    let refused = KitError::from(second.commit().await.unwrap_err());
    assert!(refused.to_string().contains("event_log_subject_sequence_key"), "{refused}");
    assert_eq!(refused.kind(), Kind::Internal);
    let mut third = kit.database.begin("a_test").await.unwrap();
    kit.announce(&mut third, &Cause::current(), 2, paid(order)).unwrap();
    let _committed = third.commit().await.unwrap();
    assert_eq!(database.count("SELECT count(*) FROM outbox").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_slice_announces_is_written_at_the_commit_in_its_order() {
    let database = database().await;
    let kit = kit(&database).await;
    let orders: Vec<_> = (0..5).map(|_| order_id()).collect();
    let mut tx = kit.database.begin("a_test").await.unwrap();
    let ids: Vec<_> =
        orders.iter().map(|order| kit.announce(&mut tx, &Cause::current(), 1, paid(*order)).unwrap()).collect();
    let written: i64 = sqlx::query_scalar("SELECT count(*) FROM event_log").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(written, 0);
    let _committed = tx.commit().await.unwrap();
    let query = "SELECT event_id FROM event_log JOIN outbox USING (position) ORDER BY position";
    let logged: Vec<uuid::Uuid> = sqlx::query_scalar(query).fetch_all(kit.database.pool()).await.unwrap();
    assert_eq!(logged, ids.into_iter().map(contracts::EventId::uuid).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_ahead_does_not_hold_its_events_back() {
    for way in Way::BOTH {
        let database = database().await;
        let bus = way.bus(&database);
        let listener = Listener::attach(&bus, &database).await;
        let clock = Clock::system();
        let ahead = Clock::manual(clock.now() + time::Duration::hours(1));
        let kit = kit_with(&database, ahead).await;
        let order = order_id();
        announce_paid(&kit, order).await;
        let sample = Sample::start_on(database, bus, clock).await;
        listener.wait_for(|paid: &Paid| paid.order_id == order).await;
        listener.end(sample).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_off_by_a_clock_set_back_since_goes_out_all_the_same() {
    let (sample, listener) = listened(Way::Local).await;
    let mut tx = sample.kit().database.begin("a_test").await.unwrap();
    let order = order_id();
    announce_in(sample.kit(), &mut tx, order).await.unwrap();
    sqlx::query("UPDATE outbox SET attempts = 1, next_at = now() + interval '1 hour'").execute(&mut *tx).await.unwrap();
    let _committed = tx.commit().await.unwrap();
    listener.wait_for(|paid: &Paid| paid.order_id == order).await;
    listener.end(sample).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_announced_can_neither_be_changed_nor_removed() {
    let database = database().await;
    announce_paid(&kit(&database).await, order_id()).await;
    for statement in ["UPDATE event_log SET envelope = '{}'", "DELETE FROM event_log", "TRUNCATE event_log CASCADE"] {
        let refused = sqlx::query(statement).execute(database.pool()).await.unwrap_err().to_string();
        assert!(refused.contains("event_log is append-only"), "{statement}: {refused}");
    }
    assert_eq!(database.count("SELECT count(*) FROM event_log").await, 1);
}

/// Announces what nobody subscribes to, what is broadcast, and what somebody must have.
async fn announce_each(kit: &Kit) -> [EventId; 3] {
    let (variant_id, product_id) = (Uuid::new_v4().into(), Uuid::new_v4().into());
    let (sku, available) = ("MUG".to_owned(), 3);
    let mut tx = kit.database.begin("a_test").await.unwrap();
    let cause = Cause::current();
    let stock = StockChanged { variant_id, product_id, sku: sku.clone(), available };
    let stock = kit.announce(&mut tx, &cause, 1, stock).unwrap();
    let updated = kit.announce(&mut tx, &cause, 1, Updated { product_id, sku }).unwrap();
    let paid = announce_in(kit, &mut tx, order_id()).await.unwrap();
    let _committed = tx.commit().await.unwrap();
    [stock, updated, paid]
}

/// What the outbox holds, in order.
async fn pending(database: &TestDatabase) -> Vec<Uuid> {
    let query = "SELECT event_id FROM outbox JOIN event_log USING (position) ORDER BY position";
    sqlx::query_scalar(query).fetch_all(database.pool()).await.unwrap()
}

#[tokio::test]
async fn what_nobody_needs_stays_in_the_log_unless_all_is_to_be_published() {
    for (publish, stays) in [("subscribed", 1), ("all", 0)] {
        let database = database().await;
        let env = Env::of([("DATABASE_URL", database.url()), ("EVENTS_PUBLISH", publish)]);
        let settings = Settings::read(&env, ServiceName::Order).unwrap();
        let kit = Kit::open(settings, &MIGRATIONS, Bus::Elsewhere, Clock::system()).await.unwrap();
        let announced = announce_each(&kit).await.map(EventId::uuid);
        assert_eq!(pending(&database).await, announced[stays..]);
        assert_eq!(database.count("SELECT count(*) FROM event_log").await, 3);
    }
}
