//! One key, one effect.

use crate::support::{Simulator, answer_of};
use serde_json::json;

#[tokio::test]
async fn the_same_key_is_charged_once_and_answered_alike() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    let first = answer_of(simulator.charge("k", "sim_ok", 1999), 200).await;
    let expected = json!({
        "id": "ch_00000001", "key": "k", "status": "captured", "reason": null,
        "amount": 1999, "currency": "EUR", "refunded": 0,
    });
    assert_eq!(first, expected);
    assert_eq!(answer_of(simulator.charge("k", "sim_ok", 1999), 200).await, first);
    assert_eq!(answer_of(simulator.get("/charges?key=k"), 200).await, first);
    assert_eq!(simulator.log().await.len(), 1);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    answer_of(simulator.charge("k", "sim_ok", 1999), 200).await;
    assert_eq!(answer_of(simulator.charge("k", "sim_ok", 2000), 422).await["code"], "key_reused");
    assert_eq!(simulator.log().await.len(), 1);
}

#[tokio::test]
async fn a_declined_charge_takes_no_money_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    let declined = answer_of(simulator.charge("a", "sim_declined", 5), 200).await;
    assert_eq!((&declined["status"], &declined["reason"]), (&json!("declined"), &json!("declined")));
    let unknown = answer_of(simulator.charge("b", "gold_coins", 5), 200).await;
    assert_eq!((&unknown["status"], &unknown["reason"]), (&json!("declined"), &json!("unknown_method")));
    let charge_id = declined["id"].as_str().unwrap();
    assert_eq!(answer_of(simulator.refund("r", charge_id, 1), 422).await["code"], "exceeds_captured");
}

#[tokio::test]
async fn a_cancelled_key_is_never_charged() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    assert_eq!(answer_of(simulator.abandon("k"), 200).await["status"], "cancelled");
    assert_eq!(answer_of(simulator.charge("k", "sim_ok", 5), 200).await["status"], "cancelled");
    assert_eq!(answer_of(simulator.get("/charges?key=k"), 200).await["status"], "cancelled");
    assert_eq!(simulator.log().await.len(), 1);
}

#[tokio::test]
async fn cancelling_a_charged_key_tells_of_the_charge() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    let charge = answer_of(simulator.charge("k", "sim_ok", 5), 200).await;
    assert_eq!(answer_of(simulator.abandon("k"), 200).await, charge);
}

#[tokio::test]
async fn refunds_never_exceed_the_charge_and_happen_once_per_key() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    let charge = answer_of(simulator.charge("k", "sim_ok", 1000), 200).await;
    let id = charge["id"].as_str().unwrap();
    let first = answer_of(simulator.refund("r1", id, 600), 200).await;
    assert_eq!(answer_of(simulator.refund("r1", id, 600), 200).await, first);
    assert_eq!(answer_of(simulator.refund("r1", id, 500), 422).await["code"], "key_reused");
    assert_eq!(answer_of(simulator.refund("r2", id, 401), 422).await["code"], "exceeds_captured");
    assert_eq!(answer_of(simulator.refund("r2", id, 0), 422).await["code"], "bad_amount");
    answer_of(simulator.refund("r2", id, 400), 200).await;
    assert_eq!(answer_of(simulator.get("/charges?key=k"), 200).await["refunded"], 1000);
    assert_eq!(answer_of(simulator.refund("r3", "ch_99999999", 1), 404).await["code"], "no_such_charge");
    assert_eq!(answer_of(simulator.get("/refunds?key=r1"), 200).await, first);
    answer_of(simulator.get("/refunds?key=r3"), 404).await;
}

#[tokio::test]
async fn moving_money_without_a_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(folder.path()).await;
    assert_eq!(answer_of(simulator.charge("", "sim_ok", 5), 400).await["code"], "key_required");
    assert!(simulator.log().await.is_empty());
}
