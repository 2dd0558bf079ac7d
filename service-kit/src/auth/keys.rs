//! A service's signing key: made at first start, kept in its database, its public half published.

use super::claims::{ACCESS_TYPE, AccessClaims, SERVICE_TYPE, ServiceClaims};
use crate::{Clock, Database, KitError};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::ServiceName;
use http::HeaderValue;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use utoipa::ToSchema;

/// A service's tokens for its calls live this long, in seconds.
const SERVICE_TOKEN_SECONDS: i64 = 60;
/// It is used again for this long; what is left is for the call itself and for clocks that differ.
const REUSE_SECONDS: i64 = 45;

/// The service as an issuer of tokens.
#[derive(Clone)]
pub struct Identity {
    issuer: ServiceName,
    kid: String,
    public_key: String,
    key: Arc<EncodingKey>,
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
    /// The newest key in the database; makes the first one.
    pub(crate) async fn load(database: &Database, issuer: ServiceName, clock: &Clock) -> Result<Self, KitError> {
        let mut tx = database.begin("make_key").await?;
        // Two instances that start together must agree on one key.
        sqlx::query!("LOCK TABLE signing_keys IN EXCLUSIVE MODE").execute(&mut *tx).await?;
        let row =
            sqlx::query!("SELECT kid, private_key, public_key FROM signing_keys ORDER BY created_at DESC, kid LIMIT 1")
                .fetch_optional(&mut *tx)
                .await?;
        let (kid, private_key, public_key) = if let Some(row) = row {
            (row.kid, row.private_key, row.public_key)
        } else {
            let (kid, private_key, public_key) = generate()?;
            sqlx::query!(
                "INSERT INTO signing_keys (kid, private_key, public_key, created_at) VALUES ($1, $2, $3, $4)",
                kid,
                private_key,
                public_key,
                clock.now()
            )
            .execute(&mut *tx)
            .await?;
            (kid, private_key, public_key)
        };
        let _committed = tx.commit().await?;
        let key = Arc::new(EncodingKey::from_ed_der(&private_key));
        Ok(Self { issuer, kid, public_key, key, clock: clock.clone(), calls: Arc::default() })
    }

    /// Whose tokens it signs.
    #[must_use]
    pub fn issuer(&self) -> ServiceName {
        self.issuer
    }

    /// What `/.well-known/jwks.json` answers.
    #[must_use]
    pub fn jwks(&self) -> Jwks {
        Jwks {
            keys: vec![PublicKey {
                kty: "OKP".to_owned(),
                crv: "Ed25519".to_owned(),
                x: self.public_key.clone(),
                kid: self.kid.clone(),
                alg: "EdDSA".to_owned(),
                r#use: "sig".to_owned(),
            }],
        }
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
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(kind.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.key).map_err(|cause| KitError::Key(cause.to_string()))
    }
}

fn generate() -> Result<(String, Vec<u8>, String), KitError> {
    let rejected = |_| KitError::Key("Ed25519 key generation failed".to_owned());
    let document = Ed25519KeyPair::generate_pkcs8v1(&aws_lc_rs::rand::SystemRandom::new()).map_err(rejected)?;
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(document.as_ref())
        .map_err(|cause| KitError::Key(cause.to_string()))?;
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    // The JWK thumbprint (RFC 7638, RFC 8037 appendix A.3) as the key's id.
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, canonical.as_bytes());
    Ok((URL_SAFE_NO_PAD.encode(digest.as_ref()), document.as_ref().to_vec(), x))
}

#[cfg(test)]
mod tests {
    use super::{Identity, generate};
    use crate::Clock;
    use contracts::ServiceName;
    use jsonwebtoken::EncodingKey;
    use std::sync::Arc;
    use time::Duration;

    #[test]
    fn a_token_for_calls_is_made_once_and_anew_before_it_ends_or_when_the_clock_jumps() {
        let clock = Clock::manual(Clock::system().now());
        let (kid, private_key, public_key) = generate().unwrap();
        let key = Arc::new(EncodingKey::from_ed_der(&private_key));
        let issuer = ServiceName::Order;
        let identity = Identity { issuer, kid, public_key, key, clock: clock.clone(), calls: Arc::default() };
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
