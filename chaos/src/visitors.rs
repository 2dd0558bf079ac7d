//! People who come only to go again: each orders as a guest, registers, orders, goes on with another token, logs out elsewhere, wants a copy of
//! what is kept of them, and is erased, all of it while things fail. Afterwards nothing anywhere may hold who they were.

use super::{
    accounts::{self, Answer, Person, Product, Shop, Who},
    carts::Cart,
    client, quiet,
    stack::Stack,
};
use anyhow::{Context, bail, ensure};
use contracts::ServiceName;
use http::{Method, StatusCode};
use operate::reach::Reach;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

/// Stands in each of their names, addresses and orders.
pub(crate) const GONE: &str = "Quetzal-Evanescent";

const PAUSE: Duration = Duration::from_millis(250);
/// As long as anything can be away, and longer.
const PATIENCE: Duration = Duration::from_secs(180);
/// A job that was cut off looks again after a minute, and after half of one where it was refused.
const TO_ERASE: Duration = Duration::from_secs(240);

/// What all of them do it with.
pub(crate) struct Lobby {
    pub(crate) stack: Arc<Stack>,
    pub(crate) shop: Shop,
    pub(crate) products: Vec<Product>,
    /// How many orders of the run are over.
    pub(crate) progress: watch::Receiver<u64>,
    /// No new orders: who has not come yet comes now.
    pub(crate) closing: CancellationToken,
}

/// Somebody on the way, with the tokens they have.
struct Visitor<'l> {
    lobby: &'l Lobby,
    email: String,
    number: u64,
    token: String,
    refresh: String,
}

impl Lobby {
    /// Comes after so many orders, and is erased in the end.
    ///
    /// # Errors
    /// It cannot be done within the time that anything may be away.
    pub(crate) async fn visit(&self, number: u64, after: u64) -> anyhow::Result<()> {
        let mut progress = self.progress.clone();
        tokio::select! {
            waited = progress.wait_for(|done| *done >= after) => drop(waited?),
            () = self.closing.cancelled() => {}
        }
        let email = format!("visitor-{number}-{GONE}@example.com").to_lowercase();
        let mut visitor = Visitor { lobby: self, email, number, token: String::new(), refresh: String::new() };
        visitor.order_as_guest().await.context("a visitor orders as a guest")?;
        visitor.come().await.context("a visitor registers")?;
        visitor.order().await.context("a visitor orders")?;
        visitor.order_the_cart().await.context("a visitor orders what is in their cart")?;
        visitor.refresh().await.context("a visitor refreshes")?;
        visitor.insist(Method::DELETE, "/auth/sessions?others=true", None).await.context("a visitor ends sessions")?;
        visitor.log_in().await.context("a visitor logs in again")?;
        visitor.insist(Method::POST, "/auth/exports", None).await.context("a visitor wants a copy")?;
        let asked = visitor.ask(Method::POST, "/auth/erasure", None).await.context("a visitor wants to be erased")?;
        // The answer may have been lost with the first try, and then nobody is there any more: `erased` waits for it.
        let is_gone = matches!(asked.status, StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND);
        ensure!(asked.status.is_success() || is_gone, "a visitor wants to be erased: {asked:?}");
        Ok(())
    }
}

