//! People are forgotten, piece by piece: the sample keeps their effects.

use crate::{
    sample::UNERASABLE,
    support::{Sample, database, deliver},
};
use contracts::{
    ServiceName,
    events::user::{Erased, GuestJoined},
};
use service_kit::{Bus, Clock, bus::LocalBus};
use sqlx::AssertSqlSafe;
use test_kit::{Recorder, event, until};
use time::Duration;
use uuid::Uuid;

/// With the others, who must be told as well.
async fn sample(clock: Clock) -> Sample {
    let (database, bus) = (database().await, LocalBus::new());
    let _recorder = Recorder::attach(&bus, ServiceName::Order);
    Sample::start_on(database, Bus::Local(bus), clock).await
}

/// Effects of a person's, and an answer under a key of theirs.
async fn keep(sample: &Sample, subject: Uuid, effects: i32) {
    let statement = format!(
        "INSERT INTO effects (event_id, subject, sequence, attempts)
         SELECT gen_random_uuid(), '{subject}', n, 0 FROM generate_series(1, {effects}) AS n;
         INSERT INTO idempotency_keys (owner, route, key, fingerprint, status, body, created_at)
         VALUES ('{subject}', 'a_test', gen_random_uuid()::text, '', 200, '{{\"name\": \"Ada\"}}', now())"
    );
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(sample.database.pool()).await.unwrap();
}

async fn kept(sample: &Sample, subject: Uuid) -> i64 {
    let query = "SELECT (SELECT count(*) FROM effects WHERE subject = $1)
                     + (SELECT count(*) FROM idempotency_keys WHERE owner = $1)";
    sqlx::query_scalar(query).bind(subject).fetch_one(sample.database.pool()).await.unwrap()
}

async fn receipts(sample: &Sample) -> Vec<(Uuid, i64)> {
    let query = "SELECT subject, (envelope -> 'data' ->> 'rows')::bigint FROM event_log
                 WHERE type = 'order.person_erased' ORDER BY position";
    sqlx::query_as(query).fetch_all(sample.database.pool()).await.unwrap()
}

async fn receipt_of(sample: &Sample, account: Uuid) -> i64 {
    until("the receipt", || async {
        receipts(sample).await.into_iter().find(|(id, _)| *id == account).map(|(_, rows)| rows)
    })
    .await
}

