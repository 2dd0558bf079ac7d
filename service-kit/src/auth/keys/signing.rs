//! A signing key, and how one is made.

use crate::KitError;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use std::sync::Arc;
use time::OffsetDateTime;

/// A key of the service's own.
#[derive(Clone)]
pub(super) struct Signing {
    pub(super) kid: String,
    pub(super) public_key: String,
    pub(super) key: Arc<EncodingKey>,
    pub(super) from: OffsetDateTime,
}

/// The key's id, its private half (PKCS #8) and its public one.
pub(super) fn generate() -> Result<(String, Vec<u8>, String), KitError> {
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
