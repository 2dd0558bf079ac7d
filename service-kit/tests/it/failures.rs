//! Reactions that fail: rolled back, kept with attempts and reason, tried again, and dead past the bound.

use crate::{
    broker::tidy,
    sample::{FAILING, HANGING, PANICKING},
    support::{InboxRow, Sample, Way, inbox_row, payment, payment_of},
};
use contracts::{Event, RawEvent};
use serde_json::json;
use service_kit::{
    Clock,
    flow::{Now, What},
    inbox::{MAX_ATTEMPTS, unsettled},
};
use std::sync::atomic::Ordering;
use time::Duration;

/// The time until the next attempt, when `attempts` have failed: 0.5 s, doubled each time, up to half of it random.
fn fits(row: &InboxRow, clock: &Clock, attempts: i32) -> bool {
    let whole = Duration::milliseconds(500) * (1 << (attempts - 1));
    let left = row.next_at.map(|next_at| next_at - clock.now());
    row.attempts == attempts && left.is_some_and(|left| left >= whole / 2 && left <= whole)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_reaction_is_rolled_back_and_kept_and_acts_once_its_cause_is_gone() {
    for way in Way::BOTH {
        let clock = Clock::manual(Clock::system().now());
        let sample = Sample::start_at(way, clock.clone()).await;
        sample.script.broken.store(true, Ordering::SeqCst);
        let event = payment(FAILING);
        sample.deliver(std::slice::from_ref(&event)).await;
        let row = sample.inbox(event.id, |_| true).await;
        assert_eq!((row.status.as_str(), row.reason.as_deref()), ("waiting", Some("the till is stuck")), "{way:?}");
        assert_eq!(row.envelope, Some(event.to_json()));
        assert!(fits(&row, &clock, 1), "{row:?}");
        assert!(sample.effects(event.subject).await.is_empty());

        sample.script.broken.store(false, Ordering::SeqCst);
        clock.advance(Duration::milliseconds(500));
        let row = sample.done(event.id).await;
        assert_eq!((row.attempts, row.reason, row.next_at, row.envelope), (2, None, None, None));
        assert_eq!(sample.effects(event.subject).await, [1]);
        tidy(sample).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn delays_grow_and_past_the_bound_the_event_is_a_dead_letter() {
    let clock = Clock::manual(Clock::system().now());
    let sample = Sample::start_at(Way::Local, clock.clone()).await;
    sample.script.broken.store(true, Ordering::SeqCst);
    let event = payment(FAILING);
    sample.deliver(std::slice::from_ref(&event)).await;
    for attempts in 1..MAX_ATTEMPTS {
        let row = sample.inbox(event.id, |row| fits(row, &clock, attempts)).await;
        clock.advance(row.next_at.unwrap() - clock.now());
    }
    let row = sample.inbox(event.id, |row| row.status == "dead").await;
    assert_eq!((row.attempts, row.next_at), (MAX_ATTEMPTS, None));
    assert_eq!(row.reason.as_deref(), Some("the till is stuck"));
    assert_eq!(row.envelope, Some(event.to_json()));
    assert_eq!(sample.script.reactions.load(Ordering::SeqCst), usize::try_from(MAX_ATTEMPTS).unwrap());
    // A dead letter stays dead: it is an operator's now.
    sample.script.broken.store(false, Ordering::SeqCst);
    clock.advance(Duration::hours(1));
    let other = payment("sim_ok");
    sample.deliver(&[event.clone(), other.clone()]).await;
    sample.done(other.id).await;
    assert!(sample.effects(event.subject).await.is_empty());
    let mut connection = sample.kit().database.pool().acquire().await.unwrap();
    assert_eq!(unsettled(&mut connection).await.unwrap(), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_do_not_decode_do_not_hold_up_their_neighbours() {
    for way in Way::BOTH {
        let clock = Clock::manual(Clock::system().now());
        let sample = Sample::start_at(way, clock).await;
        let neighbour = payment("sim_ok");
        let poison: RawEvent = Event { data: json!({"order_id": 1}), ..payment_of(neighbour.subject, 9, "sim_ok") };
        let after = payment_of(neighbour.subject, 2, "sim_ok");
        sample.deliver(&[neighbour.clone(), poison.clone(), after.clone()]).await;
        sample.done(after.id).await;
        assert_eq!(sample.effects(neighbour.subject).await, [1, 2], "{way:?}");
        let row = sample.inbox(poison.id, |_| true).await;
        assert_eq!((row.status.as_str(), row.attempts), ("waiting", 1));
        let reason = row.reason.unwrap();
        let expected = format!("payment.completed event {}: its data do not decode: ", poison.id);
        assert!(reason.starts_with(&expected), "{reason}");
        tidy(sample).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_that_panics_is_a_failure_like_any_other() {
    for way in Way::BOTH {
        let clock = Clock::manual(Clock::system().now());
        let sample = Sample::start_at(way, clock.clone()).await;
        let event = payment(PANICKING);
        let neighbour = payment_of(event.subject, 2, "sim_ok");
        sample.deliver(&[event.clone(), neighbour.clone()]).await;
        let row = sample.inbox(event.id, |_| true).await;
        assert_eq!(row.reason.as_deref(), Some("the reaction panicked: the till exploded"), "{way:?}");
        // Nobody behind it is held up, and it is tried again like others: also the job survives it.
        sample.done(neighbour.id).await;
        for attempts in 1..MAX_ATTEMPTS {
            let row = sample.inbox(event.id, |row| fits(row, &clock, attempts)).await;
            clock.advance(row.next_at.unwrap() - clock.now());
        }
        sample.inbox(event.id, |row| row.status == "dead").await;
        assert_eq!(sample.effects(event.subject).await, [2], "{way:?}");
        tidy(sample).await;
    }
}

/// Puts events into the inbox as ones that were begun so often and are due after a while, all in one moment.
async fn waits(sample: &Sample, events: &[RawEvent], attempts: i32, after: Duration) {
    let statement = "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status, attempts, next_at,
                                        reason, envelope)
                     SELECT (envelope->>'id')::uuid, envelope->>'type', (envelope->>'subject')::uuid, 1, now(), 'waiting',
                            $1, now() + $2 * interval '1 second', 'the one before', envelope
                     FROM unnest($3::jsonb[]) AS envelope";
    let envelopes: Vec<_> = events.iter().map(RawEvent::to_json).collect();
    let statement = sqlx::query(statement).bind(attempts).bind(after.as_seconds_f64()).bind(envelopes);
    statement.execute(sample.database.pool()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_its_process_dies_of_takes_no_attempt_from_those_that_wait_beside_it() {
    let sample = Sample::start(Way::Local).await;
    let events: Vec<_> = (0..8).map(|_| payment(HANGING)).collect();
    let begun = i64::from(MAX_ATTEMPTS) - 1;
    waits(&sample, &events, MAX_ATTEMPTS - 1, Duration::ZERO).await;
    for number in 1..=events.len() {
        test_kit::until("the next one to be begun", || async {
            (sample.script.reactions.load(Ordering::SeqCst) == number).then_some(())
        })
        .await;
        // Were the process to die in this moment, the last attempt of this one alone would be used up.
        let all = sample.database.count("SELECT sum(attempts) FROM inbox").await;
        assert_eq!(all, 8 * begun + i64::try_from(number).unwrap());
        sample.script.release.notify_one();
    }
    for event in &events {
        sample.done(event.id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_a_clock_set_back_since_has_left_far_ahead_holds_nothing_up() {
    let sample = Sample::start(Way::Local).await;
    let event = payment("sim_ok");
    waits(&sample, std::slice::from_ref(&event), 1, Duration::hours(1)).await;
    sample.done(event.id).await;
    assert_eq!(sample.effects(event.subject).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_every_attempt_ends_with_its_process_is_dead_past_the_bound() {
    let sample = Sample::start(Way::Local).await;
    // What a process leaves that died in its last permitted attempt: counted before acting, nothing recorded after.
    let event = payment("sim_ok");
    waits(&sample, std::slice::from_ref(&event), MAX_ATTEMPTS, Duration::ZERO).await;
    let row = sample.inbox(event.id, |row| row.status == "dead").await;
    assert_eq!(row.reason.as_deref(), Some("the process ended during its last attempt; before that: the one before"));
    assert_eq!(row.envelope, Some(event.to_json()));
    assert_eq!(sample.script.reactions.load(Ordering::SeqCst), 0);
    // Whoever watches is told as well.
    test_kit::until("its end to be shown", || async {
        let now: Now = sample.running.client().get("/flow/now").await.expect(200);
        now.lately.iter().any(|moment| (moment.what, moment.event_id) == (What::Dead, event.id)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_row_that_cannot_be_read_does_not_hold_up_the_others_that_wait() {
    let sample = Sample::start(Way::Local).await;
    let event = payment("sim_ok");
    let broken = uuid::Uuid::new_v4();
    for (id, envelope) in [(broken, json!({"not": "an event"})), (event.id.uuid(), event.to_json())] {
        let statement = "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status, attempts, next_at,
                                            reason, envelope)
                         VALUES ($1, 'payment.completed', $1, 1, now(), 'waiting', 7, now(), 'late', $2)";
        sqlx::query(statement).bind(id).bind(envelope).execute(sample.database.pool()).await.unwrap();
    }
    sample.done(event.id).await;
    test_kit::until("the broken row to be dead", || async {
        inbox_row(&sample.database, broken).await.filter(|row| row.status == "dead")
    })
    .await;
}
