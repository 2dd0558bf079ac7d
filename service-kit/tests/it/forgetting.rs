//! What the inbox has forgotten is not acted on a second time, however it comes again.

use crate::support::{Sample, Way, payment};
use contracts::RawEvent;
use service_kit::{
    Clock,
    inbox::{
        FORGOTTEN,
        by_hand::{self, Replayed},
    },
    pruning::first_id_of,
};
use time::Duration;
use uuid::Uuid;

/// A payment that was announced so many days ago.
fn aged(days: i64) -> RawEvent {
    let time = Clock::system().now() - Duration::days(days);
    let unlike_others = Uuid::new_v4().as_u128() >> 64;
    RawEvent { id: Uuid::from_u128(first_id_of(time).as_u128() | unlike_others).into(), time, ..payment("sim_ok") }
}

/// As if the inbox had been pruned so far.
async fn forget(sample: &Sample, days: i64) {
    let mark = first_id_of(Clock::system().now() - Duration::days(days));
    let forget = "DELETE FROM inbox WHERE event_id < $1 AND status = 'done'";
    sqlx::query(forget).bind(mark).execute(sample.database.pool()).await.unwrap();
    let raise = "UPDATE pruned SET up_to = $1 WHERE table_name = 'inbox'";
    sqlx::query(raise).bind(mark).execute(sample.database.pool()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_event_has_one_effect_also_when_it_comes_again_after_it_was_forgotten() {
    for way in Way::BOTH {
        let sample = Sample::start(way).await;
        sample.warm_up().await;
        let event = aged(40);
        for _ in 0..2 {
            sample.deliver(std::slice::from_ref(&event)).await;
            sample.done(event.id).await;
        }
        assert_eq!(sample.effects(event.subject).await, [1], "{way:?}");
        forget(&sample, 30).await;
        sample.deliver(std::slice::from_ref(&event)).await;
        let row = sample.inbox(event.id, |_| true).await;
        assert_eq!((row.status.as_str(), row.reason.as_deref()), ("dead", Some(FORGOTTEN)), "{way:?}");
        assert_eq!(row.envelope, Some(event.to_json()));
        // Those beside it are none of its business.
        let (older_than_a_week, new) = (aged(20), payment("sim_ok"));
        sample.deliver(&[event.clone(), older_than_a_week.clone(), new.clone()]).await;
        for other in [older_than_a_week, new] {
            sample.done(other.id).await;
            assert_eq!(sample.effects(other.subject).await, [1], "{way:?}");
        }
        assert_eq!(sample.effects(event.subject).await, [1], "{way:?}");
        // Whoever has looked may have it acted on.
        let mut connection = sample.kit().database.pool().acquire().await.unwrap();
        assert!(by_hand::revive(&mut connection, event.id.uuid()).await.unwrap());
        drop(connection);
        sample.done(event.id).await;
        assert_eq!(sample.effects(event.subject).await, [1, 1], "{way:?}");
        sample.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_of_what_was_forgotten_leaves_it_alone_and_says_so() {
    let sample = Sample::start(Way::Local).await;
    let event = aged(40);
    sample.deliver(std::slice::from_ref(&event)).await;
    sample.done(event.id).await;
    forget(&sample, 30).await;
    let mut connection = sample.kit().database.pool().acquire().await.unwrap();
    for again in [false, true] {
        let replayed = by_hand::replay(&mut connection, &event, sample.kit().clock.now(), again).await.unwrap();
        assert_eq!(replayed, Replayed::Forgotten);
    }
    // Nor when the bus has brought it meanwhile, and it lies among the dead.
    sample.deliver(std::slice::from_ref(&event)).await;
    assert_eq!(sample.inbox(event.id, |row| row.status == "dead").await.reason.as_deref(), Some(FORGOTTEN));
    for again in [false, true] {
        let replayed = by_hand::replay(&mut connection, &event, sample.kit().clock.now(), again).await.unwrap();
        assert_eq!(replayed, Replayed::Forgotten);
    }
    drop(connection);
    assert_eq!(sample.inbox(event.id, |_| true).await.status, "dead");
    assert_eq!(sample.effects(event.subject).await, [1]);
}
