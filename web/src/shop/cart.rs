//! `/cart`: what one means to order, and what of it has changed since one was told.

use super::basket::Basket;
use crate::{
    asked::{Asked, Before, Filled},
    form::Trouble,
    layout,
    member::Stopped,
    refusal::Refusal,
    upstream::Call,
    words,
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::api::order::{CartChange, CartLineView, CartView};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use std::borrow::Cow;

#[derive(Template)]
#[template(path = "cart.html")]
struct CartPage {
    cart: Option<CartView>,
    done: Option<Cow<'static, str>>,
    trouble: Option<Trouble>,
}

impl CartPage {
    fn lines(&self) -> &[CartLineView] {
        self.cart.as_ref().map_or(&[], |cart| &cart.lines)
    }

    /// In a sentence.
    fn told(change: &CartChange, line: &CartLineView) -> Cow<'static, str> {
        match change {
            CartChange::Price { now } => {
                t!("cart-now-costs", now = words::money(now), before = words::money(&line.unit_price))
            }
            CartChange::Short { available: 0 } => t!("cart-sold-out"),
            CartChange::Short { available } => t!("cart-few-left", count = available),
            CartChange::NotSold => t!("cart-not-sold"),
        }
    }
}

/// What a button on the page, or on a product's, sends.
#[derive(Deserialize)]
pub(crate) struct Filling {
    /// `add`, `put`, `agree`; or `remove`, with what.
    #[serde(default)]
    act: String,
    #[serde(default)]
    sku: String,
    #[serde(default)]
    quantity: String,
    #[serde(default)]
    key: String,
    /// A SKU to be taken out.
    #[serde(default)]
    remove: String,
}

pub(crate) async fn show(basket: Basket, Asked(before): Asked<Before>) -> Response {
    let done = match &*before.done {
        "added" => Some(t!("cart-added")),
        "changed" => Some(t!("cart-changed")),
        "agreed" => Some(t!("cart-agreed")),
        "again" => Some(t!("cart-again")),
        _ => None,
    };
    basket.told(shown(&basket, done, None).await)
}

/// The cart, with what went wrong before on top.
async fn shown(basket: &Basket, done: Option<Cow<'static, str>>, refusal: Option<Refusal>) -> Response {
    match basket.look().await {
        Ok(cart) => {
            let trouble = refusal.as_ref().map(Trouble::saying);
            let page = layout::page(StatusCode::OK, &CartPage { cart, done, trouble });
            match refusal {
                Some(refusal) => refusal.stamped(page),
                None => page,
            }
        }
        Err(stopped) => stopped.page(),
    }
}

pub(crate) async fn change(basket: Basket, Filled(filling): Filled<Filling>) -> Response {
    let answer = match changed(&basket, &filling).await {
        Ok(done) => Redirect::to(&format!("/cart?done={done}")).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&basket, None, Some(cause.into())).await,
    };
    basket.told(answer)
}

async fn changed(basket: &Basket, filling: &Filling) -> Result<&'static str, Stopped> {
    let cart = basket.open().await?.id;
    let lines = format!("/carts/{cart}/lines");
    // What is no number is one that the service refuses, in its words.
    let quantity = filling.quantity.trim().parse::<i64>().unwrap_or_default();
    let (path, call, done) = if !filling.remove.is_empty() {
        (one(&lines, &filling.remove), Call::order(Method::DELETE, ""), "changed")
    } else if filling.act == "agree" {
        (format!("/carts/{cart}/agree"), Call::order(Method::POST, ""), "agreed")
    } else if filling.act == "put" {
        let call = Call::order(Method::PUT, "").with_body(&json!({ "quantity": quantity }));
        (one(&lines, &filling.sku), call, "changed")
    } else {
        let body = json!({ "sku": filling.sku, "quantity": quantity });
        let call = Call::order(Method::POST, "").with_body(&body).with_header("idempotency-key", &filling.key);
        (lines, call, "added")
    };
    basket.change(call.at(&path)).await?;
    Ok(done)
}

fn one(lines: &str, sku: &str) -> String {
    let sku: String = url::form_urlencoded::byte_serialize(sku.as_bytes()).collect();
    // In a path a blank is `%20`; a SKU has none.
    format!("{lines}/{}", sku.replace('+', "%20"))
}
