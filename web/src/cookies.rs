//! Cookies that only the pages can read and make: encrypted and authenticated by AES-256-GCM under one key, each for
//! its own purpose and until its time.
//!
//! All are `__Host-`: a browser takes them over https alone, or from localhost, and no other host can set them.

use anyhow::Context;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    error::Unspecified,
};
use axum::response::Response;
use base64::{Engine, engine::general_purpose};
use http::{HeaderMap, HeaderValue, header};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use service_kit::{Clock, Env, ambient};
use std::{fmt, sync::Arc};
use time::{Duration, OffsetDateTime};

/// A browser keeps 4096 bytes of name, value and attributes, and throws away what is longer.
const LONGEST: usize = 3900;

const VARIABLE: &str = "WEB_COOKIE_KEY";

/// What the cookies are encrypted with. One key is good for 2^32 of them (NIST SP 800-38D, 8.3): nonces are random.
#[derive(Clone)]
pub struct CookieKey([u8; 32]);

impl CookieKey {
    /// From `WEB_COOKIE_KEY`; else one that nobody else knows, and that ends with the process.
    ///
    /// # Errors
    /// It is no key, or there is no randomness.
    pub fn read(env: &Env) -> anyhow::Result<Self> {
        let Some(given) = env.text(VARIABLE)? else {
            return Ok(Self(ambient::random_bytes().context("making a key for cookies")?));
        };
        // What was given is not told: it may be a secret with a typing error.
        let expected = "expected 32 random bytes in base64, as `openssl rand -base64 32` prints them";
        let bytes = general_purpose::STANDARD.decode(given.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).with_context(|| format!("{VARIABLE} is not valid: {expected}"))
    }
}

impl fmt::Debug for CookieKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieKey(…)")
    }
}

/// What a cookie is for: its name, which begins with `__Host-`. It is authenticated with the value, so that none is
/// taken for another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind(pub(crate) &'static str);

#[derive(Clone)]
pub(crate) struct Cookies {
    key: Arc<RandomizedNonceKey>,
    clock: Clock,
}

/// As it stands in the encrypted text. The browser's own idea of the end is not relied on.
#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    until: i64,
    held: T,
}

impl Cookies {
    pub(crate) fn new(key: &CookieKey, clock: Clock) -> Result<Self, Unspecified> {
        Ok(Self { key: Arc::new(RandomizedNonceKey::new(&AES_256_GCM, &key.0)?), clock })
    }

    /// What the browser brought, if we made it for this purpose and its time is not over.
    pub(crate) fn read<T: DeserializeOwned>(&self, kind: Kind, headers: &HeaderMap) -> Option<T> {
        let Sealed { until, held } = serde_json::from_slice(&self.open(kind, value(kind, headers)?)?).ok()?;
        (self.clock.now().unix_timestamp() < until).then_some(held)
    }

    /// Has the browser keep it.
    pub(crate) fn set(&self, answer: &mut Response, kind: Kind, held: &impl Serialize, until: OffsetDateTime) {
        self.set_for(answer, kind, held, until - self.clock.now());
    }

    /// The same for a time from now on.
    pub(crate) fn set_for(&self, answer: &mut Response, kind: Kind, held: &impl Serialize, time: Duration) {
        let until = (self.clock.now() + time).unix_timestamp();
        match self.seal(kind, &Sealed { until, held }) {
            Some(value) if value.len() <= LONGEST => put(answer, kind, &value, time.whole_seconds().max(0)),
            Some(_) => tracing::warn!(cookie = kind.0, "a cookie would be too long and was left out"),
            None => tracing::error!(cookie = kind.0, "a cookie cannot be encrypted"),
        }
    }

    fn seal(&self, kind: Kind, held: &impl Serialize) -> Option<String> {
        let mut text = serde_json::to_vec(held).ok()?;
        let nonce = self.key.seal_in_place_append_tag(Aad::from(kind.0), &mut text).ok()?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut text);
        Some(general_purpose::URL_SAFE_NO_PAD.encode(sealed))
    }

    fn open(&self, kind: Kind, value: &str) -> Option<Vec<u8>> {
        let mut sealed = general_purpose::URL_SAFE_NO_PAD.decode(value).ok()?;
        let (nonce, text) = sealed.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        Some(self.key.open_in_place(nonce, Aad::from(kind.0), text).ok()?.to_vec())
    }
}

