//! Somebody with a cart, as a test drives them.

use crate::support::{Shop, body};
use serde_json::{Value, json};
use test_kit::{Answer, Client};
use uuid::Uuid;

/// Somebody with a cart.
pub struct Shopper {
    pub client: Client,
    pub cart: String,
}

impl Shopper {
    pub async fn guest(shop: &Shop) -> Self {
        let answer = shop.running.client().post("/carts", Value::Null).await;
        answer.assert_status(201);
        let client = shop.running.client().with_header("Cart-Token", answer.text_at("/token"));
        Self { client, cart: answer.text_at("/id") }
    }

    pub async fn customer(client: &Client) -> Self {
        let answer = client.post("/carts", Value::Null).await;
        Self { client: client.clone(), cart: answer.text_at("/id") }
    }

    pub async fn look(&self) -> Value {
        self.client.get(&format!("/carts/{}", self.cart)).await.assert_status(200).body.clone()
    }

    pub async fn add(&self, sku: &str, quantity: i64) -> Answer {
        self.add_under(&Uuid::new_v4().to_string(), sku, quantity).await
    }

    pub async fn add_under(&self, key: &str, sku: &str, quantity: i64) -> Answer {
        let client = self.client.with_header("Idempotency-Key", key);
        client.post(&format!("/carts/{}/lines", self.cart), json!({"sku": sku, "quantity": quantity})).await
    }

    pub async fn checkout(&self, key: &str, version: &Value) -> Answer {
        checkout(&self.client, &self.cart, key, version).await
    }

    pub async fn agree(&self) -> Answer {
        self.client.post(&format!("/carts/{}/agree", self.cart), Value::Null).await
    }
}

pub async fn checkout(client: &Client, cart: &str, key: &str, version: &Value) -> Answer {
    let address = body("MUG", 1)["shipping_address"].clone();
    let asked = json!({"version": version, "payment_method": "sim_ok", "shipping_address": address});
    client.with_header("Idempotency-Key", key).post(&format!("/carts/{cart}/checkout"), asked).await
}

/// What a cart holds: SKU, pieces, cents.
pub fn held<'a>(cart: &'a Value) -> Vec<(&'a str, i64, i64)> {
    let lines = cart["lines"].as_array().unwrap();
    let number = |value: &Value| value.as_i64().unwrap();
    let line = |line: &'a Value| {
        (line["sku"].as_str().unwrap(), number(&line["quantity"]), number(&line["unit_price"]["amount"]))
    };
    lines.iter().map(line).collect()
}

pub async fn orders(shop: &Shop) -> i64 {
    shop.database.count("SELECT count(*) FROM orders").await
}
