//! Whose cart it is, as the browser knows it: a member's own, or a guest's by a cookie. What a guest chose comes into the
//! account's cart the first time they look at it after the log-in.

use crate::{
    cookies::{self, Kind},
    member::{Member, Stopped},
    state::App,
    upstream::{Call, UpstreamError},
    visit::Visit,
};
use axum::{extract::FromRequestParts, response::Response};
use contracts::{
    CartId,
    api::order::{CART_TOKEN, CartView, NewCartView},
};
use http::{Method, StatusCode, request::Parts};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    convert::Infallible,
    sync::{Mutex, PoisonError},
};
use time::Duration;

const COOKIE: Kind = Kind("__Host-cart");
/// As long as order-service keeps one that nobody changes, unless the operator says otherwise.
const KEPT: Duration = Duration::days(30);

/// A guest's cart, as the browser keeps it.
// Without `Debug`: it would end up in a log.
#[derive(Clone, Serialize, Deserialize)]
struct GuestCart {
    id: CartId,
    token: String,
}

/// Somebody with, or without, a cart.
pub(crate) struct Basket {
    app: App,
    visit: Visit,
    member: Option<Member>,
    guest: Mutex<Kept>,
}

struct Kept {
    cart: Option<GuestCart>,
    /// Whether the browser has to be told.
    changed: bool,
}

impl FromRequestParts<App> for Basket {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let cart = app.cookies.read(COOKIE, &parts.headers);
        let member = Member::from_request_parts(parts, app).await.ok();
        let visit = parts.extensions.get::<Visit>().cloned().unwrap_or_default();
        Ok(Self { app: app.clone(), visit, member, guest: Mutex::new(Kept { cart, changed: false }) })
    }
}

impl Basket {
    /// What is in it; none where nothing was ever put into it.
    pub(crate) async fn look(&self) -> Result<Option<CartView>, Stopped> {
        let cart = self.looked().await?;
        self.visit.counts(cart.as_ref().map_or(0, pieces));
        Ok(cart)
    }

    async fn looked(&self) -> Result<Option<CartView>, Stopped> {
        let guest = self.guest();
        let Some(member) = &self.member else {
            let Some(guest) = guest else { return Ok(None) };
            return self.of_guest(Call::order(Method::GET, &format!("/carts/{}", guest.id)), &guest).await;
        };
        if let Some(guest) = guest {
            let path = format!("/carts/{}/merge", guest.id);
            let merged = member.ask(Call::order(Method::POST, &path).with_header(CART_TOKEN, &guest.token)).await?;
            self.keep(None);
            return Ok(Some(merged));
        }
        let own: NewCartView = member.ask(Call::order(Method::POST, "/carts")).await?;
        Ok(Some(own.cart))
    }

    /// The same, made where there is none.
    pub(crate) async fn open(&self) -> Result<CartView, Stopped> {
        if let Some(cart) = self.look().await? {
            return Ok(cart);
        }
        let made: NewCartView =
            self.app.upstream.ask(&Call::order(Method::POST, "/carts")).await.map_err(Stopped::Failed)?;
        if let Some(token) = made.token {
            self.keep(Some(GuestCart { id: made.cart.id, token }));
        }
        Ok(made.cart)
    }

    /// Changes something about it.
    pub(crate) async fn change(&self, call: Call<'_>) -> Result<(), Stopped> {
        let cart: CartView = self.ask(call).await?;
        self.visit.counts(pieces(&cart));
        Ok(())
    }

    /// It was ordered.
    pub(crate) fn is_ordered(&self) {
        self.visit.counts(0);
    }

    async fn ask<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, Stopped> {
        match (&self.member, self.guest()) {
            (Some(member), _) => member.ask(call).await,
            (None, Some(guest)) => {
                self.app.upstream.ask(&call.with_header(CART_TOKEN, &guest.token)).await.map_err(Stopped::Failed)
            }
            (None, None) => self.app.upstream.ask(&call).await.map_err(Stopped::Failed),
        }
    }

    /// What shows that a guest's cart is theirs.
    pub(crate) fn of_a_guest(&self) -> Option<(CartId, String)> {
        self.guest().filter(|_| self.member.is_none()).map(|guest| (guest.id, guest.token))
    }

    /// A cart that is not kept any more is none.
    async fn of_guest(&self, call: Call<'_>, guest: &GuestCart) -> Result<Option<CartView>, Stopped> {
        match self.app.upstream.ask(&call.with_header(CART_TOKEN, &guest.token)).await {
            Ok(cart) => Ok(Some(cart)),
            Err(UpstreamError::Refused(refused)) if refused.status == StatusCode::NOT_FOUND => {
                self.keep(None);
                Ok(None)
            }
            Err(cause) => Err(Stopped::Failed(cause)),
        }
    }

    /// The answer, with what the browser is to keep.
    pub(crate) fn told(&self, mut answer: Response) -> Response {
        let kept = self.guest.lock().unwrap_or_else(PoisonError::into_inner);
        match &kept.cart {
            _ if !kept.changed => {}
            Some(cart) => self.app.cookies.set_for(&mut answer, COOKIE, cart, KEPT),
            None => cookies::remove(&mut answer, COOKIE),
        }
        drop(kept);
        answer
    }

    fn guest(&self) -> Option<GuestCart> {
        self.guest.lock().unwrap_or_else(PoisonError::into_inner).cart.clone()
    }

    fn keep(&self, cart: Option<GuestCart>) {
        *self.guest.lock().unwrap_or_else(PoisonError::into_inner) = Kept { cart, changed: true };
    }
}

fn pieces(cart: &CartView) -> i64 {
    cart.lines.iter().map(|line| i64::from(line.quantity)).sum()
}
