//! A service's word, for calls in its name: with its key, which lies in its database.

use crate::platform::Platform;
use contracts::ServiceName;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use service_kit::Clock;

pub(crate) struct Signing {
    service: ServiceName,
    kid: String,
    key: EncodingKey,
}

impl Signing {
    /// # Errors
    /// It has made no key yet.
    pub(crate) async fn of(platform: &Platform, service: ServiceName) -> anyhow::Result<Self> {
        let query = "SELECT kid, private_key FROM signing_keys ORDER BY created_at DESC, kid LIMIT 1";
        let (kid, key): (String, Vec<u8>) = sqlx::query_as(query).fetch_one(platform.watch(service)).await?;
        Ok(Self { service, kid, key: EncodingKey::from_ed_der(&key) })
    }

    /// A token for calls to `audience`, good for a minute.
    ///
    /// # Errors
    /// The key does not sign.
    pub(crate) fn call(&self, audience: ServiceName) -> anyhow::Result<String> {
        let now = Clock::system().now().unix_timestamp();
        let claims = json!({"iss": self.service, "aud": audience, "iat": now, "nbf": now, "exp": now + 60});
        let mut header = Header::new(Algorithm::EdDSA);
        (header.typ, header.kid) = (Some("service+jwt".to_owned()), Some(self.kid.clone()));
        Ok(jsonwebtoken::encode(&header, &claims, &self.key)?)
    }
}
