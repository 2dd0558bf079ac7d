//! A service's signing key: made at first start, kept in its database, its public half published.

use super::claims::{ACCESS_TYPE, AccessClaims, SERVICE_TYPE, ServiceClaims};
use crate::{Clock, Database, KitError};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::ServiceName;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A service's tokens for its calls live this long, in seconds.
const SERVICE_TOKEN_SECONDS: i64 = 60;

/// The service as an issuer of tokens.
#[derive(Clone)]
pub struct Identity {
    issuer: ServiceName,
    kid: String,
    public_key: String,
    key: Arc<EncodingKey>,
    clock: Clock,
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
        Ok(Self { issuer, kid, public_key, key, clock: clock.clone() })
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

    /// A token for one call, or the calls of the next minute, to `audience`.
    pub(crate) fn sign_call(&self, audience: ServiceName) -> Result<String, KitError> {
        let now = self.clock.now().unix_timestamp();
        let claims = ServiceClaims {
            iss: self.issuer.to_string(),
            aud: audience.to_string(),
            iat: now,
            nbf: now,
            exp: now + SERVICE_TOKEN_SECONDS,
        };
        self.sign(SERVICE_TYPE, &claims)
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
