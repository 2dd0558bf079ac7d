//! Other services' keys: fetched when needed, seldom, and kept in the database.

use crate::{
    broker::Proxy,
    support::{MIGRATIONS, database},
};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::ServiceName;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use service_kit::{
    Bus, Clock, Kit,
    auth::{AuthError, PLATFORM, Role},
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use test_kit::{Signer, TestDatabase, until};
use tokio::{net::TcpListener, task::JoinHandle};
use uuid::Uuid;

/// user-service's `/.well-known/jwks.json`, with a count of who asked.
#[derive(Clone, Default)]
struct Published {
    keys: Arc<Mutex<Vec<Value>>>,
    asked: Arc<AtomicUsize>,
    /// Answers 500 instead.
    broken: bool,
}

struct UserService {
    published: Published,
    url: String,
    task: JoinHandle<()>,
}

async fn answer(State(published): State<Published>) -> Result<Json<Value>, StatusCode> {
    published.asked.fetch_add(1, Ordering::SeqCst);
    if published.broken {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    Ok(Json(json!({ "keys": *published.keys.lock().unwrap() })))
}

impl UserService {
    async fn start(broken: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let published = Published { broken, ..Published::default() };
        let router = Router::new().route("/.well-known/jwks.json", get(answer)).with_state(published.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { published, url, task }
    }

    fn publish(&self, key: &Key) {
        self.published.keys.lock().unwrap().push(key.public.clone());
    }

    fn asked(&self) -> usize {
        self.published.asked.load(Ordering::SeqCst)
    }
}

/// One of user-service's keys.
struct Key {
    private: EncodingKey,
    public: Value,
    kid: String,
}

impl Key {
    fn new(kid: &str) -> Self {
        let document = Ed25519KeyPair::generate_pkcs8v1(&aws_lc_rs::rand::SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(document.as_ref()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let public = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": "EdDSA", "use": "sig"});
        Self { private: EncodingKey::from_ed_der(document.as_ref()), public, kid: kid.to_owned() }
    }

    fn token(&self) -> String {
        let now = Clock::system().now().unix_timestamp();
        let claims = json!({
            "iss": "user-service", "aud": PLATFORM, "sub": Uuid::new_v4(), "role": Role::Customer,
            "iat": now, "nbf": now, "exp": now + 900, "jti": Uuid::new_v4(),
        });
        let kid = Some(self.kid.clone());
        let header = Header { typ: Some("at+jwt".to_owned()), kid, ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &self.private).unwrap()
    }
}

async fn kit(database: &TestDatabase, user_service: &str) -> Kit {
    let settings = test_kit::settings(ServiceName::Order, database, &[(ServiceName::User, user_service.to_owned())]);
    Kit::open(settings, &MIGRATIONS, Bus::Elsewhere, Clock::system()).await.unwrap()
}

async fn asked(kit: &Kit, token: &str) -> Result<(), AuthError> {
    kit.verifier.access(token).await.map(|_| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_once_fetched_serve_a_restart_while_their_issuer_is_away() {
    let database = database().await;
    let user_service = UserService::start(false).await;
    let key = Key::new("first");
    user_service.publish(&key);
    assert_eq!(asked(&kit(&database, &user_service.url).await, &key.token()).await, Ok(()));
    user_service.task.abort();
    let restarted = kit(&database, "http://127.0.0.1:9").await;
    assert_eq!(asked(&restarted, &key.token()).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_picked_up_and_the_old_one_still_counts() {
    let database = database().await;
    let user_service = UserService::start(false).await;
    let (old, new) = (Key::new("old"), Key::new("new"));
    user_service.publish(&old);
    assert_eq!(asked(&kit(&database, &user_service.url).await, &old.token()).await, Ok(()));
    user_service.publish(&new);
    // Started anew, it has not asked yet.
    let kit = kit(&database, &user_service.url).await;
    assert_eq!(asked(&kit, &new.token()).await, Ok(()));
    assert_eq!(asked(&kit, &old.token()).await, Ok(()));
    assert_eq!(user_service.asked(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_whose_key_was_replaced_is_refused_though_it_was_good_a_moment_ago() {
    let database = database().await;
    let user_service = UserService::start(false).await;
    let old = Key::new("same name");
    user_service.publish(&old);
    let kit = kit(&database, &user_service.url).await;
    let token = old.token();
    assert_eq!(asked(&kit, &token).await, Ok(()));
    let new = Key::new("same name");
    *user_service.published.keys.lock().unwrap() = vec![new.public.clone(), Key::new("another").public];
    // A token with a name that is not known has the keys fetched.
    until("the keys to be asked for again", || async {
        let unknown = Key::new("unknown").token();
        assert_eq!(asked(&kit, &unknown).await, Err(AuthError::Invalid("unknown key id")));
        (user_service.asked() == 2).then_some(())
    })
    .await;
    assert_eq!(asked(&kit, &new.token()).await, Ok(()));
    assert_eq!(asked(&kit, &token).await, Err(AuthError::Invalid("signature, issuer, audience or claims")));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_kinds_we_do_not_know_are_passed_over() {
    let database = database().await;
    let user_service = UserService::start(false).await;
    let key = Key::new("ours");
    user_service.published.keys.lock().unwrap().push(json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "theirs"}));
    user_service.publish(&key);
    assert_eq!(asked(&kit(&database, &user_service.url).await, &key.token()).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_key_ids_make_us_ask_once() {
    let database = database().await;
    let user_service = UserService::start(false).await;
    user_service.publish(&Key::new("known"));
    let kit = kit(&database, &user_service.url).await;
    let tokens: Vec<_> = (0..50).map(|number| Key::new(&format!("unknown-{number}")).token()).collect();
    let answers = tokens.iter().map(|token| asked(&kit, token));
    for answer in futures_util::future::join_all(answers).await {
        assert_eq!(answer, Err(AuthError::Invalid("unknown key id")));
    }
    assert_eq!(user_service.asked(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_fails_is_not_asked_by_every_request() {
    let database = database().await;
    let user_service = UserService::start(true).await;
    let kit = kit(&database, &user_service.url).await;
    let token = Key::new("any").token();
    for answer in futures_util::future::join_all((0..50).map(|_| asked(&kit, &token))).await {
        assert_eq!(answer, Err(AuthError::KeysUnavailable(ServiceName::User)));
    }
    assert_eq!(user_service.asked(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_that_give_up_do_not_make_us_ask_again() {
    let database = database().await;
    let user_service = UserService::start(false).await;
    let key = Key::new("known");
    user_service.publish(&key);
    let kit = kit(&database, &user_service.url).await;
    let token = key.token();
    for _ in 0..20 {
        // Polled once, then dropped: as hyper does with a request whose client went away.
        let _ = tokio::time::timeout(Duration::ZERO, asked(&kit, &token)).await;
    }
    assert_eq!(asked(&kit, &token).await, Ok(()));
    assert_eq!(user_service.asked(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_issuer_that_hangs_does_not_hold_up_another_s_tokens() {
    let database = database().await;
    // Takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let user_service = UserService::start(false).await;
    user_service.publish(&Key::new("first"));
    let peers = [(ServiceName::User, user_service.url.clone()), (ServiceName::Payment, url)];
    let settings = test_kit::settings(ServiceName::Order, &database, &peers);
    let script = Arc::default();
    let service = crate::sample::build(settings, Bus::Elsewhere, Clock::system(), script).await;
    let running = test_kit::Running::start(service).await;
    until("the first key", || async { running.kit.verifier.knows(ServiceName::User).then_some(()) }).await;
    let other = crate::support::database().await;
    let stranger = Signer::trusted_by(&other).await;
    let caller = running.client().with_token(stranger.service(ServiceName::Payment, ServiceName::Order));
    let hanging = tokio::spawn(async move { caller.get("/internal/notes").await });
    let (_held, _) = silent.accept().await.unwrap();
    // payment-service is being asked, for up to two seconds; meanwhile people come in, with a key not seen before.
    let key = Key::new("second");
    user_service.publish(&key);
    let person = running.client().with_token(key.token()).get("/me").await;
    person.assert_status(200);
    assert!(!hanging.is_finished());
    hanging.await.unwrap().assert_problem(503, "keys_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_silent_while_keys_are_kept_does_not_hold_up_who_needs_them() {
    let database = database().await;
    let proxy = Proxy::of(database.work_url()).await;
    let user_service = UserService::start(false).await;
    let key = Key::new("first");
    user_service.publish(&key);
    let peers = [(ServiceName::User, user_service.url.clone())];
    let mut settings = test_kit::settings(ServiceName::Order, &database, &peers);
    settings.database_url = proxy.url.clone().into();
    let kit = Kit::open(settings, &MIGRATIONS, Bus::Elsewhere, Clock::system()).await.unwrap();
    proxy.mute();
    let answer = tokio::time::timeout(Duration::from_secs(15), asked(&kit, &key.token())).await;
    assert_eq!(answer.expect("an answer in time"), Ok(()));
}
