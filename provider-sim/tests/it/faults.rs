//! The methods play a provider's bad days.

use crate::support::{Simulator, answer_of};
use std::time::{Duration, Instant};

#[tokio::test]
async fn sim_lost_charges_and_answers_only_who_asks() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    let cause = simulator.charge("k", "sim_lost", 5).send().await.expect_err("the connection is cut");
    assert!(!cause.is_timeout() && !cause.is_connect(), "{cause:?}");
    assert_eq!(answer_of(simulator.get("/charges?key=k"), 200).await["status"], "captured");
    assert_eq!(answer_of(simulator.charge("k", "sim_lost", 5), 200).await["status"], "captured");
    assert_eq!(simulator.log().await.len(), 1);
}

#[tokio::test]
async fn sim_error_fails_twice_and_then_charges_once() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    answer_of(simulator.charge("k", "sim_error", 5), 503).await;
    answer_of(simulator.get("/charges?key=k"), 404).await;
    answer_of(simulator.charge("k", "sim_error", 5), 503).await;
    let charge = answer_of(simulator.charge("k", "sim_error", 5), 200).await;
    assert_eq!(charge["status"], "captured");
    assert_eq!(simulator.log().await.len(), 1);
}

#[tokio::test]
async fn sim_slow_has_charged_before_it_answers() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    let impatient = simulator.charge("k", "sim_slow", 5).timeout(Duration::from_millis(300)).send().await;
    assert!(impatient.expect_err("it takes longer").is_timeout());
    assert_eq!(answer_of(simulator.get("/charges?key=k"), 200).await["status"], "captured");
    let started = Instant::now();
    answer_of(simulator.charge("other", "sim_slow", 5), 200).await;
    assert!(started.elapsed() >= Duration::from_secs(2));
}

#[tokio::test]
async fn refunds_behave_as_their_charge_does() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    simulator.charge("k", "sim_lost", 5).send().await.expect_err("the connection is cut");
    let charge = answer_of(simulator.get("/charges?key=k"), 200).await;
    let id = charge["id"].as_str().unwrap();
    simulator.refund("r", id, 5).send().await.expect_err("the connection is cut");
    assert_eq!(answer_of(simulator.get("/refunds?key=r"), 200).await["status"], "completed");
}
