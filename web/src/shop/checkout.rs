//! `/checkout`: where it goes, how it is paid, what it costs, and one button. What is ordered is the cart as this page
//! shows it.

use super::{basket::Basket, guests::Guests};
use crate::{
    account::addresses,
    asked::Filled,
    form::{Field, Form, Trouble},
    layout,
    member::{Member, Stopped},
    next::Next,
    refusal::Refusal,
    state::App,
    upstream::{Call, FieldProblem, Refused, UpstreamError},
    words,
};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use contracts::{
    CartId,
    api::{
        address_book::{AddressBody, AddressView},
        order::{CART_TOKEN, CartView, OrderView},
    },
};
use http::{Method, StatusCode};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;
use std::borrow::Cow;

/// Of the simulator: no money moves.
fn methods() -> [(&'static str, Cow<'static, str>); 5] {
    [
        ("sim_ok", t!("checkout-sim-ok")),
        ("sim_slow", t!("checkout-sim-slow")),
        ("sim_declined", t!("checkout-sim-declined")),
        ("sim_error", t!("checkout-sim-error")),
        ("sim_lost", t!("checkout-sim-lost")),
    ]
}

/// The one that is chosen until another is.
const FIRST_METHOD: &str = "sim_ok";

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutPage {
    cart: CartView,
    form: Form,
    trouble: Option<Trouble>,
    /// Whether it is ordered without an account.
    guest: bool,
}

#[derive(Default, Deserialize)]
pub(crate) struct Filling {
    /// Of who orders without an account; none on a member's page.
    email: Option<String>,
    #[serde(default)]
    cart: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    payment_method: String,
    /// One of the address book, or [`ANOTHER`].
    #[serde(default)]
    address: String,
    /// A box.
    #[serde(default)]
    keep: String,
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

/// In place of an address's id: what is typed.
const ANOTHER: &str = "another";

impl Filling {
    fn form(&self, cart: &CartView, book: &[AddressView], key: &str) -> Form {
        let method = if self.payment_method.is_empty() { FIRST_METHOD } else { &self.payment_method };
        let form = Form::new("checkout", "/checkout", t!("checkout-button"))
            .hidden("cart", &cart.id.to_string())
            .hidden("version", &cart.version.to_string())
            .hidden("key", key);
        let form = match &self.email {
            Some(email) => form.with(Field::email(t!("email"), "email").hint(t!("checkout-email-hint")).typed(email)),
            None => form,
        };
        let form = if book.is_empty() {
            self.with_address(form)
        } else {
            let chosen = self.chosen_of(book);
            let form = form.with(Field::choice("address", t!("checkout-address"), choices(book)).typed(&chosen));
            let is_open = chosen == ANOTHER || self.has_typed();
            self.with_address(form.folding(t!("checkout-another-address"), is_open)).unfolding()
        };
        form.with(Field::choice("payment_method", t!("checkout-payment"), methods()).typed(method))
    }

    fn with_address(&self, form: Form) -> Form {
        let form = form
            .with(Field::text("name", t!("address-name"), "shipping name").typed(&self.name))
            .with(Field::text("line1", t!("address-line1"), "shipping address-line1").typed(&self.line1))
            .with(Field::text("line2", t!("address-line2"), "shipping address-line2").optional().typed(&self.line2))
            .with(
                Field::text("postal_code", t!("address-postal-code"), "shipping postal-code").typed(&self.postal_code),
            )
            .with(Field::text("city", t!("address-city"), "shipping address-level2").typed(&self.city))
            .with(Field::text("region", t!("address-region"), "shipping address-level1").optional().typed(&self.region))
            .with(
                Field::text("country", t!("address-country"), "shipping country")
                    .hint(t!("checkout-country-hint"))
                    .typed(&self.country),
            );
        if self.email.is_some() {
            return form;
        }
        form.with(Field::tick("keep", t!("checkout-keep-address")).optional().ticked(!self.keep.is_empty()))
    }

