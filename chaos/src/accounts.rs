//! The people of a fault run, made the way people come: registered, confirmed by the mailed link, logged in; the first
//! administrator by the operator's command. And what they buy.

use super::stack::Stack;
use anyhow::{Context, anyhow, bail};
use axum::{Router, body::Body};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::{AccountId, ServiceName, api::order::CART_TOKEN};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use service_kit::ambient;
use std::{
    collections::BTreeMap,
    process::Stdio,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::io::AsyncWriteExt;
use tower::ServiceExt;

pub const PASSWORD: &str = "seven green bottles";
/// As long as anything can be away, and longer.
const PATIENCE: Duration = Duration::from_secs(180);

/// The services, asked directly: there is no front door to separate processes.
#[derive(Clone)]
pub struct Shop {
    http: reqwest::Client,
    /// Of each replica.
    addresses: BTreeMap<ServiceName, Vec<String>>,
    turn: Arc<AtomicUsize>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Shop {
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn of(stack: &Stack) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(12)).build()?;
        let addresses = |service| stack.replicas(service).map(|replica| stack.url(replica)).collect();
        let addresses = ServiceName::ALL.into_iter().map(|service| (service, addresses(service))).collect();
        Ok(Self { http, addresses, turn: Arc::default() })
    }

    /// The replicas in turn, whoever asks: what one was told another must know.
    fn address(&self, service: ServiceName) -> &str {
        let replicas = &self.addresses[&service];
        &replicas[self.turn.fetch_add(1, Ordering::Relaxed) % replicas.len()]
    }

    /// # Errors
    /// No answer came, or half of one: whether it was acted on is unknown.
    pub async fn ask(
        &self,
        service: ServiceName,
        method: Method,
        path: &str,
        who: impl Into<Who<'_>>,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> reqwest::Result<Answer> {
        let Who { token, cart_token } = who.into();
        // Whoever changes something here takes it as it is.
        let changes = method != Method::GET;
        let mut request = self.http.request(method, format!("{}{path}", self.address(service)));
        if changes {
            request = request.header("if-match", "*");
        }
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if !cart_token.is_empty() {
            request = request.header(CART_TOKEN, cart_token);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let bytes = answer.bytes().await?;
        Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or_default() })
    }

    /// For what must succeed in the end: asked again while it is refused for reasons that pass.
    async fn insist(
        &self,
        service: ServiceName,
        method: Method,
        path: &str,
        token: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        self.insist_under(service, method, path, token.into(), None, Some(body)).await
    }

    /// The same, under a key and by whatever is shown.
    ///
    /// # Errors
    /// It was refused, or no answer came in time.
    pub(crate) async fn insist_under(
        &self,
        service: ServiceName,
        method: Method,
        path: &str,
        who: Who<'_>,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let begun = Instant::now();
        loop {
            let asked = self.ask(service, method.clone(), path, who, key, body).await;
            let passes = asked.as_ref().map_or(true, |answer| answer.status.is_server_error());
            match asked {
                Ok(answer) if answer.status.is_success() => return Ok(answer.body),
                asked if !passes || begun.elapsed() > PATIENCE => bail!("{method} {path} of {service}: {asked:?}"),
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }
}

/// What is shown with a request; empty is not shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Who<'a> {
    pub token: &'a str,
    /// Of a cart that is nobody's.
    pub cart_token: &'a str,
}

impl<'a> From<&'a str> for Who<'a> {
    fn from(token: &'a str) -> Self {
        Self { token, cart_token: "" }
    }
}

impl<'a> From<&'a String> for Who<'a> {
    fn from(token: &'a String) -> Self {
        Self::from(token.as_str())
    }
}

/// Somebody who orders.
pub struct Person {
    pub id: AccountId,
    proof: Proof,
    token: Mutex<String>,
}

/// By what somebody gets another token.
enum Proof {
    /// An account's, with the password that all of them have.
    Email(String),
    /// A guest's.
    Secret(String),
}

