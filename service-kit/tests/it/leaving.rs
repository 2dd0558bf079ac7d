//! Leaving while others still send requests: none is lost.

use crate::{
    sample,
    support::{database, settings},
};
use service_kit::{Bus, Clock, Settings};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use test_kit::{KeptAlive, Running, TestDatabase, until};

async fn replica(database: &TestDatabase) -> (Running, SocketAddr) {
    let settings = Settings { shutdown_delay: Duration::from_secs(1), ..settings(database) };
    let service = sample::build(settings, Bus::Elsewhere, Clock::system(), Arc::default()).await;
    let running = Running::start(service).await;
    let address = running.url.strip_prefix("http://").unwrap().parse().unwrap();
    (running, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_end_it_serves_on_and_sends_every_kept_connection_elsewhere() {
    let database = database().await;
    let ((old, old_address), (new, new_address)) = (replica(&database).await, replica(&database).await);
    let clients = KeptAlive::start(16, old_address, "/livez");
    until("the clients to ask", || async { (clients.answered() > 500).then_some(()) }).await;
    assert_eq!(clients.last_words(), 0);
    let (client, kit) = (old.client(), old.kit.clone());
    let ending = tokio::spawn(old.stop());
    until("it to say that it leaves", || async { (clients.last_words() > 100).then_some(()) }).await;
    // The directory is slower than the signal: new connections still come, and are served.
    let ready = client.get("/readyz").await;
    ready.assert_status(503);
    assert_eq!((&ready.body["leaving"], &ready.body["ready"]), (&true.into(), &false.into()), "{}", ready.text);
    assert!(!kit.database.pool().is_closed() && !ending.is_finished());
    clients.move_to(new_address);
    ending.await.unwrap();
    let so_far = clients.answered();
    until("the clients to go on at the other one", || async { (clients.answered() > so_far + 500).then_some(()) })
        .await;
    assert_eq!(clients.stop().await, Vec::<String>::new());
    new.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_delay_it_says_nothing_before_it_goes() {
    let database = database().await;
    let service = sample::build(settings(&database), Bus::Elsewhere, Clock::system(), Arc::default()).await;
    let running = Running::start(service).await;
    let ready = running.client().get("/readyz").await;
    assert_eq!(ready.body["leaving"], false);
    assert_eq!(ready.body["tables"], "at version 1 (the kit's: 11)");
    running.stop().await;
}
