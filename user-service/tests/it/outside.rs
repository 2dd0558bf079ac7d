//! Signing in with an outside OpenID provider: who comes is believed only where all holds that the standard asks for.

use crate::support::{PASSWORD, Users};
use aws_lc_rs::digest;
use axum::{
    Json, Router,
    extract::{Form, State},
    http::{HeaderMap, StatusCode, header},
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use contracts::{AccountId, events::user::ProviderLinked};
use serde_json::{Value, json};
use service_kit::Clock;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use test_kit::{Answer, Signer};
use tokio::net::TcpListener;
use url::Url;

const CLIENT: &str = "the shop";
const SECRET: &str = "a secret: of ours";

/// A provider that says what it is told to.
#[derive(Clone)]
struct Provider {
    url: String,
    signer: Arc<Signer>,
    said: Arc<Mutex<Said>>,
}

#[derive(Clone, Default)]
struct Said {
    /// In its document in place of its own.
    issuer: Option<String>,
    id_token: Value,
    /// In place of one that is signed as it should be.
    token: Option<String>,
    userinfo: Value,
    challenge: String,
    away: bool,
}

impl Provider {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self { url, signer: Arc::new(Signer::stranger()), said: Arc::default() };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(document))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    async fn users(&self) -> Users {
        let variables = [
            ("OIDC_ISSUER", self.url.as_str()),
            ("OIDC_CLIENT_ID", CLIENT),
            ("OIDC_CLIENT_SECRET", SECRET),
            ("OIDC_NAME", "Example"),
        ];
        Users::open_with(&variables).await
    }

    fn say(&self, change: impl FnOnce(&mut Said)) {
        change(&mut self.said.lock().unwrap());
    }

    fn claims(&self, nonce: &str) -> Value {
        let now = Clock::system().now().unix_timestamp();
        json!({
            "iss": self.url, "aud": CLIENT, "sub": "ada-at-example", "nonce": nonce, "iat": now, "exp": now + 300,
            "email": "ada@example.com", "email_verified": true, "given_name": "Ada", "family_name": "Lovelace",
        })
    }
}

async fn document(State(provider): State<Provider>) -> Result<Json<Value>, StatusCode> {
    let said = provider.said.lock().unwrap().clone();
    if said.away {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    let at = |path: &str| format!("{}{path}", provider.url);
    Ok(Json(json!({
        "issuer": said.issuer.unwrap_or_else(|| provider.url.clone()), "authorization_endpoint": at("/authorize?tenant=1"),
        "token_endpoint": at("/token"), "jwks_uri": at("/jwks"), "userinfo_endpoint": at("/userinfo"),
    })))
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    let key = json!({
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": provider.signer.kid(),
        "x": provider.signer.public_key(),
    });
    Json(json!({ "keys": [key] }))
}

/// Takes one code, of whom has the verifier and the secret (encoded as in a form).
async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    let said = provider.said.lock().unwrap().clone();
    let basic = headers[header::AUTHORIZATION].to_str().unwrap().strip_prefix("Basic ").unwrap();
    let basic = String::from_utf8(STANDARD.decode(basic).unwrap()).unwrap();
    assert_eq!(basic, "the+shop:a+secret%3A+of+ours");
    let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, form["code_verifier"].as_bytes()));
    assert_eq!(form["grant_type"], "authorization_code");
    assert!(form["redirect_uri"].ends_with("/login/provider"), "{form:?}");
    if form["code"] != "good" || challenge != said.challenge {
        return Err(StatusCode::BAD_REQUEST);
    }
    let token = said.token.unwrap_or_else(|| provider.signer.sign("JWT", &said.id_token));
    Ok(Json(json!({ "id_token": token, "access_token": "for userinfo", "token_type": "Bearer" })))
}

async fn userinfo(State(provider): State<Provider>, headers: HeaderMap) -> Json<Value> {
    assert_eq!(headers[header::AUTHORIZATION], "Bearer for userinfo");
    Json(provider.said.lock().unwrap().userinfo.clone())
}

/// A login that has gone to the provider.
struct Gone {
    token: String,
    state: String,
    nonce: String,
}