/// Has the browser forget it.
pub(crate) fn remove(answer: &mut Response, kind: Kind) {
    put(answer, kind, "", 0);
}

/// Has the browser keep what is no secret, and may be anything when it comes back.
pub(crate) fn put(answer: &mut Response, Kind(name): Kind, value: &str, seconds: i64) {
    // Lax and not Strict: a mail's link comes from another site, and must find what the browser keeps.
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; Secure; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// What the browser brought, as it stands there.
pub(crate) fn value(kind: Kind, headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == kind.0).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::{CookieKey, Cookies, Kind, remove};
    use axum::response::Response;
    use http::{HeaderMap, header};
    use service_kit::{Clock, Env};
    use time::{Duration, macros::datetime};

    const ONE: Kind = Kind("__Host-one");
    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn cookies(clock: &Clock) -> Cookies {
        let key = CookieKey::read(&Env::of([("WEB_COOKIE_KEY", KEY)])).unwrap();
        Cookies::new(&key, clock.clone()).unwrap()
    }

    fn brought(answer: &Response, name: &str) -> HeaderMap {
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        let value = cookie.split(';').next().unwrap().split_once('=').unwrap().1;
        HeaderMap::from_iter([(header::COOKIE, format!("a=b; {name}={value}; c=d").parse().unwrap())])
    }

    #[test]
    fn a_cookie_is_read_until_its_time_is_over_under_its_own_name_and_key_alone() {
        let clock = Clock::manual(datetime!(2026-11-24 16:40 UTC));
        let mut answer = Response::default();
        cookies(&clock).set_for(&mut answer, ONE, &"held", Duration::minutes(10));
        let headers = brought(&answer, "__Host-one");
        assert_eq!(cookies(&clock).read::<String>(ONE, &headers).as_deref(), Some("held"));
        let text = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(text.ends_with("; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax"), "{text}");
        // Another cookie's value under this one's name.
        let other = Kind("__Host-other");
        assert_eq!(cookies(&clock).read::<String>(other, &brought(&answer, "__Host-other")), None);
        let foreign = Cookies::new(&CookieKey::read(&Env::default()).unwrap(), clock.clone()).unwrap();
        assert_eq!(foreign.read::<String>(ONE, &headers), None);
        clock.advance(Duration::minutes(10));
        assert_eq!(cookies(&clock).read::<String>(ONE, &headers), None);
    }

    #[test]
    fn no_byte_of_a_cookie_can_be_changed_or_left_out() {
        let clock = Clock::manual(datetime!(2026-11-24 16:40 UTC));
        let mut answer = Response::default();
        cookies(&clock).set_for(&mut answer, ONE, &"held", Duration::minutes(10));
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        let value = cookie.split(';').next().unwrap().split_once('=').unwrap().1.to_owned();
        let open = |value: &str| {
            let headers = HeaderMap::from_iter([(header::COOKIE, format!("__Host-one={value}").parse().unwrap())]);
            cookies(&clock).read::<String>(ONE, &headers)
        };
        assert!(open(&value).is_some());
        for at in 0..value.len() {
            let other = if value.as_bytes()[at] == b'A' { "B" } else { "A" };
            assert_eq!(open(&format!("{}{other}{}", &value[..at], &value[at + 1..])), None, "{at}");
            assert_eq!(open(&value[..at]), None, "{at}");
        }
    }

    #[test]
    fn what_is_too_long_for_a_browser_is_not_sent() {
        let mut answer = Response::default();
        cookies(&Clock::system()).set_for(&mut answer, ONE, &"x".repeat(4000), Duration::minutes(10));
        assert!(answer.headers().is_empty());
        remove(&mut answer, ONE);
        let removed = "__Host-one=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax";
        assert_eq!(answer.headers()[header::SET_COOKIE], removed);
    }

    #[test]
    fn a_wrong_key_is_refused_by_name_and_not_repeated() {
        for wrong in ["c2hvcnQ=", "secret", &KEY[..40]] {
            let refused = CookieKey::read(&Env::of([("WEB_COOKIE_KEY", wrong)])).unwrap_err().to_string();
            assert!(refused.starts_with("WEB_COOKIE_KEY is not valid") && !refused.contains(wrong), "{refused}");
        }
        assert_eq!(format!("{:?}", CookieKey::read(&Env::default()).unwrap()), "CookieKey(…)");
    }
}