fn erased(account: Uuid, also: Vec<Uuid>) -> contracts::RawEvent {
    event(9, Erased { account_id: account.into(), also })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_erased_piece_by_piece_under_all_their_ids_and_nobody_else() {
    let sample = sample(Clock::system()).await;
    let (ada, also, grace) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
    keep(&sample, ada, 25).await;
    keep(&sample, also, 3).await;
    keep(&sample, grace, 2).await;
    let told = erased(ada, vec![also]);
    sample.deliver(std::slice::from_ref(&told)).await;
    assert_eq!(receipt_of(&sample, ada).await, 30);
    assert_eq!((kept(&sample, ada).await, kept(&sample, also).await, kept(&sample, grace).await), (0, 0, 3));
    // The same told once more by the broker changes nothing.
    sample.deliver(&[told]).await;
    let next = erased(Uuid::new_v4(), Vec::new());
    sample.deliver(std::slice::from_ref(&next)).await;
    assert_eq!(receipt_of(&sample, next.subject).await, 0);
    assert_eq!(receipts(&sample).await.len(), 2);
}

/// With user_db put back from a backup, an account that was erased is there again, and its owner goes on.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_came_back_with_a_backup_is_erased_again() {
    let sample = sample(Clock::system()).await;
    let (ada, also) = (Uuid::new_v4(), Uuid::new_v4());
    sample.deliver(&[erased(ada, Vec::new())]).await;
    receipt_of(&sample, ada).await;
    keep(&sample, ada, 2).await;
    keep(&sample, also, 1).await;
    sample.deliver(&[erased(ada, vec![also])]).await;
    until("what came since to be erased", || async {
        (kept(&sample, ada).await + kept(&sample, also).await == 0).then_some(())
    })
    .await;
    // The receipt that was sent says enough.
    let again = "SELECT count(*) FROM people_erased WHERE look_at > told_at";
    until("the look when no token lives", || async { (sample.database.count(again).await == 1).then_some(()) }).await;
    assert_eq!(receipts(&sample).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_the_receipt_is_erased_once_no_token_lives() {
    let clock = Clock::manual(Clock::system().now());
    let sample = sample(clock.clone()).await;
    let ada = Uuid::new_v4();
    sample.deliver(&[erased(ada, Vec::new())]).await;
    receipt_of(&sample, ada).await;
    keep(&sample, ada, 2).await;
    clock.advance(Duration::minutes(21));
    // Whoever is told of wakes the job, which else looks once a minute.
    sample.deliver(&[erased(Uuid::new_v4(), Vec::new())]).await;
    until("the second look", || async { (kept(&sample, ada).await == 0).then_some(()) }).await;
    let over = "SELECT count(*) FROM people_erased WHERE look_at IS NULL";
    until("its end", || async { (sample.database.count(over).await == 1).then_some(()) }).await;
    assert_eq!(receipts(&sample).await.iter().filter(|(id, _)| *id == ada).count(), 1);
}

/// What a person waits for is over as soon as its cause is: nobody else has to be told of.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_could_not_be_erased_at_once_is_a_moment_later() {
    let sample = sample(Clock::system()).await;
    sample.script.broken.store(true, std::sync::atomic::Ordering::SeqCst);
    deliver(&sample.bus, &[erased(UNERASABLE, Vec::new())]).await;
    let put_off = "SELECT count(*) FROM people_erased WHERE look_at > told_at";
    until("it to fail", || async { (sample.database.count(put_off).await == 1).then_some(()) }).await;
    sample.script.broken.store(false, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(receipt_of(&sample, UNERASABLE).await, 0);
}

/// Locks and full disks pass; until then others must not wait.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_be_erased_lets_the_others_go_first() {
    let clock = Clock::manual(Clock::system().now());
    let sample = sample(clock.clone()).await;
    let (stuck, ada) = (UNERASABLE, Uuid::new_v4());
    sample.script.broken.store(true, std::sync::atomic::Ordering::SeqCst);
    deliver(&sample.bus, &[erased(stuck, Vec::new()), erased(ada, Vec::new())]).await;
    until("the others", || async {
        // Whoever is told of wakes the job, which else looks once a minute.
        sample.deliver(&[erased(Uuid::new_v4(), Vec::new())]).await;
        receipts(&sample).await.iter().any(|(id, _)| *id == ada).then_some(())
    })
    .await;
    assert!(receipts(&sample).await.iter().all(|(id, _)| *id != stuck));
    sample.script.broken.store(false, std::sync::atomic::Ordering::SeqCst);
    clock.advance(Duration::minutes(6));
    until("whoever was put off", || async {
        sample.deliver(&[erased(Uuid::new_v4(), Vec::new())]).await;
        receipts(&sample).await.iter().any(|(id, _)| *id == stuck).then_some(())
    })
    .await;
}

fn joined(guest: Uuid, account: Uuid) -> contracts::RawEvent {
    event(3, GuestJoined { guest_id: guest.into(), account_id: account.into() })
}

async fn effects(sample: &Sample, subject: Uuid) -> i64 {
    let query = sqlx::query_scalar("SELECT count(*) FROM effects WHERE subject = $1").bind(subject);
    query.fetch_one(sample.database.pool()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_a_guests_is_the_accounts_then_piece_by_piece_and_told_again_it_stays_so() {
    let sample = sample(Clock::system()).await;
    let (guest, ada, other) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
    keep(&sample, guest, 25).await;
    keep(&sample, other, 2).await;
    let told = joined(guest, ada);
    for told in [told.clone(), told, joined(guest, ada), joined(guest, other)] {
        sample.deliver(&[told]).await;
    }
    until("all of it to be moved", || async { (effects(&sample, ada).await == 25).then_some(()) }).await;
    assert_eq!((effects(&sample, guest).await, effects(&sample, other).await), (0, 2), "they joined one account alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guest_did_at_that_moment_is_moved_once_no_token_lives() {
    let clock = Clock::manual(Clock::system().now());
    let sample = sample(clock.clone()).await;
    let (guest, ada) = (Uuid::new_v4(), Uuid::new_v4());
    sample.deliver(&[joined(guest, ada)]).await;
    let waits = "SELECT count(*) FROM guests_joined WHERE look_at > told_at";
    until("the first look", || async { (sample.database.count(waits).await == 1).then_some(()) }).await;
    keep(&sample, guest, 2).await;
    clock.advance(Duration::minutes(21));
    // Whoever is told of wakes the job, which else looks once a minute.
    sample.deliver(&[erased(Uuid::new_v4(), Vec::new())]).await;
    until("the second look", || async { (effects(&sample, ada).await == 2).then_some(()) }).await;
    let over = "SELECT count(*) FROM guests_joined WHERE look_at IS NULL";
    until("its end", || async { (sample.database.count(over).await == 1).then_some(()) }).await;
}
