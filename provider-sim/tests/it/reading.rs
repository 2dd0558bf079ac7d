//! What an order to move money must look like.

use crate::support::{Simulator, answer};
use serde_json::{Value, json};

#[tokio::test]
async fn an_order_to_move_money_is_read_strictly() {
    let data = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(data.path()).await;
    let send = async |request: reqwest::RequestBuilder, body: &str| {
        answer(request.header("content-type", "application/json").body(body.to_owned())).await
    };
    for body in [
        r#"[100,"EUR","sim_ok","order-1"]"#,
        r#"{"amount":100,"amount":1,"currency":"EUR","method":"sim_ok","reference":"order-1"}"#,
        r#"{"amount":100,"currency":"EUR","method":"sim_ok","reference":"order-1","tip":5}"#,
        r#"{"amount":100.5,"currency":"EUR","method":"sim_ok","reference":"order-1"}"#,
        r#"{"amount":"100","currency":"EUR","method":"sim_ok","reference":"order-1"}"#,
    ] {
        let (status, said) = send(simulator.post("/charges", "one"), body).await;
        assert_eq!((status.as_u16(), &said["code"]), (422, &json!("invalid_fields")), "{body}: {said}");
    }
    let (status, said) = send(simulator.post("/charges/cancel", "one"), r#"{"amount":1}"#).await;
    assert_eq!((status.as_u16(), &said["errors"][0]["pointer"]), (422, &json!("/amount")), "{said}");
    assert_eq!(simulator.log().await.len(), 0);
    let whole = r#"{"amount":1e2,"currency":"EUR","method":"sim_ok","reference":"order-1"}"#;
    let (status, charge): (_, Value) = send(simulator.post("/charges", "one"), whole).await;
    assert_eq!((status.as_u16(), &charge["amount"]), (200, &json!(100)), "{charge}");
    let refund = json!([charge["id"], 1]).to_string();
    assert_eq!(send(simulator.post("/refunds", "back"), &refund).await.0.as_u16(), 422);
    simulator.stop().await;
}
