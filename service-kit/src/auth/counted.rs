//! Work without input and output whose instructions the gate counts (`bench/counted`).

use super::{
    claims::{ACCESS_TYPE, AccessClaims, PEOPLE, PLATFORM, Role},
    remembered::{Print, Remembered},
    verifier::read,
};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use contracts::{ServiceName, access::Permissions};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use std::time::Instant;
use uuid::Uuid;

/// A customer's token, its key, and a memory that holds it.
pub struct Tokens {
    token: String,
    key: DecodingKey,
    memory: Remembered<AccessClaims>,
}

impl Tokens {
    /// None where no key can be made.
    #[must_use]
    pub fn new() -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).ok()?;
        let secret = EncodingKey::from_ed_der(pair.to_pkcs8v1().ok()?.as_ref());
        let key = DecodingKey::from_ed_der(pair.public_key().as_ref());
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(ACCESS_TYPE.to_owned());
        header.kid = Some("counted".to_owned());
        let claims = AccessClaims {
            iss: ServiceName::User.as_str().to_owned(),
            aud: PLATFORM.to_owned(),
            sub: Uuid::from_u128(7),
            client_id: PEOPLE.to_owned(),
            sid: Some(Uuid::from_u128(7)),
            generation: 0,
            scope: Some(Permissions::NONE),
            role: Role::Customer,
            guest: None,
            auth_time: Some(0),
            iat: 0,
            nbf: 0,
            exp: 900,
            jti: Uuid::from_u128(7),
        };
        let token = jsonwebtoken::encode(&header, &claims, &secret).ok()?;
        let memory = Remembered::default();
        let (print, now) = (Print::of(&token), Instant::now());
        let looked = memory.look(&print, now).err()?;
        memory.keep(print, claims, looked, now);
        Some(Self { token, key, memory })
    }

    /// Looked at as at its first request.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let header = jsonwebtoken::decode_header(&self.token);
        header.is_ok() && read::<AccessClaims>(&self.token, &self.key, ServiceName::User, PLATFORM).is_ok()
    }

    /// Found again as at each request after it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.memory.look(&Print::of(&self.token), Instant::now()).is_ok()
    }
}
