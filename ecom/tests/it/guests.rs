//! What is ordered from a cart, without an account: the doctor judges it as all orders, also once it is an account's.

use crate::{
    doctor::{examine, sentences, strict, urls},
    support::{Shop, Way, key},
};
use http::Method;
use serde_json::json;
use test_kit::until;

#[tokio::test(flavor = "multi_thread")]
async fn an_order_from_a_guests_cart_is_well_also_once_it_is_an_accounts() {
    let shop = Shop::open(Way::Local).await;
    shop.sell("MUG", 1250, 10).await;
    let cart = shop.visitor().send(Method::POST, "/api/carts", None).await.assert_status(201).body.clone();
    let (id, token) = (cart["id"].as_str().unwrap(), cart["token"].as_str().unwrap());
    let body = json!({"email": "ada@example.com", "cart_id": id, "secret": "s".repeat(43)});
    let guest = shop.visitor().post("/api/auth/guests", body).await.assert_status(201).text_at("/token");
    let owner = shop.visitor().with_header("cart-token", token);
    let line = json!({"sku": "MUG", "quantity": 2});
    let lines = format!("/api/carts/{id}/lines");
    let filled = owner.with_header("idempotency-key", key()).post(&lines, line).await.assert_status(200).body.clone();
    let body = json!({
        "version": filled["version"], "payment_method": "sim_ok",
        "shipping_address": {
            "name": "Ada Lovelace", "line1": "12 St James's Square", "postal_code": "SW1Y 4JH", "city": "London",
            "country": "GB",
        },
    });
    let buyer = owner.with_header("authorization", format!("Bearer {guest}")).with_header("idempotency-key", key());
    let order = buyer.post(&format!("/api/carts/{id}/checkout"), body).await.assert_status(201).text_at("/id");
    shop.settled_order(&order).await;
    shop.quiet().await;
    let said = async || sentences(&examine(&urls(&shop), &shop.provider_url, &strict()).await);
    assert_eq!(said().await, Vec::<String>::new());
    let (_, ada) = shop.register("ada@example.com").await;
    until("the order in the account", || async {
        let shown = ada.get("/api/orders").await;
        (shown.body["items"][0]["id"] == order.as_str()).then_some(())
    })
    .await;
    shop.quiet().await;
    assert_eq!(said().await, Vec::<String>::new());
}
