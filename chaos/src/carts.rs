//! What shoppers collect before they order. It takes as long as it takes: whatever fails is asked again under the same key.

use super::accounts::{Shop, Who};
use anyhow::Context;
use contracts::{ServiceName, api::order::CART_TOKEN};
use http::Method;
use serde_json::{Value, json};

/// A cart of nobody until it is merged.
pub(crate) struct Cart {
    pub(crate) id: String,
    /// By which it is theirs who have no account.
    pub(crate) token: String,
    version: i64,
}

impl Cart {
    /// An empty one. Whose answer was lost is in nobody's hands, and forgotten one day.
    ///
    /// # Errors
    /// order-service refuses it, or stays away.
    pub(crate) async fn open(shop: &Shop) -> anyhow::Result<Self> {
        let opened = shop.insist_under(ServiceName::Order, Method::POST, "/carts", Who::default(), None, None).await?;
        let token = opened["token"].as_str().with_context(|| format!("a cart without a {CART_TOKEN}"))?;
        Self::read(&opened, token)
    }

    fn read(view: &Value, token: &str) -> anyhow::Result<Self> {
        let id = view["id"].as_str().context("a cart without an id")?;
        let version = view["version"].as_i64().context("a cart without a version")?;
        Ok(Self { id: id.to_owned(), token: token.to_owned(), version })
    }

    /// Each line under a key of its own: asked twice it adds nothing more.
    ///
    /// # Errors
    /// order-service refuses one, or stays away.
    pub(crate) async fn fill(&mut self, shop: &Shop, key: &str, lines: &[(&str, u64)]) -> anyhow::Result<()> {
        let path = format!("/carts/{}/lines", self.id);
        for (place, (sku, quantity)) in lines.iter().enumerate() {
            let (key, body) = (format!("{key}-{place}"), json!({"sku": sku, "quantity": quantity}));
            let who = Who { token: "", cart_token: &self.token };
            let asked = shop.insist_under(ServiceName::Order, Method::POST, &path, who, Some(&key), Some(&body));
            *self = Self::read(&asked.await.context("a line is added to a cart")?, &self.token)?;
        }
        Ok(())
    }

    /// Into the cart of whoever's token it is, which is given back.
    ///
    /// # Errors
    /// order-service refuses it, or stays away.
    pub(crate) async fn merge(self, shop: &Shop, token: &str) -> anyhow::Result<Self> {
        let (path, who) = (format!("/carts/{}/merge", self.id), Who { token, cart_token: &self.token });
        let merged = shop.insist_under(ServiceName::Order, Method::POST, &path, who, None, None);
        Self::read(&merged.await.context("a cart is merged")?, "")
    }

    /// The body of its checkout, for what else `POST /orders` would be asked with.
    pub(crate) fn checkout(&self, order: Value) -> Value {
        let mut body = order;
        if let Some(fields) = body.as_object_mut() {
            fields.remove("lines");
            fields.insert("version".to_owned(), self.version.into());
        }
        body
    }
}
