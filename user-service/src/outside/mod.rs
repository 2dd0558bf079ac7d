//! Signing in with an outside OpenID provider: the authorization code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636) and
//! the issuer in the answer (RFC 9207). Only what is said over TLS by the configured issuer itself counts: its document, its
//! keys, its tokens.
//!
//! jsonwebtoken checks signatures, issuer and audience; the crates that do the whole flow bring a second stack of cryptography along, one
//! part of it with an open advisory (ADR 0056).

mod claims;
mod discovery;
mod error;
pub(crate) mod fuzzed;
mod keys;
mod settings;

pub(crate) use claims::Person;
pub use error::OutsideError;
pub(crate) use settings::OutsideSettings;

use anyhow::Context;
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{IdClaims, UserInfo};
use discovery::Document;
use http::{StatusCode, header};
use keys::Keys;
use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use secrecy::ExposeSecret;
use serde::{Deserialize, de::DeserializeOwned};
use service_kit::{Clock, outgoing};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use url::Url;

/// No call takes longer.
const DEADLINE: Duration = Duration::from_secs(5);
/// How long the issuer's document and keys are taken as they were read.
const KNOWN_FOR: Duration = Duration::from_secs(600);
/// Keys that are not known are asked for this seldom.
const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// An answer that is larger is none.
const LARGEST: usize = 1 << 20;

/// The provider that the operator named.
#[derive(Clone)]
pub(crate) struct Outside {
    settings: Arc<OutsideSettings>,
    client: Client,
    /// Where the provider sends people back to.
    redirect_uri: String,
    known: Arc<Mutex<Option<Read>>>,
    clock: Clock,
}

/// When, and what.
type Read = (Instant, Arc<Known>);

struct Known {
    document: Document,
    keys: Keys,
}

/// What a login is begun with, kept until it comes back.
pub(crate) struct Begun<'b> {
    pub(crate) state: &'b str,
    pub(crate) nonce: &'b str,
    pub(crate) verifier: &'b str,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
    access_token: String,
}

impl Outside {
    pub(crate) fn new(settings: OutsideSettings, public_url: &Url, clock: Clock) -> anyhow::Result<Self> {
        let client = Client::builder().redirect(Policy::none()).timeout(DEADLINE).build();
        let client = client.context("making the HTTP client of the OpenID provider")?;
        let redirect_uri = format!("{}/login/provider", public_url.as_str().trim_end_matches('/'));
        Ok(Self { settings: Arc::new(settings), client, redirect_uri, known: Arc::default(), clock })
    }

    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Where somebody's browser goes.
    pub(crate) async fn address(&self, begun: &Begun<'_>) -> Result<Url, OutsideError> {
        let known = self.known(false).await?;
        let mut url = known.document.authorization_endpoint.clone();
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, begun.verifier.as_bytes()));
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", "openid email profile")
            .append_pair("state", begun.state)
            .append_pair("nonce", begun.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    /// Who came back with this code.
    ///
    /// # Errors
    /// The provider refuses the code, is away, or says what does not hold.
    pub(crate) async fn person(&self, begun: &Begun<'_>, code: &str) -> Result<Person, OutsideError> {
        let known = self.known(false).await?;
        let answer = self.exchange(&known.document, begun, code).await?;
        let claims = self.verified(known, &answer.id_token, begun.nonce).await?;
        if claims.is_enough() {
            return Ok(claims.into());
        }
        // Providers keep what is about the person for another question (Core, 5.3).
        let known = self.known(false).await?;
        let Some(endpoint) = &known.document.userinfo_endpoint else { return Ok(claims.into()) };
        let request = self.client.get(endpoint.clone()).bearer_auth(&answer.access_token);
        let info: UserInfo = read(send(request).await?).await?;
        // Else another's answer could be slipped in (Core, 5.3.2).
        if info.sub != claims.sub {
            return Err(OutsideError::Untrue("its userinfo is about somebody else"));
        }
        Ok(claims.with(info))
    }

    async fn exchange(&self, document: &Document, begun: &Begun<'_>, code: &str) -> Result<TokenAnswer, OutsideError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", begun.verifier),
        ];
        let body = form_urlencoded(&form);
        let (id, secret) = (&self.settings.client_id, self.settings.client_secret.expose_secret());
        // RFC 6749, 2.3.1: both are encoded as in a form before they are joined.
        let request = self
            .client
            .post(document.token_endpoint.clone())
            .basic_auth(encoded(id), Some(encoded(secret)))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let answer = send(request).await?;
        match answer.status() {
            // RFC 6749, 5.2: `invalid_grant`.
            StatusCode::BAD_REQUEST => Err(OutsideError::CodeRefused),
            StatusCode::UNAUTHORIZED => {
                Err(OutsideError::Away("it does not know OIDC_CLIENT_ID or OIDC_CLIENT_SECRET".to_owned()))
            }
            _ => read(answer).await,
        }
    }

    /// A key that is not known yet may be a new one: it is asked for once.
    async fn verified(&self, known: Arc<Known>, token: &str, nonce: &str) -> Result<IdClaims, OutsideError> {
        let (settings, now) = (&self.settings, self.clock.now().unix_timestamp());
        match claims::verify(token, &known.keys, settings, nonce, now) {
            Err(OutsideError::UnknownKey) => {
                let fresh = self.known(true).await?;
                claims::verify(token, &fresh.keys, settings, nonce, now)
            }
            verified => verified,
        }
    }

    /// The issuer's document and keys, as they are kept for a while.
    async fn known(&self, anew: bool) -> Result<Arc<Known>, OutsideError> {
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((read_at, known)) = kept
            && (read_at.elapsed() < KNOWN_FOR)
            && (!anew || read_at.elapsed() < ASKED_AGAIN_AFTER)
        {
            return Ok(known);
        }
        let address = discovery::address(&self.settings.issuer)?;
        let document: Document = read(send(self.client.get(address)).await?).await?;
        document.check(&self.settings)?;
        let keys: Keys = read(send(self.client.get(document.jwks_uri.clone())).await?).await?;
        let known = Arc::new(Known { document, keys });
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), Arc::clone(&known)));
        Ok(known)
    }
}

