//! Checks tokens with the issuers' published keys, which are fetched when first needed and kept in the database.

use super::{
    Identity, PublicKey,
    claims::{ACCESS_TYPE, AccessClaims, PLATFORM, SERVICE_TYPE, ServiceClaims},
    remembered::{Print, Remembered},
};
use crate::{Clock, Database, Directory, Kind, KitError, Problem, database::prompt};
use contracts::ServiceName;
use futures_util::future::BoxFuture;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::sync::Mutex;
use tracing::Instrument;
use url::Url;

/// Clocks may differ by this much, in seconds.
const SKEW: i64 = 30;
/// An unknown key id makes us ask its issuer once per this long; sooner when it did not answer.
const REFETCH_INTERVAL: Duration = Duration::from_secs(5);
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// Checks tokens with the keys of their issuers, which it fetches once and keeps.
#[derive(Clone)]
pub struct Verifier {
    inner: Arc<Inner>,
}

struct Inner {
    me: ServiceName,
    clock: Clock,
    database: Database,
    client: reqwest::Client,
    directory: Directory,
    keys: RwLock<HashMap<(ServiceName, String), Key>>,
    /// What people's tokens say that were found good a moment ago, and those of calls.
    people: Remembered<AccessClaims>,
    calls: Remembered<ServiceClaims>,
    /// Until when an issuer is not asked again. Each has its own: one that hangs must not hold up the others.
    asked: HashMap<ServiceName, Arc<Mutex<Option<Instant>>>>,
}

/// A key, and the public bytes it was made of.
struct Key {
    x: String,
    decoding: DecodingKey,
}

/// A JWK Set as it arrives: keys of kinds we do not know are passed over (RFC 7517, 5).
#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

/// Why a token was not accepted.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum AuthError {
    /// The request has none.
    #[error("no bearer token")]
    Missing,
    /// It is none of ours: why is said in the challenge.
    #[error("the token is not valid: {0}")]
    Invalid(&'static str),
    /// It was one.
    #[error("the token has expired")]
    Expired,
    /// Whether it is valid cannot be told now.
    #[error("the keys of {0} are not known and it cannot be asked")]
    KeysUnavailable(ServiceName),
    /// Valid, and not enough.
    #[error("the token's owner may not do this")]
    Forbidden,
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Missing => {
                let detail = "This needs a token: log in and send it as `Authorization: Bearer …`.";
                Self::new(Kind::Unauthenticated, "token_required", detail)
            }
            AuthError::Invalid(why) => {
                tracing::info!(error.message = why, "a token was refused");
                Self::new(Kind::Unauthenticated, "invalid_token", "The token is not valid: log in again.")
            }
            AuthError::Expired => {
                Self::new(Kind::Unauthenticated, "token_expired", "The token has expired: log in again.")
            }
            AuthError::KeysUnavailable(issuer) => {
                tracing::warn!(%issuer, "a token could not be checked: its issuer's keys are not known");
                let detail = "The token cannot be checked at the moment: try again.";
                Self::new(Kind::Unavailable, "keys_unavailable", detail)
            }
            AuthError::Forbidden => Self::new(Kind::Forbidden, "forbidden", "You may not do this."),
        }
    }
}

impl Verifier {
    pub(crate) async fn open(
        database: &Database,
        identity: &Identity,
        directory: Directory,
        client: reqwest::Client,
        clock: &Clock,
    ) -> Result<Self, KitError> {
        let verifier = Self {
            inner: Arc::new(Inner {
                me: identity.issuer(),
                clock: clock.clone(),
                database: database.clone(),
                client,
                directory,
                keys: RwLock::default(),
                people: Remembered::default(),
                calls: Remembered::default(),
                asked: ServiceName::ALL.into_iter().map(|issuer| (issuer, Arc::default())).collect(),
            }),
        };
        for key in identity.jwks().keys {
            verifier.learn(identity.issuer(), key.kid, &key.x);
        }
        let rows = sqlx::query!("SELECT issuer, kid, public_key FROM peer_keys").fetch_all(database.pool()).await?;
        for row in rows {
            if let Ok(issuer) = row.issuer.parse() {
                verifier.learn(issuer, row.kid, &row.public_key);
            }
        }
        Ok(verifier)
    }