impl Visitor<'_> {
    async fn come(&mut self) -> anyhow::Result<()> {
        let mut body = accounts::registration(&self.email);
        (body["first_name"], body["address"]) = (json!(GONE), json!(format!("1 {GONE} Square")));
        self.insist(Method::POST, "/auth/register", Some(&body)).await?;
        let token = accounts::link_token(&self.lobby.stack, &self.email).await?;
        let body = json!({"token": token, "password": accounts::PASSWORD});
        // The answer may have been lost with the first try, which made the account.
        if let Err(cause) = self.insist(Method::POST, "/auth/verify-email", Some(&body)).await {
            self.log_in().await.context(cause)?;
        }
        self.log_in().await
    }

    async fn log_in(&mut self) -> anyhow::Result<()> {
        self.token = String::new();
        let body = json!({"email": self.email, "password": accounts::PASSWORD});
        let answer = self.insist(Method::POST, "/auth/login", Some(&body)).await?;
        self.take(&answer)
    }

    /// Whose answer was lost asks again within the grace and gets the same; later it is a log-out, and a login follows.
    async fn refresh(&mut self) -> anyhow::Result<()> {
        let body = json!({"refresh_token": self.refresh});
        match self.insist(Method::POST, "/auth/refresh", Some(&body)).await {
            Ok(answer) => self.take(&answer),
            Err(_late) => self.log_in().await,
        }
    }

    fn take(&mut self, answer: &Value) -> anyhow::Result<()> {
        let part = |name: &str| answer[name].as_str().with_context(|| format!("an answer without {name}"));
        (self.token, self.refresh) = (part("token")?.to_owned(), part("refresh_token")?.to_owned());
        Ok(())
    }

    /// Before they have an account, which gets it when they confirm their address.
    async fn order_as_guest(&self) -> anyhow::Result<()> {
        let (shop, key) = (&self.lobby.shop, format!("visitor-{}-guest", self.number));
        let mut cart = Cart::open(shop).await?;
        let guest = Person::guest(shop, &self.email, &cart.id).await?;
        cart.fill(shop, &key, &[(self.product(), 1)]).await?;
        let (path, body) = (format!("/carts/{}/checkout", cart.id), cart.checkout(self.wanted(&[])));
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let token = guest.token();
            let who = Who { token: &token, cart_token: &cart.token };
            match shop.ask(ServiceName::Order, Method::POST, &path, who, Some(&key), Some(&body)).await {
                Ok(Answer { status: StatusCode::UNAUTHORIZED, .. }) => guest.log_in(shop).await?,
                Ok(answer) if !passes(answer.status) => return Ok(()),
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
        bail!("no answer came in time")
    }

    async fn order(&mut self) -> anyhow::Result<()> {
        let (key, body) = (format!("visitor-{}", self.number), self.wanted(&[(self.product(), 1)]));
        self.buy("/orders", &key, &body).await
    }

    /// What was collected before the log-in, from the cart of their account.
    async fn order_the_cart(&mut self) -> anyhow::Result<()> {
        let key = format!("visitor-{}-cart", self.number);
        let mut cart = Cart::open(&self.lobby.shop).await?;
        cart.fill(&self.lobby.shop, &key, &[(self.product(), 1)]).await?;
        let merged = cart.merge(&self.lobby.shop, &self.token).await?;
        let body = merged.checkout(self.wanted(&[]));
        self.buy(&format!("/carts/{}/checkout", merged.id), &key, &body).await
    }

    fn product(&self) -> &str {
        let products = &self.lobby.products;
        &products[usize::try_from(self.number).unwrap_or_default() % products.len()].sku
    }

    fn wanted(&self, lines: &[(&str, u64)]) -> Value {
        let mut body = client::order(lines, "sim_ok");
        body["shipping_address"]["name"] = json!(GONE);
        body
    }

    async fn buy(&mut self, path: &str, key: &str, body: &Value) -> anyhow::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let (shop, token) = (&self.lobby.shop, self.token.clone());
            match shop.ask(ServiceName::Order, Method::POST, path, &token, Some(key), Some(body)).await {
                Ok(Answer { status: StatusCode::UNAUTHORIZED, .. }) => self.log_in().await?,
                // Sold out is an answer, too.
                Ok(answer) if !passes(answer.status) => return Ok(()),
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
        bail!("no answer came in time")
    }

    async fn insist(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let answer = self.ask(method, path, body).await?;
        ensure!(answer.status.is_success(), "{path}: {answer:?}");
        Ok(answer.body)
    }

    /// Asked of user-service again while it is refused for reasons that pass.
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Answer> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let (shop, method) = (&self.lobby.shop, method.clone());
            match shop.ask(ServiceName::User, method, path, &self.token, None, body).await {
                Ok(answer) if !passes(answer.status) => return Ok(answer),
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
        bail!("{path}: no answer came in time")
    }
}

fn passes(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

/// Waits until every service has sent its receipt for each of them.
///
/// # Errors
/// They are not all erased in time.
pub(crate) async fn erased(reach: &Reach, visitors: u64) -> anyhow::Result<()> {
    let query =
        "SELECT (SELECT count(*) FROM erasures WHERE erased_at IS NOT NULL), (SELECT count(*) FROM erasure_receipts)";
    let (expected, others) = (i64::try_from(visitors)?, i64::try_from(ServiceName::ALL.len() - 1)?);
    quiet::until_none(TO_ERASE, || async {
        let seen: (i64, i64) = sqlx::query_as(query).fetch_one(reach.database(ServiceName::User)).await?;
        let left = format!("of {visitors} visitors {} are erased, with {} receipts", seen.0, seen.1);
        Ok((seen != (expected, expected * others)).then_some(left))
    })
    .await?;
    Ok(())
}
