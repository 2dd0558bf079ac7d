//! What operators do to the inbox.

use crate::{
    sample::FAILING,
    support::{Sample, Way, payment},
};
use service_kit::{
    Clock,
    inbox::by_hand::{self, Replayed, Status},
    operator_log,
};
use std::sync::atomic::Ordering;
use time::Duration;

async fn replay(sample: &Sample, event: &contracts::RawEvent, again: bool) -> Replayed {
    let mut connection = sample.kit().database.pool().acquire().await.unwrap();
    by_hand::replay(&mut connection, event, sample.kit().clock.now(), again).await.unwrap()
}

async fn status(sample: &Sample, event: &contracts::RawEvent) -> Status {
    let mut connection = sample.kit().database.pool().acquire().await.unwrap();
    by_hand::find(&mut connection, event.id.uuid()).await.unwrap().unwrap().status
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_replayed_and_delivered_has_one_effect() {
    let sample = Sample::start(Way::Local).await;
    let event = payment("sim_ok");
    assert_eq!(replay(&sample, &event, false).await, Replayed::Added);
    sample.deliver(std::slice::from_ref(&event)).await;
    sample.done(event.id).await;
    assert_eq!(replay(&sample, &event, false).await, Replayed::DoneBefore);
    assert_eq!(sample.effects(event.subject).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn again_takes_the_claim_back_and_the_reaction_acts_once_more() {
    let sample = Sample::start(Way::Local).await;
    let event = payment("sim_ok");
    sample.deliver(std::slice::from_ref(&event)).await;
    sample.done(event.id).await;
    let before = sample.script.reactions.load(Ordering::SeqCst);
    assert_eq!(replay(&sample, &event, true).await, Replayed::ClaimCleared);
    let row = sample.inbox(event.id, |row| row.attempts == 1 && row.status != "waiting").await;
    assert_eq!((row.status.as_str(), row.envelope, row.next_at), ("done", None, None));
    assert_eq!(sample.script.reactions.load(Ordering::SeqCst), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_hastened_and_keeps_its_attempts() {
    // The clock stands still: nothing but a replay makes the event due.
    let sample = Sample::start_at(Way::Local, Clock::manual(Clock::system().now())).await;
    sample.script.broken.store(true, Ordering::SeqCst);
    let event = payment(FAILING);
    sample.deliver(std::slice::from_ref(&event)).await;
    sample.inbox(event.id, |row| row.attempts == 1).await;
    assert_eq!(replay(&sample, &event, false).await, Replayed::Hastened);
    sample.inbox(event.id, |row| row.attempts == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_letter_stays_dropped_until_an_operator_takes_it_up() {
    let clock = Clock::manual(Clock::system().now());
    let sample = Sample::start_at(Way::Local, clock.clone()).await;
    sample.script.broken.store(true, Ordering::SeqCst);
    let event = payment(FAILING);
    sample.deliver(std::slice::from_ref(&event)).await;
    sample
        .inbox(event.id, |row| {
            clock.advance(Duration::minutes(1));
            row.status == "dead"
        })
        .await;
    sample.script.broken.store(false, Ordering::SeqCst);
    let mut connection = sample.kit().database.pool().acquire().await.unwrap();
    let id = event.id.uuid();
    assert!(by_hand::drop_letter(&mut connection, id).await.unwrap());
    assert!(!by_hand::drop_letter(&mut connection, id).await.unwrap(), "it is dropped once");
    operator_log::note(&mut connection, &clock, "ada", "dropped", &id.to_string(), "a test").await.unwrap();
    // It comes again, by the bus and by a replay of many: the row decides.
    sample.deliver(std::slice::from_ref(&event)).await;
    for again in [false, true] {
        assert_eq!(replay(&sample, &event, again).await, Replayed::StaysDropped);
    }
    assert_eq!(status(&sample, &event).await, Status::Dropped);
    assert!(sample.effects(event.subject).await.is_empty());

    assert!(by_hand::revive(&mut connection, id).await.unwrap());
    sample.done(event.id).await;
    assert_eq!(sample.effects(event.subject).await, [1]);
    let log = "SELECT count(*) FROM operator_log WHERE operator = 'ada' AND action = 'dropped' AND note = 'a test'";
    assert_eq!(sample.database.count(log).await, 1);
}