    /// # Errors
    /// Not a valid access token of ours.
    pub fn access<'t>(&'t self, token: &'t str) -> BoxFuture<'t, Result<AccessClaims, AuthError>> {
        let verified = self.verify(token, ServiceName::User, ACCESS_TYPE, PLATFORM);
        Box::pin(self.once(&self.inner.people, token, verified))
    }

    /// The service whose call this token is for.
    ///
    /// # Errors
    /// Not a valid token of a service of ours for a call to this one.
    pub fn call<'t>(&'t self, token: &'t str) -> BoxFuture<'t, Result<ServiceName, AuthError>> {
        Box::pin(async {
            let claims = self.once(&self.inner.calls, token, self.call_now(token)).await?;
            issuer(&claims)
        })
    }

    /// What was found good is not verified again for a while. Its time is looked at each time.
    async fn once<C: Clone + Timed>(
        &self,
        memory: &Remembered<C>,
        token: &str,
        verified: impl Future<Output = Result<C, AuthError>>,
    ) -> Result<C, AuthError> {
        let print = Print::of(token);
        let looked = match memory.look(&print, Instant::now()) {
            Ok(claims) => {
                self.in_its_time(&claims)?;
                return Ok(claims);
            }
            Err(looked) => looked,
        };
        let claims = verified.await?;
        memory.keep(print, claims.clone(), looked, Instant::now());
        Ok(claims)
    }