    /// Of the address book; the default where nothing was said yet.
    fn chosen_of(&self, book: &[AddressView]) -> String {
        let default = book.iter().find(|address| address.default_shipping).or(book.first());
        match default {
            _ if !self.address.is_empty() => self.address.clone(),
            Some(default) if !self.has_typed() => default.id.to_string(),
            _ => ANOTHER.to_owned(),
        }
    }

    fn has_typed(&self) -> bool {
        let parts = [&self.name, &self.line1, &self.line2, &self.postal_code, &self.city, &self.region, &self.country];
        parts.iter().any(|part| !part.trim().is_empty())
    }

    fn typed(&self) -> AddressBody {
        let optional = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        AddressBody {
            name: self.name.clone(),
            line1: self.line1.clone(),
            line2: optional(&self.line2),
            postal_code: self.postal_code.clone(),
            city: self.city.clone(),
            region: optional(&self.region),
            country: self.country.trim().to_owned(),
            default_shipping: None,
            default_billing: None,
        }
    }

    /// Where a member's goes. An address of the book and a typed one beside it are not guessed between.
    async fn destination(&self, member: &Member) -> Result<AddressBody, Stopped> {
        if self.address.is_empty() || self.address == ANOTHER {
            return Ok(self.typed());
        }
        if self.has_typed() {
            return Err(wrong_address(words::ADDRESS_UNCLEAR));
        }
        let Some(address) = addresses::of(member).await?.into_iter().find(|known| known.id.to_string() == self.address)
        else {
            return Err(wrong_address(words::ADDRESS_NOT_KEPT));
        };
        Ok(address.into())
    }

    /// The typed one, if it is to be kept.
    fn to_be_kept(&self) -> Option<AddressBody> {
        let typed = self.address.is_empty() || self.address == ANOTHER;
        (typed && !self.keep.is_empty()).then(|| self.typed())
    }

    fn body(&self, address: &AddressBody) -> serde_json::Value {
        json!({
            "version": self.version.parse::<i64>().unwrap_or_default(), "payment_method": self.payment_method,
            "shipping_address": address,
        })
    }
}

fn choices(book: &[AddressView]) -> Vec<(String, String)> {
    let of = |address: &AddressView| {
        let AddressView { name, line1, line2, postal_code, city, region, country, .. } = address;
        let town = format!("{postal_code} {city}");
        let parts = [Some(name), Some(line1), line2.as_ref(), Some(&town), region.as_ref(), Some(country)];
        (address.id.to_string(), parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", "))
    };
    book.iter().map(of).chain([(ANOTHER.to_owned(), t!("checkout-address-below").into_owned())]).collect()
}

fn wrong_address(why: &str) -> Stopped {
    let text = t!("some-fields-are-wrong");
    let mut refused = Refused::ours(StatusCode::UNPROCESSABLE_ENTITY, "invalid_fields", &text);
    refused.fields.push(FieldProblem { pointer: "/address".to_owned(), detail: why.to_owned() });
    Stopped::Failed(UpstreamError::Refused(refused))
}

pub(crate) async fn ask(member: Result<Member, Response>, basket: Basket, State(app): State<App>) -> Response {
    let key: uuid::Uuid = app.clock.new_id();
    let email = member.is_err().then(String::new);
    let filling = Filling { email, ..Filling::default() };
    basket.told(shown(&basket, member.as_ref().ok(), &filling, &key.to_string(), None).await)
}