impl Person {
    /// As it is now; [`Self::log_in`] when it is refused.
    pub fn token(&self) -> String {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// # Errors
    /// user-service stays away, or refuses.
    pub async fn log_in(&self, shop: &Shop) -> anyhow::Result<()> {
        let (path, body) = match &self.proof {
            Proof::Email(email) => ("/auth/login", json!({"email": email, "password": PASSWORD})),
            Proof::Secret(secret) => ("/auth/guests/token", json!({ "secret": secret })),
        };
        let answer = shop.insist(ServiceName::User, Method::POST, path, "", &body).await?;
        let token = answer["token"].as_str().context("a login without a token")?;
        token.clone_into(&mut self.token.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }

    /// Somebody without an account, for one cart.
    ///
    /// # Errors
    /// user-service stays away, or refuses.
    pub(crate) async fn guest(shop: &Shop, email: &str, cart_id: &str) -> anyhow::Result<Self> {
        let secret = URL_SAFE_NO_PAD.encode(ambient::random_bytes::<32>().map_err(|_| anyhow!("no randomness"))?);
        let body = json!({"email": email, "cart_id": cart_id, "secret": &secret});
        let answer = shop.insist(ServiceName::User, Method::POST, "/auth/guests", "", &body).await?;
        let id = answer["guest_id"].as_str().context("a guest without an id")?.parse()?;
        let token = answer["token"].as_str().context("a guest without a token")?.to_owned();
        Ok(Self { id, proof: Proof::Secret(secret), token: Mutex::new(token) })
    }
}

/// What somebody registers with.
pub(crate) fn registration(email: &str) -> Value {
    json!({
        "first_name": "Ada", "last_name": "Lovelace", "email": email, "password": PASSWORD,
        "address": "12 St James's Square, London", "phone": "+44 20 7946 0000",
    })
}

/// Registers somebody, confirms the mailed link and logs in.
///
/// # Errors
/// It cannot be done within three minutes.
pub(crate) async fn register(stack: &Stack, shop: &Shop, name: &str) -> anyhow::Result<Person> {
    let email = format!("{name}@example.com");
    let body = registration(&email);
    let answer = shop.insist(ServiceName::User, Method::POST, "/auth/register", "", &body).await?;
    let id = answer["user_id"].as_str().context("a registration without an id")?.parse()?;
    let token = link_token(stack, &email).await?;
    let body = json!({"token": token, "password": PASSWORD});
    shop.insist(ServiceName::User, Method::POST, "/auth/verify-email", "", &body).await?;
    let person = Person { id, proof: Proof::Email(email), token: Mutex::default() };
    person.log_in(shop).await?;
    Ok(person)
}

/// The one-time token in the mail that asks to confirm an address.
pub(crate) async fn link_token(stack: &Stack, email: &str) -> anyhow::Result<String> {
    let mails: Router = notify_service::dev_mails(stack.mails());
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let request = Request::get(format!("/dev/mails.json?to={email}")).body(Body::empty())?;
        let answer = mails.clone().oneshot(request).await?;
        let body = axum::body::to_bytes(answer.into_body(), 16 << 20).await?;
        let list: Vec<Value> = serde_json::from_slice(&body).context("reading the mails")?;
        let texts = list.iter().filter_map(|mail| mail["text"].as_str());
        let token = texts.filter_map(|text| text.split_once("verify-email?token=")).find_map(|(_, rest)| {
            rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_').next()
        });
        if let Some(token) = token {
            return Ok(token.to_owned());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("no mail with a link came for {email} within three minutes")
}

/// Makes an administrator by `ecom admin create`, and logs in.
///
/// # Errors
/// The command fails.
pub async fn make_admin(stack: &Stack, shop: &Shop) -> anyhow::Result<Person> {
    let email = "admin@example.com".to_owned();
    let mut command = tokio::process::Command::new(stack.services.program());
    command.args(["admin", "create", "--email", &email, "--password-stdin"]);
    command.env_clear().env("USER_DATABASE_URL", stack.database_url(ServiceName::User.database()));
    command.env("BCRYPT_COST", "4").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn().context("running `ecom admin create`")?;
    let mut input = child.stdin.take().context("a pipe")?;
    input.write_all(PASSWORD.as_bytes()).await?;
    drop(input);
    let output = child.wait_with_output().await?;
    if !output.status.success() {
        bail!("`ecom admin create` failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let id = text.split_once("(account ").and_then(|(_, rest)| rest.split(')').next()).context("no account id")?;
    let admin = Person { id: id.parse()?, proof: Proof::Email(email), token: Mutex::default() };
    admin.log_in(shop).await?;
    Ok(admin)
}

/// Something on sale.
#[derive(Clone, Debug)]
pub struct Product {
    pub id: String,
    pub sku: String,
}

/// Puts a product on sale.
///
/// # Errors
/// product-service refuses it.
pub async fn sell(shop: &Shop, admin: &Person, sku: &str, price: i64, stock: i64) -> anyhow::Result<Product> {
    let category = json!({"name": "Fault run"});
    let (token, product) = (admin.token(), ServiceName::Product);
    shop.insist(product, Method::PUT, "/categories/fault-run", &token, &category).await?;
    let body = json!({
        "sku": sku, "name": format!("The {sku}"), "description": "Sold in a fault run.", "category": "fault-run",
        "price": {"amount": price, "currency": "EUR"}, "status": "active", "stock": stock,
    });
    let answer = shop.insist(product, Method::POST, "/products", &token, &body).await?;
    let id = answer["id"].as_str().context("a product without an id")?;
    Ok(Product { id: id.to_owned(), sku: sku.to_owned() })
}
