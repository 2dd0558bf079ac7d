//! A service's signing keys: the first made at first start, each kept sealed in its database, the public halves published.

mod signing;
mod stored;

use super::claims::{ACCESS_TYPE, AccessClaims, SERVICE_TYPE, ServiceClaims};
use crate::{Clock, Database, KitError, Vault};
use contracts::ServiceName;
use http::HeaderValue;
use jsonwebtoken::{Algorithm, Header};
use serde::{Deserialize, Serialize};
use signing::Signing;
use sqlx::PgPool;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
};
use time::{Duration, OffsetDateTime};
use utoipa::ToSchema;

/// A service's tokens for its calls live this long, in seconds.
const SERVICE_TOKEN_SECONDS: i64 = 60;
/// It is used again for this long; what is left is for the call itself and for clocks that differ.
const REUSE_SECONDS: i64 = 45;

/// A key is published so long before it signs: by then all instances have it, and whoever checks tokens has asked.
pub(crate) const AHEAD: Duration = Duration::minutes(15);
/// And so long after the next one signs: longer than a token lives.
const BEHIND: Duration = Duration::minutes(20);

/// The service as an issuer of tokens.
#[derive(Clone)]
pub struct Identity {
    issuer: ServiceName,
    /// In the order in which they sign; never empty.
    keys: Arc<RwLock<Vec<Signing>>>,
    clock: Clock,
    /// Its tokens for calls, each with the second it was made in.
    calls: Arc<Mutex<HashMap<ServiceName, (i64, HeaderValue)>>>,
}

/// A JWK Set (RFC 7517) of Ed25519 keys (RFC 8037).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Jwks {
    /// Those it signs with.
    pub keys: Vec<PublicKey>,
}

/// One Ed25519 key (RFC 8037).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PublicKey {
    /// The key type: `OKP`.
    pub kty: String,
    /// The curve: `Ed25519`.
    pub crv: String,
    /// The public key, base64url.
    pub x: String,
    /// The key's id, which a token's header names.
    pub kid: String,
    /// The algorithm: `EdDSA`.
    pub alg: String,
    /// What it is for: `sig`, signatures.
    pub r#use: String,
}

impl Identity {
    /// Its keys in the database; makes the first one.
    pub(crate) async fn load(
        database: &Database,
        issuer: ServiceName,
        vault: &Vault,
        clock: &Clock,
    ) -> Result<Self, KitError> {
        let identity = Self { issuer, keys: Arc::default(), clock: clock.clone(), calls: Arc::default() };
        identity.renew(database, vault, None).await?;
        Ok(identity)
    }

    /// Reads the keys again, makes the next one where the newest signs for `every` already, and forgets those whose tokens
    /// have ended. Private keys are sealed where they were not.
    pub(crate) async fn renew(
        &self,
        database: &Database,
        vault: &Vault,
        every: Option<Duration>,
    ) -> Result<(), KitError> {
        let now = self.clock.now();
        let mut tx = database.begin("renew_keys").await?;
        // Two instances that start together must agree on one key.
        stored::lock(&mut tx).await?;
        let mut keys = stored::all(&mut tx, vault).await?;
        let newest = keys.last().map(|key| key.from);
        let next = match newest {
            None => Some(now),
            Some(newest) if every.is_some_and(|every| now >= newest + every) => Some(now + AHEAD),
            Some(_) => None,
        };
        if let Some(from) = next {
            keys.push(stored::make(&mut tx, vault, now, from).await?);
        }
        stored::forget(&mut tx, &over(&keys, now)).await?;
        let _committed = tx.commit().await?;
        let gone = over(&keys, now);
        keys.retain(|key| !gone.contains(&key.kid));
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// Whether anything is to be done about them, as far as a look can tell.
    pub(crate) async fn is_renewed(&self, database: &Database, every: Duration) -> Result<bool, KitError> {
        let stored = database.glance(|connection| Box::pin(stored::kids(connection))).await?;
        let now = self.clock.now();
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let known = keys.iter().map(|key| &key.kid).eq(&stored);
        let due = keys.last().is_none_or(|newest| now >= newest.from + every);
        Ok(known && !due && over(&keys, now).is_empty())
    }

    /// Whose tokens it signs.
    #[must_use]
    pub fn issuer(&self) -> ServiceName {
        self.issuer
    }

    /// What `/.well-known/jwks.json` answers: the key that signs, the next one, and the one before as long as its tokens live.
    #[must_use]
    pub fn jwks(&self) -> Jwks {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let published = keys.iter().map(|key| PublicKey {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x: key.public_key.clone(),
            kid: key.kid.clone(),
            alg: "EdDSA".to_owned(),
            r#use: "sig".to_owned(),
        });
        Jwks { keys: published.collect() }
    }

    /// Signs a person's access token.
    ///
    /// # Errors
    /// The key does not sign.
    pub fn sign_access(&self, claims: &AccessClaims) -> Result<String, KitError> {
        self.sign(ACCESS_TYPE, claims)
    }

    /// What a call to `audience` is authorised by: a token for the calls of this minute, made once. By the clock that the
    /// token is made by, so that none is used before or after its time when that one jumps.
    pub(crate) fn call(&self, audience: ServiceName) -> Result<HeaderValue, KitError> {
        let now = self.clock.now().unix_timestamp();
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made, value)) = calls.get(&audience)
            && (*made..made.saturating_add(REUSE_SECONDS)).contains(&now)
        {
            return Ok(value.clone());
        }
        let claims = ServiceClaims {
            iss: self.issuer.to_string(),
            aud: audience.to_string(),
            iat: now,
            nbf: now,
            exp: now + SERVICE_TOKEN_SECONDS,
        };
        let token = self.sign(SERVICE_TYPE, &claims)?;
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| KitError::Key("a token that fits into no header".to_owned()))?;
        value.set_sensitive(true);
        calls.insert(audience, (now, value.clone()));
        Ok(value)
    }

    fn sign(&self, kind: &str, claims: &impl Serialize) -> Result<String, KitError> {
        let signing = self.signing().ok_or_else(|| KitError::Key("there is no key".to_owned()))?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(kind.to_owned());
        header.kid = Some(signing.kid);
        jsonwebtoken::encode(&header, claims, &signing.key).map_err(|cause| KitError::Key(cause.to_string()))
    }

    /// The newest whose time has come.
    fn signing(&self) -> Option<Signing> {
        let now = self.clock.now();
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().rev().find(|key| key.from <= now).or(keys.first()).cloned()
    }
}