/// The page; or the cart's, where it has to be looked at before.
async fn shown(
    basket: &Basket,
    member: Option<&Member>,
    filling: &Filling,
    key: &str,
    refusal: Option<Refusal>,
) -> Response {
    let cart = match basket.look().await {
        Ok(Some(cart)) if !cart.lines.is_empty() && !cart.changed => cart,
        // Ordered, in another tab or by the very request whose answer was lost.
        Ok(Some(cart)) if cart.lines.is_empty() && refusal.is_some() => return Redirect::to("/orders").into_response(),
        Ok(_) => return Redirect::to("/cart").into_response(),
        Err(stopped) => return stopped.page(),
    };
    let book = match member {
        None => Vec::new(),
        Some(member) => match addresses::of(member).await {
            Ok(book) => book,
            // Without it the page still takes an address.
            Err(Stopped::Failed(_)) => Vec::new(),
            Err(stopped) => return stopped.page(),
        },
    };
    let mut form = filling.form(&cart, &book, key);
    let trouble = refusal.as_ref().map(|refusal| form.refused(refusal));
    let guest = filling.email.is_some();
    let page = layout::page(StatusCode::OK, &CheckoutPage { cart, form, trouble, guest });
    match refusal {
        Some(refusal) => refusal.stamped(page),
        None => page,
    }
}

pub(crate) async fn order(
    member: Result<Member, Response>,
    basket: Basket,
    guests: Guests,
    State(app): State<App>,
    Filled(mut filling): Filled<Filling>,
) -> Response {
    let Ok(cart) = filling.cart.parse::<CartId>() else { return Redirect::to("/cart").into_response() };
    if member.is_ok() {
        // They logged in meanwhile: the page is a member's from here on.
        filling.email = None;
    }
    let ordered = match (&member, &filling.email) {
        (Ok(member), _) => ordered_by_member(member, cart, &filling).await,
        (Err(_), Some(email)) => match basket.of_a_guest() {
            Some((id, token)) if id == cart => ordered_by_guest(&guests, (cart, &token), email, &filling).await,
            _ => return Redirect::to("/cart").into_response(),
        },
        // A member's, whose log-in is over.
        (Err(_), None) => return Next::or_account("/checkout").by_login(),
    };
    let answer = match ordered {
        Ok(there) => {
            basket.is_ordered();
            Redirect::to(&there).into_response()
        }
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            let mut refusal = Refusal::from(cause);
            refusal.fields.iter_mut().for_each(FieldProblem::of_the_address);
            // Under the same key the same would be sent again; what is mended is another intent.
            let key =
                if refusal.is_for_now() { filling.key.clone() } else { app.clock.new_id::<uuid::Uuid>().to_string() };
            basket.told(shown(&basket, member.as_ref().ok(), &filling, &key, Some(refusal)).await)
        }
    };
    guests.told(answer)
}

/// Gives the page of the order, which also says whether the address was kept: that comes after, and fails no order.
async fn ordered_by_member(member: &Member, cart: CartId, filling: &Filling) -> Result<String, Stopped> {
    let (path, body) = (format!("/carts/{cart}/checkout"), filling.body(&filling.destination(member).await?));
    let ordered: OrderView = member.ask(placing(&path, &body, &filling.key)).await?;
    let page = format!("/orders/{}", ordered.id);
    let Some(address) = filling.to_be_kept() else { return Ok(page) };
    // Under the order's own key, so that a click that comes twice keeps it once.
    let call = Call::post("/auth/addresses", &address).with_header("idempotency-key", &filling.key);
    let kept = if member.ask::<IgnoredAny>(call).await.is_ok() { "yes" } else { "no" };
    Ok(format!("{page}?kept={kept}"))
}

/// In this browser they find it from then on.
async fn ordered_by_guest(
    guests: &Guests,
    cart: (CartId, &str),
    email: &str,
    filling: &Filling,
) -> Result<String, Stopped> {
    let (path, body) = (format!("/carts/{}/checkout", cart.0), filling.body(&filling.typed()));
    let (secret, token) = guests.make(cart, email).await.map_err(Stopped::Failed)?;
    let call = placing(&path, &body, &filling.key).with_header(CART_TOKEN, cart.1);
    let ordered: OrderView = guests.ask_with(&token, call).await?;
    guests.keep(&secret, Some(ordered.id));
    Ok(format!("/orders/{}", ordered.id))
}

fn placing<'a>(path: &'a str, body: &serde_json::Value, key: &'a str) -> Call<'a> {
    Call::order(Method::POST, path).with_body(body).with_header("idempotency-key", key)
}