    async fn call_now(&self, token: &str) -> Result<ServiceClaims, AuthError> {
        // Whom the token claims to come from decides only which keys are tried; the signature decides.
        let unverified: ServiceClaims =
            jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| AuthError::Invalid("not a JWT"))?;
        self.verify(token, issuer(&unverified)?, SERVICE_TYPE, self.inner.me.as_str()).await
    }

    async fn verify<C: DeserializeOwned + Timed>(
        &self,
        token: &str,
        issuer: ServiceName,
        kind: &str,
        audience: &str,
    ) -> Result<C, AuthError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| AuthError::Invalid("not a JWT"))?;
        if header.alg != Algorithm::EdDSA {
            return Err(AuthError::Invalid("algorithm"));
        }
        if header.typ.as_deref() != Some(kind) {
            return Err(AuthError::Invalid("kind of token"));
        }
        let kid = header.kid.ok_or(AuthError::Invalid("no key id"))?;
        let key = self.key(issuer, &kid).await?;
        let claims: C = read(token, &key, issuer, audience)?;
        self.in_its_time(&claims)?;
        Ok(claims)
    }

    fn in_its_time(&self, claims: &impl Timed) -> Result<(), AuthError> {
        let now = self.inner.clock.now().unix_timestamp();
        let (not_before, expires) = claims.span();
        if now > expires.saturating_add(SKEW) {
            return Err(AuthError::Expired);
        }
        if now < not_before.saturating_sub(SKEW) {
            return Err(AuthError::Invalid("not valid yet"));
        }
        Ok(())
    }

    async fn key(&self, issuer: ServiceName, kid: &str) -> Result<DecodingKey, AuthError> {
        if let Some(key) = self.known(issuer, kid) {
            return Ok(key);
        }
        let verifier = self.clone();
        let wanted = kid.to_owned();
        // A task of its own, so that a caller that gives up leaves an answer to the others.
        let asking = tokio::spawn(async move { verifier.ask(issuer, &wanted).await }.in_current_span());
        if asking.await.is_err() {
            tracing::error!(%issuer, "asking for keys failed");
        }
        match self.known(issuer, kid) {
            Some(key) => Ok(key),
            None if self.knows(issuer) => Err(AuthError::Invalid("unknown key id")),
            None => Err(AuthError::KeysUnavailable(issuer)),
        }
    }

    /// Fetches the issuer's keys unless that was done just now. One asks, the others wait for its answer.
    async fn ask(&self, issuer: ServiceName, kid: &str) {
        let Some(asked) = self.inner.asked.get(&issuer) else { return };
        let mut not_before = asked.lock().await;
        if self.known(issuer, kid).is_some() || not_before.is_some_and(|not_before| Instant::now() < not_before) {
            return;
        }
        let pause = match self.fetch(issuer).await {
            Ok(()) => REFETCH_INTERVAL,
            Err(cause) => {
                tracing::warn!(%issuer, %cause, "an issuer's keys could not be fetched");
                RETRY_INTERVAL
            }
        };
        *not_before = Some(Instant::now() + pause);
    }

    fn known(&self, issuer: ServiceName, kid: &str) -> Option<DecodingKey> {
        let keys = self.inner.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(&(issuer, kid.to_owned())).map(|key| key.decoding.clone())
    }

    /// Whether any key of the issuer is known.
    #[must_use]
    pub fn knows(&self, issuer: ServiceName) -> bool {
        let keys = self.inner.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.keys().any(|(known, _)| *known == issuer)
    }

    /// Asks the issuer for its keys and keeps them.
    pub(crate) async fn fetch(&self, issuer: ServiceName) -> Result<(), KitError> {
        let unreachable = |cause: &dyn std::fmt::Display| KitError::Key(format!("the keys of {issuer}: {cause}"));
        let mut published = Err(unreachable(&"no URL is configured"));
        for address in self.inner.directory.addresses(issuer) {
            published = self.published_at(&address).await.map_err(|cause| unreachable(&cause.without_url()));
            if published.is_ok() {
                break;
            }
        }
        let published = published?;
        let keys = published.keys.into_iter().filter_map(|key| serde_json::from_value::<PublicKey>(key).ok());
        for key in keys.filter(|key| key.kty == "OKP" && key.crv == "Ed25519") {
            self.learn(issuer, key.kid.clone(), &key.x);
            let kept = sqlx::query!(
                "INSERT INTO peer_keys (issuer, kid, public_key, fetched_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (issuer, kid)
                 DO UPDATE SET public_key = excluded.public_key, fetched_at = excluded.fetched_at",
                issuer.as_str(),
                key.kid,
                key.x,
                self.inner.clock.now()
            );
            // Everybody who needs this issuer's keys waits for this: a connection gone silent must not hold them up.
            prompt(kept.execute(self.inner.database.pool())).await?;
        }
        Ok(())
    }

    async fn published_at(&self, address: &Url) -> reqwest::Result<Published> {
        let mut url = address.clone();
        url.set_path("/.well-known/jwks.json");
        let sent = self.inner.client.get(url).timeout(Duration::from_secs(2)).send().await?;
        sent.error_for_status()?.json().await
    }

    fn learn(&self, issuer: ServiceName, kid: String, x: &str) {
        let Ok(decoding) = DecodingKey::from_ed_components(x) else { return };
        let key = Key { x: x.to_owned(), decoding };
        let before = self.inner.keys.write().unwrap_or_else(PoisonError::into_inner).insert((issuer, kid), key);
        // Another key by the same name: what the one before has signed is good no more. The new one is in its place already,
        // so that what is looked at from here on is looked at with it.
        if before.is_some_and(|before| before.x != x) {
            self.inner.people.forget();
            self.inner.calls.forget();
        }
    }
}

/// What it says, if it is the issuer's and for this audience. Times are compared by who reads it, by the clock it was
/// handed.
pub(super) fn read<C: DeserializeOwned>(
    token: &str,
    key: &DecodingKey,
    issuer: ServiceName,
    audience: &str,
) -> Result<C, AuthError> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[audience]);
    validation.set_issuer(&[issuer.as_str()]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    validation.validate_exp = false;
    let read = jsonwebtoken::decode(token, key, &validation);
    Ok(read.map_err(|_| AuthError::Invalid("signature, issuer, audience or claims"))?.claims)
}

fn issuer(claims: &ServiceClaims) -> Result<ServiceName, AuthError> {
    claims.iss.parse().map_err(|_| AuthError::Invalid("unknown issuer"))
}

/// Claims with a span of time.
trait Timed {
    /// Not before, expires: seconds since 1970.
    fn span(&self) -> (i64, i64);
}

impl Timed for AccessClaims {
    fn span(&self) -> (i64, i64) {
        (self.nbf, self.exp)
    }
}

impl Timed for ServiceClaims {
    fn span(&self) -> (i64, i64) {
        (self.nbf, self.exp)
    }
}