/// Makes the next key of a service, to sign after [`AHEAD`]; or at once where the one before is in wrong hands.
///
/// # Errors
/// The database is away, or the keys in it cannot be opened.
pub async fn rotate(pool: &PgPool, vault: &Vault, clock: &Clock, at_once: bool) -> Result<String, KitError> {
    let now = clock.now();
    let mut tx = pool.begin().await?;
    stored::lock(&mut tx).await?;
    // Those that are there must open: one that was sealed under another key would keep its service from starting.
    let all = stored::all(&mut tx, vault).await?;
    if at_once {
        stored::forget(&mut tx, &all.into_iter().map(|key| key.kid).collect::<Vec<_>>()).await?;
    }
    let from = if at_once { now } else { now + AHEAD };
    let made = stored::make(&mut tx, vault, now, from).await?;
    tx.commit().await?;
    Ok(made.kid)
}

/// Those whose successor signs for longer than their tokens live.
fn over(keys: &[Signing], now: OffsetDateTime) -> Vec<String> {
    let successors = keys.iter().skip(1);
    let gone = keys.iter().zip(successors).filter(|(_, next)| next.from + BEHIND <= now);
    gone.map(|(key, _)| key.kid.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::{
        Identity, over,
        signing::{Signing, generate},
    };
    use crate::Clock;
    use contracts::ServiceName;
    use jsonwebtoken::EncodingKey;
    use std::sync::{Arc, RwLock};
    use time::Duration;

    /// With keys that sign from so many minutes on.
    fn identity(clock: &Clock, minutes: &[i64]) -> Identity {
        let keys = minutes.iter().map(|minutes| {
            let (_, private_key, public_key) = generate().unwrap();
            let key = Arc::new(EncodingKey::from_ed_der(&private_key));
            let from = clock.now() + Duration::minutes(*minutes);
            Signing { kid: format!("from {minutes}"), public_key, key, from }
        });
        let keys = Arc::new(RwLock::new(keys.collect()));
        Identity { issuer: ServiceName::Order, keys, clock: clock.clone(), calls: Arc::default() }
    }

    #[test]
    fn the_next_key_is_published_before_it_signs_and_the_one_before_after_it() {
        let clock = Clock::manual(Clock::system().now());
        let identity = identity(&clock, &[0, 15]);
        let signs = || identity.signing().unwrap().kid;
        assert_eq!((signs().as_str(), identity.jwks().keys.len()), ("from 0", 2));
        clock.advance(Duration::minutes(15));
        assert_eq!(signs(), "from 15");
        let over = || over(&identity.keys.read().unwrap(), clock.now());
        assert!(over().is_empty(), "tokens of the one before live");
        clock.advance(Duration::minutes(20));
        assert_eq!(over(), ["from 0"]);
    }

    #[test]
    fn a_token_for_calls_is_made_once_and_anew_before_it_ends_or_when_the_clock_jumps() {
        let clock = Clock::manual(Clock::system().now());
        let identity = identity(&clock, &[0]);
        let first = identity.call(ServiceName::Product).unwrap();
        assert!(first.is_sensitive());
        assert_ne!(identity.call(ServiceName::User).unwrap(), first);
        clock.advance(Duration::seconds(44));
        assert_eq!(identity.call(ServiceName::Product).unwrap(), first);
        clock.advance(Duration::seconds(1));
        let second = identity.call(ServiceName::Product).unwrap();
        assert_ne!(second, first);
        clock.advance(Duration::hours(1));
        let third = identity.call(ServiceName::Product).unwrap();
        assert_ne!(third, second);
        clock.advance(Duration::seconds(-1));
        assert_ne!(identity.call(ServiceName::Product).unwrap(), third);
    }
}
