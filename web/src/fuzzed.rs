//! Doors for the fuzzers (`fuzz/`): what reads what comes over the network, without what surrounds it.

use crate::{
    asked::Asked,
    cookies::{CookieKey, Cookies, Kind},
    next::Next,
    refusal::Refusal,
    shop::products::Wish,
    upstream::{self, UpstreamError},
};
use anyhow::Context;
use axum::{
    extract::{FromRequestParts, Request},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use service_kit::{Clock, Env};
use time::Duration;

const KIND: Kind = Kind("__Host-fuzzed");

/// Where somebody goes on after the log-in.
#[must_use]
pub fn next(given: &str) -> Option<String> {
    Next::parse(given).map(|next| next.as_str().to_owned())
}

/// What a page of the catalogue is asked for, and the address of the next one.
///
/// # Errors
/// The page that says that it cannot be read.
pub async fn wish(request: Request) -> Result<(Vec<(String, String)>, String), Response> {
    let Asked(wish) = Asked::<Wish>::from_request_parts(&mut request.into_parts().0, &()).await?;
    let asked = wish.query().map_err(|_| Refusal::ours(StatusCode::BAD_REQUEST, "", "That is no price.").page())?;
    let asked = asked.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok((asked, wish.address(Some("next"))))
}

/// What is made of a service's answer: its content, or the page that is shown in its place.
///
/// # Errors
/// The page.
pub async fn answer(answer: http::Response<Vec<u8>>) -> Result<Value, Box<Response>> {
    let read: Result<Value, UpstreamError> = upstream::read(answer.into()).await;
    read.map_err(|cause| Box::new(Refusal::from(cause).page()))
}

/// Cookies under a key of their own.
pub struct Jar(Cookies);

impl Jar {
    /// # Errors
    /// There is no randomness.
    pub fn new() -> anyhow::Result<Self> {
        let key = CookieKey::read(&Env::default())?;
        Ok(Self(Cookies::new(&key, Clock::system()).context("taking the key")?))
    }

    /// The headers that have a browser keep it.
    #[must_use]
    pub fn kept(&self, text: &str) -> HeaderMap {
        let mut answer = Response::new(axum::body::Body::empty());
        *answer.status_mut() = StatusCode::OK;
        self.0.set_for(&mut answer, KIND, &text, Duration::minutes(10));
        answer.headers().clone()
    }

    /// What a browser brought.
    #[must_use]
    pub fn brought(&self, headers: &HeaderMap) -> Option<String> {
        self.0.read(KIND, headers)
    }
}
