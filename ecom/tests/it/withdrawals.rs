//! Somebody withdraws from a contract without a log-in: one receipt, staff close it, and who is erased leaves no trace of it.

use crate::{
    doctor::{examine, sentences, strict, urls},
    support::{Shop, Way, key, order},
};
use contracts::ServiceName;
use operate::doctor::Options;
use serde_json::{Value, json};
use test_kit::{Answer, Client, until};

async fn declare(client: &Client, key: &str, number: &str, email: &str) -> Answer {
    let body = json!({
        "order_number": number, "name": "Augusta Byron", "email": email, "reason": "Too small, said Byron.",
    });
    client.with_header("Idempotency-Key", key).post("/api/orders/withdrawals", body).await
}

const RECEIPT: &str = "We have received your withdrawal";

async fn receipts(shop: &Shop, address: &str) -> Vec<String> {
    shop.mails(address).await.into_iter().filter(|(subject, _)| subject == RECEIPT).map(|(_, text)| text).collect()
}

async fn progress(shop: &Shop, token: &str) -> Value {
    shop.visitor().post("/api/auth/erasure/progress", json!({ "token": token })).await.assert_status(200).body.clone()
}

async fn found(shop: &Shop, canary: Option<&str>) -> Vec<String> {
    let (mails, canary) = (Some(shop.mail_folder()), canary.map(str::to_owned));
    let options = Options { mails, canary_erased: canary.is_some(), canary, ..strict() };
    sentences(&examine(&urls(shop), &shop.provider_url, &options).await)
}

async fn every_mail_is_over(shop: &Shop) {
    let open = "SELECT count(*) FROM deliveries WHERE status NOT IN ('sent', 'failed')";
    until("every mail to be over", || async {
        (shop.databases[&ServiceName::Notify].count(open).await == 0).then_some(())
    })
    .await;
    shop.quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_has_one_receipt_is_closed_by_staff_and_forgotten_with_the_person() {
    let shop = Shop::open_with(Way::Local, &[("ERASE_AFTER_HOURS", "0")]).await;
    shop.sell("MUG", 1250, 10).await;
    let (_, ada) = shop.register("ada@example.com").await;
    let placed = order(&ada, &key(), "sim_ok", &[("MUG", 1)]).await;
    let (id, number) = (placed.assert_status(201).text_at("/id"), placed.body["number"].to_string());
    shop.settled_order(&id).await;
    // By whoever; from their address, without a log-in; and from a stranger's.
    let one_form = key();
    for _ in 0..2 {
        declare(&shop.visitor(), &one_form, &number, "Ada@example.com").await.assert_status(201);
    }
    declare(&shop.visitor(), &key(), &number, "eve@example.com").await.assert_status(201);
    declare(&ada, &key(), "I do not know", "ada@example.com").await.assert_status(201);
    shop.mail("eve@example.com", RECEIPT).await;
    until("both receipts", || async { (receipts(&shop, "ada@example.com").await.len() == 2).then_some(()) }).await;
    every_mail_is_over(&shop).await;
    let own = receipts(&shop, "ada@example.com").await;
    assert!(
        own.iter().all(|text| text.contains("declared by: Augusta Byron") && text.contains("Too small")),
        "{own:?}"
    );
    assert_eq!(own.iter().filter(|text| text.contains(&format!("order {number}"))).count(), 1);
    let foreign = receipts(&shop, "eve@example.com").await;
    assert!(foreign.len() == 1 && foreign[0].contains(&number) && !foreign[0].contains("Byron"), "{foreign:?}");
    assert_eq!(found(&shop, None).await, Vec::<String>::new());
    let listed = shop.admin().get("/api/orders/withdrawals").await.assert_status(200).body["items"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert_eq!(listed[0]["order_id"], id);
    let path = format!("/api/orders/withdrawals/{}/close", listed[0]["id"].as_str().unwrap());
    let outcome = json!({ "outcome": "Augusta Byron was called." });
    shop.admin().post(&path, outcome).await.assert_status(200);
    ada.get("/api/orders/withdrawals").await.assert_problem(403, "forbidden");
    // A copy of their data holds it.
    ada.post("/api/auth/exports", json!({})).await.assert_status(202);
    shop.mail("ada@example.com", "The copy of your data is ready").await;
    let url = ada.get("/api/auth/exports").await.text_at("/items/0/url");
    let path = url.strip_prefix(&shop.url.replace("127.0.0.1", "localhost")).unwrap().to_owned();
    let copy = shop.visitor().get(&path).await.assert_status(200).body.clone();
    let kept = copy["services"]["order-service"]["withdrawals"].as_array().unwrap().clone();
    assert_eq!(kept.len(), 3, "{kept:?}");
    let with_names = kept.iter().filter(|one| one["name"] == "Augusta Byron").collect::<Vec<_>>();
    assert!(with_names.len() == 1 && with_names[0]["order_number"] == "I do not know", "{kept:?}");
    assert!(!copy.to_string().contains("eve@example.com"), "what a stranger typed is the stranger's");
    shop.quiet().await;
    let token = ada.post("/api/auth/erasure", json!({})).await.assert_status(202).text_at("/token");
    until("all services to have erased", || async {
        (progress(&shop, &token).await["status"] == "done").then_some(())
    })
    .await;
    every_mail_is_over(&shop).await;
    for canary in ["Byron", "ada@example.com", "Ada@example.com", "eve@example.com"] {
        assert_eq!(found(&shop, Some(canary)).await, Vec::<String>::new(), "{canary}");
    }
    let left = shop.admin().get("/api/orders/withdrawals").await.assert_status(200).body["items"].clone();
    assert_eq!(left.as_array().unwrap().len(), 3);
}
