//! The orderly end: requests in flight are finished, the rest is refused, and it takes no longer than ten seconds.

use crate::sample::DAWDLING;
use crate::support::{Sample, Way, announce_paid, order_id, payment};
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use test_kit::until;

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_flight_is_finished_and_then_the_database_is_closed() {
    let sample = Sample::start(Way::Local).await;
    let (script, kit, client) = (Arc::clone(&sample.script), sample.kit().clone(), sample.running.client());
    let request = {
        let client = client.clone();
        tokio::spawn(async move { client.get("/slow").await })
    };
    script.entered.notified().await;
    let address = sample.running.url.strip_prefix("http://").unwrap().to_owned();
    let mut stopping = tokio::spawn(sample.running.stop());
    until("the door to be closed", || async { tokio::net::TcpStream::connect(&address).await.err() }).await;
    // It does not end before the request does.
    assert!(tokio::time::timeout(Duration::from_millis(500), &mut stopping).await.is_err());
    assert!(!request.is_finished() && !kit.database.pool().is_closed());
    script.release.notify_one();
    assert_eq!(request.await.unwrap().assert_status(200).text, "done");
    stopping.await.unwrap();
    assert!(kit.database.pool().is_closed());
    assert_eq!(kit.database.pool().size(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_does_not_end_is_cut_off_in_time() {
    let sample = Sample::start(Way::Local).await;
    let (script, client) = (Arc::clone(&sample.script), sample.running.client());
    let request = tokio::spawn(async move { client.get("/slow").await });
    script.entered.notified().await;
    let started = Instant::now();
    sample.running.stop().await;
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    request.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_caller_went_away_is_finished_before_the_end() {
    let sample = Sample::start(Way::Local).await;
    let (script, client) = (Arc::clone(&sample.script), sample.running.client());
    let request = tokio::spawn(async move { client.post("/slow", json!({})).await });
    script.entered.notified().await;
    request.abort();
    let mut stopping = tokio::spawn(sample.running.stop());
    assert!(tokio::time::timeout(Duration::from_millis(500), &mut stopping).await.is_err());
    script.release.notify_one();
    stopping.await.unwrap();
    tokio::time::timeout(Duration::from_secs(1), script.done.notified()).await.expect("it was done before the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let sample = Sample::start(Way::Local).await;
    let client = sample.running.client();
    client.get("/livez").await.assert_status(200);
    // Kept alive by the client, as browsers do; and one that never said anything.
    let address = sample.running.url.strip_prefix("http://").unwrap().to_owned();
    let _silent = tokio::net::TcpStream::connect(&address).await.unwrap();
    let started = Instant::now();
    sample.running.stop().await;
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    drop(client);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_in_work_are_finished_or_handed_back() {
    for way in Way::BOTH {
        let sample = Sample::start(way).await;
        sample.warm_up().await;
        let events: Vec<_> = (0..100).map(|_| payment(DAWDLING)).collect();
        // Stopped in the middle of them.
        let (bus, batch) = (sample.bus.clone(), events.clone());
        let delivering = tokio::spawn(async move { crate::support::deliver(&bus, &batch).await });
        until("the first effects", || async {
            (sample.database.count("SELECT count(*) FROM effects").await > 3).then_some(())
        })
        .await;
        let (database, bus) = sample.stop().await;
        let sample = Sample::start_on(database, bus, service_kit::Clock::system()).await;
        delivering.await.unwrap();
        for event in &events {
            sample.done(event.id).await;
            assert_eq!(sample.effects(event.subject).await, [1], "{way:?}");
        }
        crate::broker::tidy(sample).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_end_the_outbox_holds_what_was_not_sent() {
    let sample = Sample::start(Way::Local).await;
    // Nobody else is on this bus: it is refused.
    announce_paid(sample.kit(), order_id()).await;
    let (database, _) = sample.stop().await;
    assert_eq!(database.count("SELECT count(*) FROM outbox").await, 1);
    // The relay gave up its office: a successor need not wait for it.
    until("the election's lock to be free", || async {
        let query = "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database
                     WHERE locktype = 'advisory' AND datname = current_database()";
        (database.count(query).await == 0).then_some(())
    })
    .await;
}
