//! Guests, as their browser knows them: who ordered without an account finds what they ordered here, and nobody else does. The
//! browser keeps their secrets in a cookie, and which orders each is for; the token that a secret gives is asked for when
//! it is needed, and not kept.

use crate::{
    cookies::{self, Kind},
    member::Stopped,
    state::App,
    upstream::{Call, UpstreamError},
};
use aws_lc_rs::digest;
use axum::{extract::FromRequestParts, response::Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::{
    CartId, OrderId,
    api::guest::{GuestTokenBody, GuestTokensView, MakeGuestBody},
};
use http::request::Parts;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    convert::Infallible,
    sync::{Mutex, PoisonError},
};
use time::Duration;

const COOKIE: Kind = Kind("__Host-guest");
/// As long as a secret works that nobody uses.
const KEPT: Duration = Duration::days(30);
/// So many guests, and orders of each, a cookie has room for; the oldest goes.
const MOST_GUESTS: usize = 5;
const MOST_ORDERS: usize = 5;
/// What was ordered may be in an account by now, and somebody orders with the same address and cart again, as another guest.
const TRIES: u32 = 5;

/// What a guest proves themselves with.
// Without `Debug`: it would end up in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Secret(String);

#[derive(Clone, Serialize, Deserialize)]
struct Known {
    secret: Secret,
    orders: Vec<OrderId>,
}

/// The guests of one browser, the newest last.
pub(crate) struct Guests {
    app: App,
    known: Mutex<Kept>,
}

struct Kept {
    known: Vec<Known>,
    /// Whether the browser has to be told.
    changed: bool,
}

impl FromRequestParts<App> for Guests {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let known = app.cookies.read(COOKIE, &parts.headers).unwrap_or_default();
        Ok(Self { app: app.clone(), known: Mutex::new(Kept { known, changed: false }) })
    }
}

impl Guests {
    /// Whose order it is, if it was ordered here.
    pub(crate) fn of(&self, order: OrderId) -> Option<Secret> {
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        kept.known.iter().find(|known| known.orders.contains(&order)).map(|known| known.secret.clone())
    }

    /// All there are, the newest first.
    pub(crate) fn all(&self) -> Vec<Secret> {
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        kept.known.iter().rev().map(|known| known.secret.clone()).collect()
    }

    /// Makes a guest of whoever has the cart, once for an address: a click that comes twice, and another tab, are the same
    /// one. Gives the access token as well.
    pub(crate) async fn make(&self, cart: (CartId, &str), email: &str) -> Result<(Secret, String), UpstreamError> {
        let (cart_id, cart_token) = cart;
        let mut tries = 0;
        loop {
            let secret = secret(cart_token, email, tries);
            let body = MakeGuestBody { email: email.to_owned(), cart_id, secret: secret.0.clone() };
            tries += 1;
            match self.app.upstream.ask::<GuestTokensView>(&Call::post("/auth/guests", &body)).await {
                Ok(tokens) => {
                    self.keep(&secret, None);
                    return Ok((secret, tokens.token));
                }
                Err(UpstreamError::Refused(refused)) if refused.code == "guest_joined" && tries < TRIES => {}
                Err(cause) => return Err(cause),
            }
        }
    }

    /// Asks a service in a guest's name.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, secret: &Secret, call: Call<'_>) -> Result<T, Stopped> {
        self.ask_with(&self.token(secret).await?, call).await
    }

    /// A token of theirs for now.
    pub(crate) async fn token(&self, secret: &Secret) -> Result<String, Stopped> {
        let body = GuestTokenBody { secret: secret.0.clone() };
        let tokens = self.app.upstream.ask::<GuestTokensView>(&Call::post("/auth/guests/token", &body)).await;
        Ok(tokens.map_err(Stopped::Failed)?.token)
    }

    /// With a token that was made a moment ago.
    pub(crate) async fn ask_with<T: DeserializeOwned>(&self, token: &str, call: Call<'_>) -> Result<T, Stopped> {
        self.app.upstream.ask(&call.with_token(token)).await.map_err(Stopped::Failed)
    }

    /// The guest, and what they ordered.
    pub(crate) fn keep(&self, secret: &Secret, order: Option<OrderId>) {
        let mut kept = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.known.iter().position(|known| known.secret == *secret);
        let mut known = match place {
            Some(place) if order.is_none_or(|order| kept.known[place].orders.contains(&order)) => return,
            Some(place) => kept.known.remove(place),
            None => Known { secret: secret.clone(), orders: Vec::new() },
        };
        known.orders.extend(order);
        let beyond = known.orders.len().saturating_sub(MOST_ORDERS);
        known.orders.drain(..beyond);
        kept.known.push(known);
        let beyond = kept.known.len().saturating_sub(MOST_GUESTS);
        kept.known.drain(..beyond);
        kept.changed = true;
    }

    /// They are guests no more.
    pub(crate) fn forget(&self, secret: &Secret) {
        let mut kept = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        kept.known.retain(|known| known.secret != *secret);
        kept.changed = true;
    }

    /// The answer, with what the browser is to keep.
    pub(crate) fn told(&self, mut answer: Response) -> Response {
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.changed && kept.known.is_empty() {
            cookies::remove(&mut answer, COOKIE);
        } else if kept.changed {
            self.app.cookies.set_for(&mut answer, COOKIE, &kept.known, KEPT);
        }
        drop(kept);
        answer
    }
}

/// Made of the cart's own token, which nobody else has, so that it need not be kept to come again to the same guest.
fn secret(cart_token: &str, email: &str, tries: u32) -> Secret {
    let email = email.trim().to_lowercase();
    let text = format!("a guest of\0{cart_token}\0{email}\0{tries}");
    Secret(URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::secret;

    #[test]
    fn a_secret_is_the_same_for_the_same_cart_and_address_alone() {
        let one = secret("token", "Ada@example.com", 0);
        assert!(one == secret("token", " ada@example.com ", 0));
        assert_eq!(one.0.len(), 43);
        for (token, email, tries) in
            [("other", "ada@example.com", 0), ("token", "eve@example.com", 0), ("token", "ada@example.com", 1)]
        {
            assert!(one != secret(token, email, tries));
        }
    }
}
