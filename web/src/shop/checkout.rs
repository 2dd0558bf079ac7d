//! `/checkout`: where it goes, how it is paid, what it costs, and one button. What is ordered is the cart as this page
//! shows it.

use super::basket::Basket;
use crate::{
    account::addresses,
    asked::Filled,
    form::{Field, Form, Trouble},
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    state::App,
    upstream::{Call, FieldProblem},
};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use contracts::{
    CartId,
    api::order::{CartView, OrderView},
};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

/// Of the simulator: no money moves.
const METHODS: [(&str, &str); 5] = [
    ("sim_ok", "Simulated: is paid at once"),
    ("sim_slow", "Simulated: is paid after a while"),
    ("sim_declined", "Simulated: is declined"),
    ("sim_error", "Simulated: the provider has trouble"),
    ("sim_lost", "Simulated: the provider's answer is lost"),
];

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutPage {
    cart: CartView,
    form: Form,
    trouble: Option<Trouble>,
}

#[derive(Default, Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    cart: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    payment_method: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    line1: String,
    #[serde(default)]
    line2: String,
    #[serde(default)]
    postal_code: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    country: String,
}

impl Filling {
    fn form(&self, cart: &CartView, key: &str) -> Form {
        let method = if self.payment_method.is_empty() { METHODS[0].0 } else { &self.payment_method };
        Form::new("checkout", "/checkout", "Order and pay")
            .hidden("cart", &cart.id.to_string())
            .hidden("version", &cart.version.to_string())
            .hidden("key", key)
            .with(Field::text("name", "Name", "shipping name").typed(&self.name))
            .with(Field::text("line1", "Street and number", "shipping address-line1").typed(&self.line1))
            .with(Field::text("line2", "More of it", "shipping address-line2").optional().typed(&self.line2))
            .with(Field::text("postal_code", "Postal code", "shipping postal-code").typed(&self.postal_code))
            .with(Field::text("city", "City", "shipping address-level2").typed(&self.city))
            .with(Field::text("region", "State or province", "shipping address-level1").optional().typed(&self.region))
            .with(
                Field::text("country", "Country", "shipping country")
                    .hint("Two letters, such as DE.")
                    .typed(&self.country),
            )
            .with(Field::choice("payment_method", "Payment", &METHODS).typed(method))
    }

    fn body(&self) -> serde_json::Value {
        let optional = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut address = json!({
            "name": self.name, "line1": self.line1, "postal_code": self.postal_code, "city": self.city,
            "country": self.country.trim(),
        });
        for (name, text) in [("line2", &self.line2), ("region", &self.region)] {
            if let Some(text) = optional(text) {
                address[name] = text.into();
            }
        }
        json!({
            "version": self.version.parse::<i64>().unwrap_or_default(), "payment_method": self.payment_method,
            "shipping_address": address,
        })
    }
}

pub(crate) async fn ask(member: Member, basket: Basket, State(app): State<App>) -> Response {
    let filling = match addresses::default_for_parcels(&member).await {
        Ok(Some(address)) => Filling {
            name: address.name,
            line1: address.line1,
            line2: address.line2.unwrap_or_default(),
            postal_code: address.postal_code,
            city: address.city,
            region: address.region.unwrap_or_default(),
            country: address.country,
            ..Filling::default()
        },
        // Without its address book the page still takes one.
        Ok(None) | Err(Stopped::Failed(_)) => Filling::default(),
        Err(stopped) => return stopped.page(),
    };
    let key: uuid::Uuid = app.clock.new_id();
    basket.told(shown(&basket, &filling, &key.to_string(), None).await)
}

/// The page; or the cart's, where it has to be looked at before.
async fn shown(basket: &Basket, filling: &Filling, key: &str, refusal: Option<Refusal>) -> Response {
    let cart = match basket.look().await {
        Ok(Some(cart)) if !cart.lines.is_empty() && !cart.changed => cart,
        // Ordered, in another tab or by the very request whose answer was lost.
        Ok(Some(cart)) if cart.lines.is_empty() && refusal.is_some() => return Redirect::to("/orders").into_response(),
        Ok(_) => return Redirect::to("/cart").into_response(),
        Err(stopped) => return stopped.page(),
    };
    let mut form = filling.form(&cart, key);
    let trouble = refusal.as_ref().map(|refusal| form.refused(refusal));
    let page = layout::page(StatusCode::OK, &CheckoutPage { cart, form, trouble });
    match refusal {
        Some(refusal) => refusal.stamped(page),
        None => page,
    }
}

pub(crate) async fn order(
    member: Member,
    basket: Basket,
    State(app): State<App>,
    Filled(filling): Filled<Filling>,
) -> Response {
    let Ok(cart) = filling.cart.parse::<CartId>() else { return Redirect::to("/cart").into_response() };
    let path = format!("/carts/{cart}/checkout");
    let call = Call::order(Method::POST, &path).with_body(&filling.body()).with_header("idempotency-key", &filling.key);
    match member.ask::<OrderView>(call).await {
        Ok(order) => Redirect::to(&format!("/orders/{}", order.id)).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            let mut refusal = Refusal::from(cause);
            refusal.fields.iter_mut().for_each(FieldProblem::of_the_address);
            // Under the same key the same would be sent again; what is mended is another intent.
            let key =
                if refusal.is_for_now() { filling.key.clone() } else { app.clock.new_id::<uuid::Uuid>().to_string() };
            basket.told(shown(&basket, &filling, &key, Some(refusal)).await)
        }
    }
}
