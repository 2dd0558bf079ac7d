//! What is no token of ours is refused, each for its own reason.

use crate::support::{MIGRATIONS, database, settings};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::ServiceName;
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};
use service_kit::{
    Bus, Clock, Kit,
    auth::{AuthError, PLATFORM, Role},
};
use test_kit::{Signer, TestDatabase};
use time::Duration;
use tokio::net::TcpListener;
use uuid::Uuid;

/// A service that trusts a key of the test, and a clock that stands still.
struct Gate {
    database: TestDatabase,
    kit: Kit,
    clock: Clock,
    signer: Signer,
}

const BAD_SIGNATURE: AuthError = AuthError::Invalid("signature, issuer, audience or claims");

impl Gate {
    async fn open() -> Self {
        let database = database().await;
        let signer = Signer::trusted_by(&database).await;
        let clock = Clock::manual(Clock::system().now());
        let kit = Kit::open(settings(&database), &MIGRATIONS, Bus::Elsewhere, clock.clone()).await.unwrap();
        Self { database, kit, clock, signer }
    }

    /// What a good access token says, with some of it changed.
    fn claims(&self, changes: &Value) -> Value {
        let now = self.clock.now().unix_timestamp();
        let mut claims = json!({
            "iss": "user-service", "aud": PLATFORM, "sub": Uuid::new_v4(), "role": Role::Customer,
            "iat": now, "nbf": now, "exp": now + 900, "jti": Uuid::new_v4(),
        });
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        claims
    }

    async fn asked(&self, token: &str) -> Result<(), AuthError> {
        self.kit.verifier.access(token).await.map(|_| ())
    }

    /// What becomes of an access token with these claims, signed by the trusted key.
    async fn with(&self, changes: &Value) -> Result<(), AuthError> {
        self.asked(&self.signer.sign("at+jwt", &self.claims(changes))).await
    }

    /// The bytes everybody may know.
    async fn public_key(&self) -> Vec<u8> {
        let query = sqlx::query_scalar("SELECT public_key FROM peer_keys WHERE issuer = 'user-service'");
        let text: String = query.fetch_one(self.database.pool()).await.unwrap();
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }
}

fn header(algorithm: Algorithm) -> Header {
    Header { typ: Some("at+jwt".to_owned()), kid: Some("test-key".to_owned()), ..Header::new(algorithm) }
}

