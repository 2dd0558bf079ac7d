//! More requests than a service can work on: the excess is told so at once, and whoever looks after it gets through.

use crate::support::{Sample, database, settings};
use serde_json::json;
use service_kit::{Bus, Clock, bus::LocalBus};
use std::{
    num::NonZeroU16,
    time::{Duration, Instant},
};
use test_kit::{Answer, Client, Signer, until};
use tokio::task::JoinHandle;

async fn sample(places: u16) -> Sample {
    let database = database().await;
    // Ready needs the keys of people's tokens.
    Signer::trusted_by(&database).await;
    let mut settings = settings(&database);
    settings.max_in_flight = NonZeroU16::new(places).unwrap();
    Sample::start_with(settings, database, Bus::Local(LocalBus::new()), Clock::system()).await
}

fn ask(client: &Client) -> JoinHandle<Answer> {
    let client = client.clone();
    tokio::spawn(async move { client.get("/slow").await })
}

/// Occupies every place with requests that wait for [`Script::release`](crate::sample::Script).
async fn occupied(sample: &Sample, places: usize) -> Vec<JoinHandle<Answer>> {
    let client = sample.running.client();
    let mut requests = Vec::new();
    for _ in 0..places {
        requests.push(ask(&client));
        sample.script.entered.notified().await;
    }
    requests
}

fn assert_turned_away(answer: &Answer) {
    answer.assert_problem(503, "overloaded");
    assert_eq!(answer.headers["retry-after"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_excess_is_turned_away_at_once_and_the_rest_is_finished() {
    let sample = sample(4).await;
    let working = occupied(&sample, 4).await;
    let client = sample.running.client();
    let started = Instant::now();
    let excess: Vec<_> = (0..200).map(|_| ask(&client)).collect();
    for request in excess {
        assert_turned_away(&request.await.unwrap());
    }
    // Other services' calls share the places.
    assert_turned_away(&client.get("/internal/notes").await);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    for path in ["/livez", "/readyz", "/metrics", "/.well-known/jwks.json", "/openapi.json", "/docs/"] {
        client.get(path).await.assert_status(200);
    }
    // Whoever was let in is answered, and their places are free again.
    sample.script.release.notify_waiters();
    for request in working {
        assert_eq!(request.await.unwrap().assert_status(200).text, "done");
    }
    let again = occupied(&sample, 4).await;
    sample.script.release.notify_waiters();
    for request in again {
        request.await.unwrap().assert_status(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_place_of_someone_who_went_away_is_free_again() {
    let sample = sample(1).await;
    let gone = occupied(&sample, 1).await;
    assert_turned_away(&sample.running.client().get("/slow").await);
    for request in gone {
        request.abort();
    }
    until("the place to be free", || async { (sample.running.client().get("/me").await.status == 401).then_some(()) })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_front_door_and_the_own_port_share_the_places() {
    let database = database().await;
    let mut settings = settings(&database);
    settings.max_in_flight = NonZeroU16::MIN;
    let script = std::sync::Arc::default();
    let bus = Bus::Local(LocalBus::new());
    let service = crate::sample::build(settings, bus, Clock::system(), std::sync::Arc::clone(&script)).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let door = Client::new(format!("http://{}", listener.local_addr().unwrap()));
    let public = service.public();
    tokio::spawn(async move { axum::serve(listener, public).await });
    let sample = Sample { running: test_kit::Running::start(service).await, database, bus: Bus::Elsewhere, script };
    let working = occupied(&sample, 1).await;
    assert_turned_away(&door.get("/slow").await);
    sample.script.release.notify_waiters();
    for request in working {
        request.await.unwrap().assert_status(200);
    }
    door.get("/me").await.assert_problem(401, "token_required");
}

/// Otherwise whoever sends changes and hangs up could have any number of them in work.
#[tokio::test(flavor = "multi_thread")]
async fn the_place_of_a_change_whose_caller_went_away_is_held_until_it_is_done() {
    let sample = sample(2).await;
    let client = sample.running.client();
    for _ in 0..2 {
        let change = tokio::spawn({
            let client = client.clone();
            async move { client.post("/slow", json!({})).await }
        });
        sample.script.entered.notified().await;
        change.abort();
    }
    for _ in 0..50 {
        assert_turned_away(&client.post("/slow", json!({})).await);
        assert_turned_away(&client.get("/me").await);
    }
    sample.script.release.notify_waiters();
    until("the places to be free", || async { (client.get("/me").await.status == 401).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_every_connection_in_use_requests_are_told_to_come_again_and_health_checks_answer() {
    let sample = sample(16).await;
    let pool = sample.kit().database.pool().clone();
    let mut taken = Vec::new();
    while let Ok(connection) = pool.acquire().await {
        taken.push(connection);
    }
    let client = sample.running.client();
    let storm: Vec<_> = (0..16).map(|_| ask(&client)).collect();
    // All of them go on to the pool and wait there, also the last to begin.
    let script = std::sync::Arc::clone(&sample.script);
    let releasing = tokio::spawn(async move {
        loop {
            script.release.notify_waiters();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    until("them to wait for a connection", || async { (client.get("/me").await.status == 503).then_some(()) }).await;
    for path in ["/livez", "/readyz", "/metrics", "/.well-known/jwks.json"] {
        let started = Instant::now();
        client.get(path).await.assert_status(200);
        assert!(started.elapsed() < Duration::from_secs(1), "{path} took {:?}", started.elapsed());
    }
    for request in storm {
        let answer = request.await.unwrap();
        assert!(["database_unavailable", "overloaded"].contains(&answer.text_at("/code").as_str()), "{}", answer.text);
        assert!(answer.headers.contains_key("retry-after"));
    }
    releasing.abort();
    drop(taken);
    sample.script.release.notify_one();
    ask(&client).await.unwrap().assert_status(200);
}