async fn go(provider: &Provider, users: &Users) -> Gone {
    let begun = users.visitor.post("/auth/provider/begin", json!({})).await;
    assert_eq!(begun.assert_status(200).headers["cache-control"], "no-store");
    let url = Url::parse(&begun.text_at("/url")).unwrap();
    let asked: HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!((&*asked["tenant"], &*asked["response_type"], &*asked["code_challenge_method"]), ("1", "code", "S256"));
    assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
    provider.say(|said| {
        said.challenge.clone_from(&asked["code_challenge"]);
        said.id_token = provider.claims(&asked["nonce"]);
    });
    Gone { token: begun.text_at("/token"), state: asked["state"].clone(), nonce: asked["nonce"].clone() }
}

async fn come_back(users: &Users, gone: &Gone) -> Answer {
    let body = json!({ "token": gone.token, "state": gone.state, "code": "good" });
    users.visitor.post("/auth/provider/finish", body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_for_the_first_time_gets_an_account_and_the_same_one_ever_after() {
    let provider = Provider::start().await;
    let users = provider.users().await;
    assert_eq!(users.visitor.get("/auth/provider").await.assert_status(200).body, json!({ "name": "Example" }));
    let gone = go(&provider, &users).await;
    let login = come_back(&users, &gone).await;
    assert_eq!(login.assert_status(200).text_at("/user/email"), "ada@example.com");
    assert_eq!(
        (login.text_at("/user/first_name"), login.text_at("/user/last_name")),
        ("Ada".into(), "Lovelace".into())
    );
    let id = login.text_at("/user/id");
    users.visitor.with_token(login.text_at("/token")).get("/auth/current-user").await.assert_status(200);
    // By the provider's id for them, also when the address there is another by now.
    let gone = go(&provider, &users).await;
    provider.say(|said| said.id_token["email"] = json!("countess@example.com"));
    assert_eq!(come_back(&users, &gone).await.assert_status(200).text_at("/user/id"), id);
    users.recorder.wait_for(|event: &ProviderLinked| event.account_id.to_string() == id).await;
    assert_eq!(users.announced::<ProviderLinked>().await, 1);
    users.login("ada@example.com", PASSWORD).await.assert_problem(401, "invalid_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_linked_by_a_confirmed_address_alone() {
    let provider = Provider::start().await;
    let users = provider.users().await;
    let id: AccountId = users.customer("ada@example.com").await;
    let gone = go(&provider, &users).await;
    provider.say(|said| {
        said.id_token["email_verified"] = json!(false);
        said.userinfo = json!({ "sub": "ada-at-example", "email": "ada@example.com", "email_verified": "false" });
    });
    come_back(&users, &gone).await.assert_problem(403, "provider_email_not_verified");
    // As most providers do: what is about the person only to another question.
    let gone = go(&provider, &users).await;
    provider.say(|said| {
        said.id_token["email"] = Value::Null;
        said.userinfo = json!({ "sub": "ada-at-example", "email": "Ada@Example.com", "email_verified": true });
    });
    let login = come_back(&users, &gone).await;
    assert_eq!(login.assert_status(200).text_at("/user/id"), id.to_string());
    users.recorder.wait_for(|event: &ProviderLinked| event.account_id == id).await;
    users.login("ada@example.com", PASSWORD).await.assert_status(200);
    // Somebody else's word on it is none.
    let gone = go(&provider, &users).await;
    provider.say(|said| {
        said.id_token["email"] = Value::Null;
        said.id_token["sub"] = json!("eve-at-example");
        said.userinfo = json!({ "sub": "ada-at-example", "email": "ada@example.com", "email_verified": true });
    });
    come_back(&users, &gone).await.assert_problem(401, "provider_refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_ended_once_by_the_browser_that_began_it() {
    let provider = Provider::start().await;
    let users = provider.users().await;
    let (one, other) = (go(&provider, &users).await, go(&provider, &users).await);
    // Somebody has another's browser end a login of theirs.
    let crossed = Gone { token: one.token.clone(), state: other.state.clone(), nonce: one.nonce.clone() };
    come_back(&users, &crossed).await.assert_problem(401, "provider_login_over");
    come_back(&users, &one).await.assert_problem(401, "provider_login_over");
    let foreign = json!({ "token": other.token, "state": other.state, "code": "good", "iss": "https://evil.example" });
    users.visitor.post("/auth/provider/finish", foreign).await.assert_problem(401, "provider_login_over");
    let late = go(&provider, &users).await;
    users.clock.advance(time::Duration::minutes(11));
    come_back(&users, &late).await.assert_problem(401, "provider_login_over");
    let made_up = Gone { token: "made-up".to_owned(), state: String::new(), nonce: String::new() };
    come_back(&users, &made_up).await.assert_problem(401, "provider_login_over");
    let refused = go(&provider, &users).await;
    let body = json!({ "token": refused.token, "state": refused.state, "code": "stolen" });
    users.visitor.post("/auth/provider/finish", body).await.assert_problem(401, "provider_refused");
}

/// Makes a token of claims.
type Forge<'l> = &'l dyn Fn(&Value) -> String;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_what_it_should_be_is_not_believed() {
    let provider = Provider::start().await;
    let users = provider.users().await;
    let (stranger, now) = (Signer::stranger(), Clock::system().now().unix_timestamp());
    let unsigned = |claims: &Value| {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", encode(&json!({"alg": "none"})), encode(claims))
    };
    let shared = |claims: &Value| {
        let key = jsonwebtoken::EncodingKey::from_secret(provider.signer.public_key().as_bytes());
        let header = jsonwebtoken::Header { kid: Some(provider.signer.kid().to_owned()), ..Default::default() };
        jsonwebtoken::encode(&header, claims, &key).unwrap()
    };
    let signed = |claims: &Value| provider.signer.sign("JWT", claims);
    let changes = [
        ("another nonce", "nonce", json!("another")),
        ("no nonce", "nonce", Value::Null),
        ("another issuer", "iss", json!("https://evil.example")),
        ("another audience", "aud", json!("another shop")),
        ("several audiences and no word whose", "aud", json!([CLIENT, "another shop"])),
        ("another authorised party", "azp", json!("another shop")),
        ("over", "exp", json!(now - 60)),
        ("from the future", "iat", json!(now + 600)),
        ("nobody", "sub", json!("")),
    ];
    for (what, claim, value) in changes {
        let gone = go(&provider, &users).await;
        let mut claims = provider.claims(&gone.nonce);
        claims[claim] = value;
        provider.say(|said| said.token = Some(signed(&claims)));
        let answer = come_back(&users, &gone).await;
        assert_eq!(answer.body["code"], "provider_refused", "{what}: {}", answer.text);
    }
    let forged: [(&str, Forge<'_>); 3] = [
        ("nobody's signature", &unsigned),
        ("a key that all know", &shared),
        ("a stranger's", &|claims| stranger.sign("JWT", claims)),
    ];
    for (what, forge) in forged {
        let gone = go(&provider, &users).await;
        provider.say(|said| said.token = Some(forge(&provider.claims(&gone.nonce))));
        let answer = come_back(&users, &gone).await;
        assert_eq!(answer.body["code"], "provider_refused", "{what}: {}", answer.text);
    }
    assert_eq!(users.database.count("SELECT count(*) FROM accounts").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_of_another_issuer_is_none_and_one_that_is_away_is_said_to_be() {
    let provider = Provider::start().await;
    let users = provider.users().await;
    provider.say(|said| said.away = true);
    users.visitor.post("/auth/provider/begin", json!({})).await.assert_problem(503, "provider_unavailable");
    provider.say(|said| (said.away, said.issuer) = (false, Some("https://evil.example".to_owned())));
    users.visitor.post("/auth/provider/begin", json!({})).await.assert_problem(401, "provider_refused");
    let without = Users::open().await;
    without.visitor.get("/auth/provider").await.assert_problem(404, "provider_not_found");
    without.visitor.post("/auth/provider/begin", json!({})).await.assert_problem(404, "provider_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_suspended_stays_out_this_way_too() {
    let provider = Provider::start().await;
    let users = provider.users().await;
    let id = users.customer("ada@example.com").await;
    let admin = users.login_as_staff().await;
    admin.post(&format!("/users/{id}/suspend"), json!({ "reason": "charge-backs" })).await.assert_status(204);
    let gone = go(&provider, &users).await;
    come_back(&users, &gone).await.assert_problem(403, "account_suspended");
}
