//! A person gets a copy of all that is kept of them, and is forgotten by all five services, also when one of them cannot for a
//! while. What the law has kept stays, without the person.

use crate::{
    doctor::{examine, sentences, strict, urls},
    support::{Shop, Way, key, order},
};
use contracts::ServiceName;
use http::Method;
use operate::doctor::Options;
use serde_json::{Value, json};
use test_kit::{Client, until};

/// Asks for one's erasure, which begins at once; gives the token by which its progress is seen.
async fn ask(person: &Client) -> String {
    person.post("/api/auth/erasure", json!({})).await.assert_status(202).text_at("/token")
}

async fn progress(shop: &Shop, token: &str) -> Value {
    shop.visitor().post("/api/auth/erasure/progress", json!({ "token": token })).await.assert_status(200).body.clone()
}

async fn erased(shop: &Shop, token: &str) {
    until("all services to have erased", || async { (progress(shop, token).await["status"] == "done").then_some(()) })
        .await;
}

/// What the doctor finds of a person who was erased: their name, their address, where they live.
async fn traces(shop: &Shop) -> Vec<String> {
    let mut found = Vec::new();
    for canary in ["Lovelace", "ada@example.com", "St James", "7946 0000", "SW1Y"] {
        let (mails, canary) = (Some(shop.mail_folder()), Some(canary.to_owned()));
        let options = Options { mails, canary, canary_erased: true, ..strict() };
        found.extend(sentences(&examine(&urls(shop), &shop.provider_url, &options).await));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_erased_is_found_nowhere_and_the_books_stay() {
    let shop = Shop::open_with(Way::Local, &[("ERASE_AFTER_HOURS", "0")]).await;
    shop.sell("MUG", 1250, 10).await;
    let (_, ada) = shop.register("ada@example.com").await;
    let mut ids = Vec::new();
    for method in ["sim_ok", "sim_ok", "sim_declined"] {
        let placed = order(&ada, &key(), method, &[("MUG", 1)]).await;
        ids.push(placed.assert_status(201).text_at("/id"));
        shop.settled_order(&ids[ids.len() - 1]).await;
    }
    let (left, paid) = (&ids[0], &ids[1]);
    shop.admin().send(Method::POST, &format!("/api/orders/{left}/fulfil"), None).await.assert_status(200);
    shop.mail("ada@example.com", "is on its way").await;
    shop.quiet().await;
    let token = ask(&ada).await;
    erased(&shop, &token).await;
    until("the money to go back", || async {
        let shown = shop.admin().get(&format!("/api/orders/{paid}")).await;
        (shown.body["refunded"]["amount"] == 1250).then_some(())
    })
    .await;
    shop.quiet().await;
    let open = "SELECT count(*) FROM deliveries WHERE status NOT IN ('sent', 'failed')";
    until("every mail to be over", || async {
        (shop.databases[&ServiceName::Notify].count(open).await == 0).then_some(())
    })
    .await;
    shop.quiet().await;
    assert_eq!(traces(&shop).await, Vec::<String>::new());
    // What had left is part of the books; what had not went back on the shelf.
    let kept = shop.admin().get(&format!("/api/orders/{left}")).await.assert_status(200).body.clone();
    assert_eq!((kept["status"].as_str(), kept["total"]["amount"].as_i64()), (Some("fulfilled"), Some(1250)));
    assert_eq!(kept["shipping_address"]["country"], "ZZ");
    assert_eq!(shop.admin().get(&format!("/api/orders/{paid}")).await.body["status"], "cancelled");
    assert_eq!(shop.available_of("MUG").await, 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_could_not_erase_does_so_when_it_can() {
    let shop = Shop::open_with(Way::Rabbit, &[("ERASE_AFTER_HOURS", "0")]).await;
    shop.sell("MUG", 1250, 10).await;
    let (_, ada) = shop.register("ada@example.com").await;
    let placed = order(&ada, &key(), "sim_ok", &[("MUG", 1)]).await;
    shop.settled_order(&placed.assert_status(201).text_at("/id")).await;
    shop.mail("ada@example.com", "Payment received").await;
    // As if its database were away: it can neither note it nor do it.
    let notify = shop.databases[&ServiceName::Notify].pool();
    sqlx::raw_sql("ALTER TABLE people_erased RENAME TO hidden").execute(notify).await.unwrap();
    let token = ask(&ada).await;
    let lacking = until("all others to have erased", || async {
        let shown = progress(&shop, &token).await;
        let lacking: Vec<_> =
            shown["services"].as_array().unwrap().iter().filter(|one| one["done_at"].is_null()).collect();
        (lacking.len() == 1).then(|| lacking[0]["service"].clone())
    })
    .await;
    assert_eq!(lacking, "notify-service");
    assert_eq!(progress(&shop, &token).await["status"], "erasing");
    sqlx::raw_sql("ALTER TABLE hidden RENAME TO people_erased").execute(notify).await.unwrap();
    // The longer it was away, the longer the pause before the next attempt: up to half a minute, which is not what is asked.
    sqlx::raw_sql("UPDATE inbox SET next_at = now() WHERE status = 'waiting'").execute(notify).await.unwrap();
    erased(&shop, &token).await;
    shop.quiet().await;
    assert_eq!(traces(&shop).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_all_that_every_service_keeps_of_them() {
    let shop = Shop::open(Way::Local).await;
    shop.sell("MUG", 1250, 200).await;
    let (id, ada) = shop.register("ada@example.com").await;
    let other = shop.customer();
    order(&other, &key(), "sim_ok", &[("MUG", 1)]).await.assert_status(201);
    // More than fit into one piece.
    for _ in 0..53 {
        let placed = order(&ada, &key(), "sim_declined", &[("MUG", 1)]).await;
        shop.settled_order(&placed.assert_status(201).text_at("/id")).await;
    }
    shop.quiet().await;
    ada.post("/api/auth/exports", json!({})).await.assert_status(202);
    shop.mail("ada@example.com", "The copy of your data is ready").await;
    let listed = ada.get("/api/auth/exports").await.assert_status(200).body.clone();
    let url = listed["items"][0]["url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix(&shop.url.replace("127.0.0.1", "localhost")).unwrap().to_owned();
    let copy = shop.visitor().get(&path).await.assert_status(200).body.clone();
    assert_eq!(copy["account_id"], id.to_string());
    let services = &copy["services"];
    let many = |service: &str, kind: &str| services[service][kind].as_array().map_or(0, Vec::len);
    assert_eq!((many("order-service", "orders"), many("payment-service", "payments")), (53, 53));
    assert_eq!(services["order-service"]["orders"][0]["shipping_address"]["name"], "Ada Lovelace");
    assert_eq!(services["user-service"]["account"][0]["phone"], "+44 20 7946 0000");
    assert!(many("notify-service", "messages") >= 53 && many("notify-service", "mails") == 1, "{services}");
    shop.quiet().await;
}
