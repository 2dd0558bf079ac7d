//! Signs tokens as user-service and the other services would, with a key the database under test is told to trust.

use crate::TestDatabase;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::{
    AccountId, ServiceName,
    access::{Permission, Permissions},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use service_kit::{
    Clock,
    auth::{GUESTS, PEOPLE, PLATFORM, Role},
};
use uuid::Uuid;

pub struct Signer {
    key: EncodingKey,
    document: Vec<u8>,
    pair: Ed25519KeyPair,
    public_key: String,
    kid: String,
}

impl Signer {
    /// A key that the service on `database` will take for that of every issuer. Call it before the service is built.
    pub async fn trusted_by(database: &TestDatabase) -> Self {
        let signer = Self::stranger();
        signer.trust(database).await;
        signer
    }

    /// A key that nobody trusts, by the name of the one they do.
    #[must_use]
    pub fn stranger() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8v1(&aws_lc_rs::rand::SystemRandom::new()).expect("a key");
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(document.as_ref()).expect("a key");
        Self {
            key: EncodingKey::from_ed_der(document.as_ref()),
            document: document.as_ref().to_vec(),
            public_key: URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
            pair,
            kid: "test-key".to_owned(),
        }
    }

    #[must_use]
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Any header over any claims, by this key: for tokens that must be refused.
    #[must_use]
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    /// Makes it the key that the service of this database signs with itself: where it runs, others ask it for its keys and
    /// forget what it does not publish. Call it before the service is built.
    pub async fn be_its_own(&self, database: &TestDatabase) {
        let statement =
            "INSERT INTO signing_keys (kid, private_key, public_key, created_at) VALUES ($1, $2, $3, now())";
        let statement = sqlx::query(statement).bind(&self.kid).bind(&self.document).bind(&self.public_key);
        statement.execute(database.pool()).await.expect("the key is stored");
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

    /// A person's token, who proved a moment ago who they are; an administrator may do everything.
    #[must_use]
    pub fn person(&self, id: AccountId, role: Role) -> String {
        let permissions = if role == Role::Admin { Permissions::all() } else { Permissions::NONE };
        self.sign("at+jwt", &claims(id.uuid(), PEOPLE, role, permissions))
    }

    /// Somebody's token who may do just this with what is not theirs.
    #[must_use]
    pub fn staff(&self, permissions: &[Permission]) -> String {
        let permissions = permissions.iter().copied().collect();
        self.sign("at+jwt", &claims(Clock::system().new_id(), PEOPLE, Role::Customer, permissions))
    }

    /// What an API key that permits this was exchanged for.
    #[must_use]
    pub fn machine(&self, permissions: &[Permission]) -> String {
        let (id, permissions): (Uuid, _) = (Clock::system().new_id(), permissions.iter().copied().collect());
        let mut claims = claims(id, &id.to_string(), Role::Customer, permissions);
        claims.as_object_mut().expect("an object").remove("auth_time");
        self.sign("at+jwt", &claims)
    }

    /// A guest's token for the one thing, who counts as these.
    #[must_use]
    pub fn guest(&self, id: AccountId, only: Uuid, counted_as: &[Uuid]) -> String {
        let mut claims = claims(id.uuid(), GUESTS, Role::Customer, Permissions::NONE);
        claims["guest"] = json!({ "only": only, "counted_as": counted_as });
        self.sign("at+jwt", &claims)
    }

    /// A customer's token that has expired.
    #[must_use]
    pub fn expired(&self) -> String {
        let mut claims = claims(Clock::system().new_id(), PEOPLE, Role::Admin, Permissions::all());
        for (time, ago) in [("iat", 2000), ("nbf", 2000), ("exp", 1000)] {
            claims[time] = json!(Clock::system().now().unix_timestamp() - ago);
        }
        self.sign("at+jwt", &claims)
    }

    /// An administrator's token that is made out to somebody else.
    #[must_use]
    pub fn for_others(&self) -> String {
        let mut claims = claims(Clock::system().new_id(), PEOPLE, Role::Admin, Permissions::all());
        claims["aud"] = json!("another-shop");
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

fn claims(sub: Uuid, client_id: &str, role: Role, permissions: Permissions) -> Value {
    let now = Clock::system().now().unix_timestamp();
    json!({
        "iss": ServiceName::User, "aud": PLATFORM, "sub": sub, "client_id": client_id, "sid": Uuid::new_v4(),
        "generation": 0, "scope": permissions, "role": role, "auth_time": now,
        "iat": now, "nbf": now, "exp": now + 900, "jti": Uuid::new_v4(),
    })
}
