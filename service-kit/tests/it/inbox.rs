//! The inbox: however often an event comes, it acts once, and in its aggregate's order. Over both buses.

use crate::{
    broker::tidy,
    sample::DAWDLING,
    support::{Sample, Way, payment, payment_of},
};
use contracts::RawEvent;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_delivered_three_times_acts_once() {
    for way in Way::BOTH {
        let sample = Sample::start(way).await;
        let event = payment_of(Uuid::new_v4(), 1, DAWDLING);
        sample.deliver(&[event.clone(), event.clone(), event.clone()]).await;
        // The next of the same aggregate is worked after all three.
        let next = payment_of(event.subject, 2, "sim_ok");
        sample.deliver(std::slice::from_ref(&next)).await;
        sample.done(next.id).await;
        assert_eq!(sample.effects(event.subject).await, [1, 2], "{way:?}");
        assert_eq!(sample.database.count("SELECT count(*) FROM inbox").await, 2, "{way:?}");
        tidy(sample).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_deliveries_at_the_same_time_act_once() {
    let sample = Sample::start(Way::Local).await;
    let event = payment(DAWDLING);
    let deliveries = (0..6).map(|_| sample.deliver(std::slice::from_ref(&event)));
    futures_util::future::join_all(deliveries).await;
    assert_eq!(sample.effects(event.subject).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_one_aggregate_act_in_order() {
    for way in Way::BOTH {
        let sample = Sample::start(way).await;
        let aggregates: Vec<_> = (0..3).map(|_| Uuid::new_v4()).collect();
        let numbers = 1..=30;
        let events: Vec<RawEvent> = numbers
            .clone()
            .flat_map(|number| aggregates.iter().map(move |subject| payment_of(*subject, number, DAWDLING)))
            .collect();
        sample.deliver(&events).await;
        for event in &events {
            sample.done(event.id).await;
        }
        for aggregate in &aggregates {
            assert_eq!(sample.effects(*aggregate).await, numbers.clone().collect::<Vec<_>>(), "{way:?}");
        }
        tidy(sample).await;
    }
}