async fn send(request: RequestBuilder) -> Result<Response, OutsideError> {
    let sent = async { request.send().await.map_err(OutsideError::from) };
    outgoing("openid provider", sent, OutsideError::from).await
}

async fn read<T: DeserializeOwned>(mut answer: Response) -> Result<T, OutsideError> {
    if !answer.status().is_success() {
        return Err(OutsideError::Away(format!("it answered with {}", answer.status())));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if bytes.len() + chunk.len() > LARGEST {
            return Err(OutsideError::Untrue("its answer is too large"));
        }
        bytes.extend_from_slice(&chunk);
    }
    understood(&bytes)
}

/// An object: serde's derived code would take an array for one, by position.
fn understood<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, OutsideError> {
    let unreadable = OutsideError::Untrue("its answer cannot be read");
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(unreadable);
    }
    serde_json::from_slice(bytes).map_err(|_| unreadable)
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn form_urlencoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[cfg(test)]
mod tests {
    use super::{Document, Keys, OutsideError, TokenAnswer, UserInfo, understood};
    use serde::de::DeserializeOwned;

    fn is_understood<T: DeserializeOwned>(text: &str) -> bool {
        match understood::<T>(text.as_bytes()) {
            Ok(_) => true,
            Err(OutsideError::Untrue("its answer cannot be read")) => false,
            Err(other) => panic!("{text}: {other}"),
        }
    }

    #[test]
    fn an_array_is_no_answer_however_its_elements_stand() {
        let a = "\"https://a.example/\"";
        assert!(!is_understood::<Document>(&format!("[{a},{a},{a},{a},null]")));
        assert!(!is_understood::<TokenAnswer>(&format!(" [{a},{a}]")));
        assert!(!is_understood::<UserInfo>(&format!("[{a},{a},true,null,null,null]")));
        assert!(!is_understood::<Keys>("[[]]") && is_understood::<Keys>("\n{\"keys\":[]}"));
        assert!(is_understood::<TokenAnswer>(&format!("{{\"id_token\":{a},\"access_token\":{a}}}")));
        assert!(!is_understood::<Keys>("") && !is_understood::<Keys>("{"));
    }
}