/// A key that nobody trusts.
fn stranger() -> (EncodingKey, Vec<u8>) {
    let document = Ed25519KeyPair::generate_pkcs8v1(&aws_lc_rs::rand::SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(document.as_ref()).unwrap();
    (EncodingKey::from_ed_der(document.as_ref()), pair.public_key().as_ref().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_token_is_taken() {
    let gate = Gate::open().await;
    assert_eq!(gate.with(&json!({})).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_signed_with_the_public_key_as_a_secret_is_refused() {
    let gate = Gate::open().await;
    let public_key = gate.public_key().await;
    for secret in [public_key.clone(), URL_SAFE_NO_PAD.encode(&public_key).into_bytes()] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let key = EncodingKey::from_secret(&secret);
            let token = jsonwebtoken::encode(&header(algorithm), &gate.claims(&json!({})), &key).unwrap();
            assert_eq!(gate.asked(&token).await, Err(AuthError::Invalid("algorithm")));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_a_signature_is_refused() {
    let gate = Gate::open().await;
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = part(&gate.claims(&json!({})));
    for algorithm in ["none", "None", "NONE", ""] {
        let header = part(&json!({"alg": algorithm, "typ": "at+jwt", "kid": "test-key"}));
        assert_eq!(gate.asked(&format!("{header}.{claims}.")).await, Err(AuthError::Invalid("not a JWT")));
    }
    let header = part(&json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "test-key"}));
    assert_eq!(gate.asked(&format!("{header}.{claims}.")).await, Err(BAD_SIGNATURE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_changed_after_it_was_signed_is_refused() {
    let gate = Gate::open().await;
    let token = gate.signer.sign("at+jwt", &gate.claims(&json!({})));
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    let claims = URL_SAFE_NO_PAD.encode(gate.claims(&json!({"role": "admin"})).to_string());
    assert_eq!(gate.asked(&format!("{header}.{claims}.{signature}")).await, Err(BAD_SIGNATURE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_a_token_brings_along_is_not_used() {
    let gate = Gate::open().await;
    let (key, public_key) = stranger();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(public_key)});
    let jwk: Jwk = serde_json::from_value(jwk).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Some(format!("http://{}/keys", listener.local_addr().unwrap()));
    let header = Header { jwk: Some(jwk), jku: url.clone(), x5u: url, ..header(Algorithm::EdDSA) };
    let token = jsonwebtoken::encode(&header, &gate.claims(&json!({})), &key).unwrap();
    assert_eq!(gate.asked(&token).await, Err(BAD_SIGNATURE));
    let visitor = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
    assert!(visitor.is_err(), "the address in the token was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_id_that_is_unknown_missing_or_a_trick_is_refused() {
    let gate = Gate::open().await;
    let (key, _) = stranger();
    for kid in ["other", "", "../../etc/passwd", "' OR 1=1 --", "test-key\0"] {
        let header = Header { kid: Some(kid.to_owned()), ..header(Algorithm::EdDSA) };
        let token = jsonwebtoken::encode(&header, &gate.claims(&json!({})), &key).unwrap();
        assert_eq!(gate.asked(&token).await, Err(AuthError::Invalid("unknown key id")), "{kid}");
    }
    let header = Header { kid: None, ..header(Algorithm::EdDSA) };
    let token = jsonwebtoken::encode(&header, &gate.claims(&json!({})), &key).unwrap();
    assert_eq!(gate.asked(&token).await, Err(AuthError::Invalid("no key id")));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_audience_or_issuer_is_refused() {
    let gate = Gate::open().await;
    for audience in [json!("other-platform"), json!("order-service"), json!(["other"]), json!(null)] {
        assert_eq!(gate.with(&json!({ "aud": audience })).await, Err(BAD_SIGNATURE), "{audience}");
    }
    // order-service's key is the same key here: it is the name that is refused.
    for issuer in [json!("order-service"), json!("user"), json!("https://user-service"), json!(null)] {
        assert_eq!(gate.with(&json!({ "iss": issuer })).await, Err(BAD_SIGNATURE), "{issuer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_are_missing_or_of_another_type_are_refused() {
    let gate = Gate::open().await;
    for changes in [
        json!({"exp": null}),
        json!({"nbf": null}),
        json!({"sub": "ada"}),
        json!({"role": "root"}),
        json!({"exp": "tomorrow"}),
        json!({"exp": 1e300}),
    ] {
        assert_eq!(gate.with(&changes).await, Err(BAD_SIGNATURE), "{changes}");
    }
    // Far ends of time are no reason to panic.
    assert_eq!(gate.with(&json!({"exp": i64::MAX, "nbf": i64::MIN})).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn time_is_kept_to_with_thirty_seconds_of_skew() {
    let gate = Gate::open().await;
    let token = gate.signer.sign("at+jwt", &gate.claims(&json!({})));
    gate.clock.advance(Duration::seconds(930));
    assert_eq!(gate.asked(&token).await, Ok(()));
    gate.clock.advance(Duration::seconds(1));
    assert_eq!(gate.asked(&token).await, Err(AuthError::Expired));
    let now = gate.clock.now().unix_timestamp();
    assert_eq!(gate.with(&json!({"nbf": now + 30})).await, Ok(()));
    assert_eq!(gate.with(&json!({"nbf": now + 31})).await, Err(AuthError::Invalid("not valid yet")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_good_is_refused_once_it_has_ended_or_the_clock_was_put_back() {
    let gate = Gate::open().await;
    let token = gate.signer.sign("at+jwt", &gate.claims(&json!({})));
    let now = gate.clock.now().unix_timestamp();
    let claims =
        json!({ "iss": ServiceName::Product, "aud": ServiceName::Order, "iat": now, "nbf": now, "exp": now + 60 });
    let call = gate.signer.sign("service+jwt", &claims);
    let caller = async || gate.kit.verifier.call(&call).await;
    for _ in 0..2 {
        assert_eq!(gate.asked(&token).await, Ok(()));
        assert_eq!(caller().await, Ok(ServiceName::Product));
    }
    gate.clock.advance(Duration::seconds(91));
    assert_eq!(caller().await, Err(AuthError::Expired));
    assert_eq!(gate.asked(&token).await, Ok(()));
    gate.clock.advance(Duration::seconds(931 - 91));
    assert_eq!(gate.asked(&token).await, Err(AuthError::Expired));
    gate.clock.advance(Duration::seconds(-931 - 31));
    assert_eq!(gate.asked(&token).await, Err(AuthError::Invalid("not valid yet")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_token_of_one_kind_is_refused_as_the_other() {
    let gate = Gate::open().await;
    let person = gate.signer.sign("at+jwt", &gate.claims(&json!({})));
    assert_eq!(gate.asked(&person).await, Ok(()));
    assert_eq!(gate.kit.verifier.call(&person).await, Err(AuthError::Invalid("kind of token")));
    let call = gate.signer.service(ServiceName::Product, ServiceName::Order);
    assert_eq!(gate.kit.verifier.call(&call).await, Ok(ServiceName::Product));
    assert_eq!(gate.asked(&call).await, Err(AuthError::Invalid("kind of token")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_s_token_is_no_person_s() {
    let gate = Gate::open().await;
    for kind in ["service+jwt", "JWT", "at+JWT2", ""] {
        let token = gate.signer.sign(kind, &gate.claims(&json!({})));
        assert_eq!(gate.asked(&token).await, Err(AuthError::Invalid("kind of token")), "{kind}");
    }
    let token = gate.signer.service(ServiceName::User, ServiceName::Order);
    assert_eq!(gate.asked(&token).await, Err(AuthError::Invalid("kind of token")));
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_refused() {
    let gate = Gate::open().await;
    let long = "a".repeat(100_000);
    for token in ["", ".", "..", "a.b.c", "e30.e30.e30", "\u{1F980}.x.y", long.as_str(), "eyJhbGciOiJFZERTQSJ9"] {
        let answer = gate.asked(token).await;
        assert!(matches!(answer, Err(AuthError::Invalid(_))), "{token:.20}: {answer:?}");
    }
}
