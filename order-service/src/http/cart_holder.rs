//! Who has a cart: a customer by their access token, a guest by the cart's own.

use crate::{error::Error, store::carts::Holder};
use aws_lc_rs::digest;
use axum::extract::FromRequestParts;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::api::order::CART_TOKEN;
use http::request::Parts;
use service_kit::{KitError, Problem, ambient, auth::SignedIn};
use std::convert::Infallible;

/// What a guest shows; `Cart-Token` in the request. Without `Debug`: it would end up in a log.
pub(crate) struct CartToken(Option<Vec<u8>>);

impl<S: Send + Sync> FromRequestParts<S> for CartToken {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let sent = parts.headers.get(CART_TOKEN).and_then(|value| value.to_str().ok());
        Ok(Self(sent.map(str::trim).filter(|text| !text.is_empty()).map(hash)))
    }
}

impl CartToken {
    /// A new one, and the SHA-256 that is stored of it.
    ///
    /// # Errors
    /// There is no randomness.
    pub(crate) fn make() -> Result<(String, Vec<u8>), Error> {
        let bytes: [u8; 32] = ambient::random_bytes()
            .map_err(|_| KitError::Key("there is no randomness for a cart's token".to_owned()))?;
        let text = URL_SAFE_NO_PAD.encode(bytes);
        let hash = hash(&text);
        Ok((text, hash))
    }

    /// Its SHA-256, where one was sent.
    pub(crate) fn into_hash(self) -> Option<Vec<u8>> {
        self.0
    }

    /// Whose carts are let. Who shows nothing that counts has none.
    pub(crate) fn holders(self, person: Result<SignedIn, Problem>) -> Vec<Holder> {
        let person = person.ok().map(|person| Holder::Account(person.account_id));
        person.into_iter().chain(self.0.map(Holder::Guest)).collect()
    }
}

fn hash(text: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().to_vec()
}
