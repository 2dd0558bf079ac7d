//! Checks tokens with the issuers' published keys, which are fetched when first needed and kept in the database.

mod asking;

use super::{
    AuthError, Identity, PublicKey,
    claims::{ACCESS_TYPE, AccessClaims, PLATFORM, SERVICE_TYPE, ServiceClaims},
    remembered::{Print, Remembered},
    revoked::Revoked,
};
use crate::{Clock, Database, Directory, KitError, database::prompt, peers::Peers};
use contracts::{ServiceName, api::user::Revocation};
use futures_util::future::BoxFuture;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::sync::{Mutex, Semaphore};
use tracing::Instrument;
use url::Url;

/// Clocks may differ by this much, in seconds.
pub const TOKEN_SKEW_SECONDS: i64 = 30;
/// An unknown key id makes us ask its issuer once per this long; sooner when it did not answer.
const REFETCH_INTERVAL: Duration = Duration::from_secs(5);
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// Keys are asked for again after so long: sooner than a new one signs that was published.
const KNOWN_FOR: Duration = Duration::from_secs(300);
/// What API keys begin with.
pub const API_KEY: &str = "ecomkey_";
/// So many API keys are exchanged at a time.
const EXCHANGES: usize = 8;

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
    /// What API keys were exchanged for.
    keys_exchanged: Remembered<AccessClaims>,
    exchanging: Semaphore,
    revoked: Revoked,
    asking: Mutex<()>,
    peers: Peers,
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

impl Verifier {
    pub(crate) async fn open(
        database: &Database,
        identity: &Identity,
        directory: Directory,
        client: reqwest::Client,
        peers: Peers,
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
                keys_exchanged: Remembered::default(),
                exchanging: Semaphore::new(EXCHANGES),
                revoked: Revoked::default(),
                asking: Mutex::default(),
                peers,
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

    /// What an access token says, or an API key is worth.
    ///
    /// # Errors
    /// It is none of ours, or good no more.
    pub fn access<'t>(&'t self, token: &'t str) -> BoxFuture<'t, Result<AccessClaims, AuthError>> {
        Box::pin(async move {
            let claims = if token.starts_with(API_KEY) {
                self.once(&self.inner.keys_exchanged, token, self.exchange(token)).await?
            } else {
                self.once(&self.inner.people, token, self.signed(token)).await?
            };
            self.not_revoked(&claims).await?;
            Ok(claims)
        })
    }

    async fn signed(&self, token: &str) -> Result<AccessClaims, AuthError> {
        self.verify(token, ServiceName::User, ACCESS_TYPE, PLATFORM).await
    }

    /// What this instance revoked itself: it need not ask.
    pub fn revoked(&self, revoked: &[Revocation]) {
        self.inner.revoked.note(revoked);
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
        let key = self.key(issuer, &key_id(token, kind)?).await?;
        let claims: C = read(token, &key, issuer, audience)?;
        self.in_its_time(&claims)?;
        Ok(claims)
    }

    fn in_its_time(&self, claims: &impl Timed) -> Result<(), AuthError> {
        in_its_time(claims, self.inner.clock.now().unix_timestamp())
    }

    async fn key(&self, issuer: ServiceName, kid: &str) -> Result<DecodingKey, AuthError> {
        if let Some(key) = self.known(issuer, kid) {
            self.ask_again_in_time(issuer);
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

    /// Asks behind the back of who comes, so that an issuer's next key is known before it signs, and one it gave up is not.
    fn ask_again_in_time(&self, issuer: ServiceName) {
        let Some(asked) = self.inner.asked.get(&issuer) else { return };
        let Ok(mut not_before) = asked.clone().try_lock_owned() else { return };
        let now = Instant::now();
        if issuer == self.inner.me || not_before.is_some_and(|not_before| now < not_before + KNOWN_FOR) {
            return;
        }
        // Noted first: who comes meanwhile does not ask as well.
        *not_before = Some(now);
        drop(not_before);
        let verifier = self.clone();
        let asking = async move {
            if let Err(cause) = verifier.fetch(issuer).await {
                tracing::warn!(%issuer, %cause, "an issuer's keys could not be fetched again");
            }
        };
        tokio::spawn(asking.in_current_span());
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
        let keys: Vec<_> = keys.filter(|key| key.kty == "OKP" && key.crv == "Ed25519").collect();
        let kids: Vec<String> = keys.iter().map(|key| key.kid.clone()).collect();
        for key in keys {
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
        self.forget(issuer, &kids).await
    }

    /// What an issuer publishes no more, it signs with no more: nobody else is to, either.
    async fn forget(&self, issuer: ServiceName, published: &[String]) -> Result<(), KitError> {
        if published.is_empty() {
            return Ok(());
        }
        let gone =
            sqlx::query!("DELETE FROM peer_keys WHERE issuer = $1 AND NOT kid = ANY($2)", issuer.as_str(), published);
        prompt(gone.execute(self.inner.database.pool())).await?;
        let mut keys = self.inner.keys.write().unwrap_or_else(PoisonError::into_inner);
        let before = keys.len();
        keys.retain(|(known, kid), _| *known != issuer || published.contains(kid));
        if keys.len() < before {
            self.inner.people.forget();
            self.inner.keys_exchanged.forget();
            self.inner.calls.forget();
        }
        Ok(())
    }

    async fn published_at(&self, address: &Url) -> reqwest::Result<Published> {
        let mut url = address.clone();
        url.set_path("/.well-known/jwks.json");
        let sent = self.inner.client.get(url).timeout(Duration::from_secs(2)).send().await?;
        sent.error_for_status()?.json().await
    }

    pub(crate) fn learn(&self, issuer: ServiceName, kid: String, x: &str) {
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

/// Which key it says that it is signed by, if it is a token of this kind.
pub(super) fn key_id(token: &str, kind: &str) -> Result<String, AuthError> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| AuthError::Invalid("not a JWT"))?;
    if header.alg != Algorithm::EdDSA {
        return Err(AuthError::Invalid("algorithm"));
    }
    if header.typ.as_deref() != Some(kind) {
        return Err(AuthError::Invalid("kind of token"));
    }
    // RFC 7515, 4.1.11: none is understood here, so none can be followed.
    if header.crit.is_some() {
        return Err(AuthError::Invalid("critical header"));
    }
    header.kid.ok_or(AuthError::Invalid("no key id"))
}

pub(super) fn in_its_time(claims: &impl Timed, now: i64) -> Result<(), AuthError> {
    let (not_before, expires) = claims.span();
    if now > expires.saturating_add(TOKEN_SKEW_SECONDS) {
        return Err(AuthError::Expired);
    }
    if now < not_before.saturating_sub(TOKEN_SKEW_SECONDS) {
        return Err(AuthError::Invalid("not valid yet"));
    }
    Ok(())
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
pub(super) trait Timed {
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
