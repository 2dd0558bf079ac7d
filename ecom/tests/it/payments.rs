//! Money: what the provider did, what our ledger says, what the order says.

use crate::support::{Shop, Way, key, order};
use contracts::ServiceName;
use serde_json::{Value, json};
use test_kit::until;

/// The provider's captured charges.
pub fn captured(shop: &Shop) -> Vec<Value> {
    let log = shop.provider_log();
    log.into_iter().filter(|entry| entry["entry"] == "charge" && entry["status"] == "captured").collect()
}

fn refunds(shop: &Shop) -> Vec<Value> {
    shop.provider_log().into_iter().filter(|entry| entry["entry"] == "refund").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_whose_answer_was_lost_is_charged_once_and_the_order_is_paid() {
    let shop = Shop::open(Way::Local).await;
    shop.sell("MUG", 1250, 10).await;
    let id = order(&shop.customer(), &key(), "sim_lost", &[("MUG", 2)]).await.assert_status(201).text_at("/id");
    assert_eq!(shop.settled_order(&id).await["status"], "paid");
    shop.quiet().await;
    let charges = captured(&shop);
    assert_eq!((charges.len(), &charges[0]["amount"]), (1, &json!(2500)));
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_a_paid_order_gives_money_and_stock_back() {
    let shop = Shop::open(Way::Local).await;
    let mug = shop.sell("MUG", 1250, 10).await;
    let (_, ada) = shop.register("ada@example.com").await;
    let id = order(&ada, &key(), "sim_ok", &[("MUG", 2)]).await.assert_status(201).text_at("/id");
    assert_eq!(shop.settled_order(&id).await["status"], "paid");
    let cancel = ada.with_header("Idempotency-Key", key());
    cancel.post(&format!("/api/orders/{id}/cancel"), json!({})).await.assert_status(200);
    until("the refund to reach the order", || async {
        let shown = ada.get(&format!("/api/orders/{id}")).await;
        (shown.body["refunded"]["amount"] == 2500).then_some(())
    })
    .await;
    shop.mail("ada@example.com", "was cancelled").await;
    shop.quiet().await;
    assert_eq!(shop.available(&mug).await, 10);
    let refunds = refunds(&shop);
    assert_eq!((refunds.len(), &refunds[0]["amount"]), (1, &json!(2500)));
    let unbalanced = "SELECT count(*) FROM (SELECT 1 FROM ledger_entries GROUP BY transaction_id, currency
                      HAVING sum(amount) <> 0) AS wrong";
    assert_eq!(shop.databases[&ServiceName::Payment].count(unbalanced).await, 0);
    assert_eq!(shop.databases[&ServiceName::Payment].count("SELECT count(*) FROM ledger_transactions").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_sees_only_their_own_payment() {
    let shop = Shop::open(Way::Local).await;
    shop.sell("MUG", 1250, 10).await;
    let customer = shop.customer();
    let id = order(&customer, &key(), "sim_ok", &[("MUG", 1)]).await.assert_status(201).text_at("/id");
    shop.settled_order(&id).await;
    let own = customer.get(&format!("/api/payments?order_id={id}")).await;
    assert_eq!(own.assert_status(200).body["items"][0]["status"], "captured");
    let others = shop.customer().get(&format!("/api/payments?order_id={id}")).await;
    assert_eq!(others.assert_status(200).body["items"], json!([]));
}
