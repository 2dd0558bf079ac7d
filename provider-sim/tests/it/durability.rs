//! What was answered is never forgotten.

use crate::support::{Simulator, answer_of};
use std::{fs::OpenOptions, io::Write};

#[tokio::test]
async fn a_restart_knows_every_charge_refund_and_cancelled_key() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    let charge = answer_of(simulator.charge("k", "sim_ok", 1000), 200).await;
    let id = charge["id"].as_str().unwrap().to_owned();
    answer_of(simulator.refund("r", &id, 700), 200).await;
    answer_of(simulator.abandon("gone"), 200).await;
    let log = simulator.log().await;
    simulator.stop().await;

    let simulator = Simulator::start(folder.path()).await;
    assert_eq!(simulator.log().await, log);
    assert_eq!(answer_of(simulator.charge("k", "sim_ok", 1000), 200).await["id"], id.as_str());
    assert_eq!(answer_of(simulator.charge("gone", "sim_ok", 1), 200).await["status"], "cancelled");
    assert_eq!(answer_of(simulator.refund("r2", &id, 301), 422).await["code"], "exceeds_captured");
    let next = answer_of(simulator.charge("new", "sim_ok", 1), 200).await;
    assert_ne!(next["id"], id.as_str());
}

#[tokio::test]
async fn a_kill_in_the_middle_of_a_line_loses_nothing_that_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    answer_of(simulator.charge("k", "sim_ok", 1000), 200).await;
    let log = simulator.log().await;
    simulator.kill().await;
    let mut file = OpenOptions::new().append(true).open(folder.path().join(provider_sim::LOG_FILE)).unwrap();
    file.write_all(br#"{"entry":"charge","id":"ch_0000"#).unwrap();

    let simulator = Simulator::start(folder.path()).await;
    assert_eq!(simulator.log().await, log);
    answer_of(simulator.charge("next", "sim_ok", 1), 200).await;
    simulator.stop().await;
    let simulator = Simulator::start(folder.path()).await;
    assert_eq!(simulator.log().await.len(), 2);
}

#[tokio::test]
async fn many_charges_at_once_are_all_logged() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    let charges = (0..50).map(|number| answer_of(simulator.charge(&format!("k{number}"), "sim_ok", 1), 200));
    futures_util::future::join_all(charges).await;
    let log = simulator.log().await;
    simulator.stop().await;
    assert_eq!(log.len(), 50);
    let simulator = Simulator::start(folder.path()).await;
    assert_eq!(simulator.log().await, log);
}

#[tokio::test]
async fn two_simulators_never_write_one_log() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    answer_of(simulator.charge("k", "sim_ok", 1), 200).await;
    let second = Simulator::start(folder.path()).await;
    let refused = second.refused().await;
    assert!(refused.contains("another simulator") && refused.contains("--data"), "{refused}");

    answer_of(simulator.charge("l", "sim_ok", 1), 200).await;
    simulator.kill().await;
    // Free again, also after a death.
    let simulator = Simulator::start(folder.path()).await;
    assert_eq!(simulator.log().await.len(), 2);
}
