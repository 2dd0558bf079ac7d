//! Signs tokens as user-service and the other services would, with a key the database under test is told to trust.

use crate::TestDatabase;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::{AccountId, ServiceName};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use service_kit::{
    Clock,
    auth::{PLATFORM, Role},
};

pub struct Signer {
    key: EncodingKey,
    public_key: String,
    kid: String,
}

impl Signer {
    /// A key that the service on `database` will take for that of every issuer. Call it before the service is built.
    pub async fn trusted_by(database: &TestDatabase) -> Self {
        let document = Ed25519KeyPair::generate_pkcs8v1(&aws_lc_rs::rand::SystemRandom::new()).expect("a key");
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(document.as_ref()).expect("a key");
        let signer = Self {
            key: EncodingKey::from_ed_der(document.as_ref()),
            public_key: URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
            kid: "test-key".to_owned(),
        };
        signer.trust(database).await;
        signer
    }

    /// Makes another database trust the same key.
    pub async fn trust(&self, database: &TestDatabase) {
        for issuer in ServiceName::ALL {
            let statement = "INSERT INTO peer_keys (issuer, kid, public_key, fetched_at) VALUES ($1, $2, $3, now())";
            let statement = sqlx::query(statement).bind(issuer.as_str()).bind(&self.kid).bind(&self.public_key);
            statement.execute(database.pool()).await.expect("the key is stored");
        }
    }

    /// A new customer and their token.
    #[must_use]
    pub fn customer(&self) -> (AccountId, String) {
        let id = Clock::system().new_id();
        (id, self.person(id, Role::Customer))
    }

    /// A new administrator's token.
    #[must_use]
    pub fn admin(&self) -> String {
        self.person(Clock::system().new_id(), Role::Admin)
    }

    #[must_use]
    pub fn person(&self, id: AccountId, role: Role) -> String {
        let now = Clock::system().now().unix_timestamp();
        let claims = json!({
            "iss": ServiceName::User, "aud": PLATFORM, "sub": id, "role": role,
            "iat": now, "nbf": now, "exp": now + 900, "jti": uuid::Uuid::new_v4(),
        });
        self.sign("at+jwt", &claims)
    }

    /// A service's token for calling `audience`.
    #[must_use]
    pub fn service(&self, issuer: ServiceName, audience: ServiceName) -> String {
        let now = Clock::system().now().unix_timestamp();
        let claims = json!({ "iss": issuer, "aud": audience, "iat": now, "nbf": now, "exp": now + 60 });
        self.sign("service+jwt", &claims)
    }

    /// Any claims under any `typ`: for tokens that must be refused.
    #[must_use]
    pub fn sign(&self, kind: &str, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(kind.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.key).expect("claims are signed")
    }
}
