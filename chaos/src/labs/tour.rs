//! A walk through the whole shop, leg by leg, so that as many crash points as possible are passed: in the first walk each
//! service tells which, then a process dies at one of them while its leg is walked again.

use super::{
    scene::{Scene, key},
    stage::Stage,
};
use crate::accounts;
use anyhow::{Context, bail};
use contracts::ServiceName::{self, Notify, Order, Payment, Product, User};
use http::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What has to be done is asked for again for so long.
const PATIENCE: Duration = Duration::from_secs(45);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leg {
    /// Somebody registers, has the mail sent again, and confirms.
    Register,
    /// Staff make a product, change it, restock it and take it off the shelf.
    Catalogue,
    /// Bought, paid, sent; what was written about it is read.
    Ship,
    /// Refused by the provider.
    Declined,
    /// Cancelled after it was paid.
    Refund,
    /// The provider's answer gets lost: it is asked what became of the charge.
    Lost,
    /// Nobody stores the order of a reservation, which expires.
    Expire,
    /// Nobody pays in time.
    Unpaid,
}

impl Leg {
    pub(super) const ALL: [Self; 8] = [
        Self::Register,
        Self::Catalogue,
        Self::Ship,
        Self::Declined,
        Self::Refund,
        Self::Lost,
        Self::Expire,
        Self::Unpaid,
    ];

    /// Bad luck that the leg is about: `ECOM_FAULTS` of a service.
    pub(super) fn luck(self) -> Option<(ServiceName, &'static str)> {
        match self {
            Self::Expire => Some((Order, "error:answered:reservations")),
            _ => None,
        }
    }

    /// Walks it; what is not answered is asked for again.
    pub(super) async fn walk(self, stage: &Stage, scene: &Scene<'_>) -> anyhow::Result<()> {
        let lines = [(&stage.mug, 1)];
        match self {
            Self::Register => register(stage).await,
            Self::Catalogue => catalogue(stage).await,
            Self::Ship => {
                let order = scene.buy(&lines, "sim_ok").await?;
                until(stage, &order, "paid").await?;
                done(stage, Order, Method::POST, &format!("/orders/{order}/fulfil"), &stage.admin.token(), json!({}))
                    .await?;
                until(stage, &order, "fulfilled").await?;
                read_all(stage).await
            }
            Self::Declined => {
                let order = scene.buy(&lines, "sim_declined").await?;
                until(stage, &order, "cancelled").await
            }
            Self::Refund => {
                let order = scene.buy(&lines, "sim_ok").await?;
                until(stage, &order, "paid").await?;
                let path = format!("/orders/{order}/cancel");
                done(stage, Order, Method::POST, &path, &stage.customer.token(), Value::Null).await.map(drop)
            }
            Self::Lost => {
                let order = scene.buy(&lines, "sim_lost").await?;
                until(stage, &order, "paid").await
            }
            Self::Expire => {
                let key = key();
                let answer = scene.order(&key, &lines, "sim_ok").await;
                scene.note(&key, &lines, &Vec::from_iter(answer))
            }
            Self::Unpaid => {
                stage.stack.services.kill(Payment);
                stage.stack.services.wait_dead(Payment, Duration::from_secs(5)).await?;
                let order = scene.buy(&lines, "sim_ok").await?;
                let cancelled = until_within(stage, &order, "cancelled", PATIENCE * 2).await;
                stage.stack.services.restart(Payment, None)?;
                stage.stack.services.wait_ready(Payment).await?;
                cancelled
            }
        }
    }
}

async fn register(stage: &Stage) -> anyhow::Result<()> {
    let post = |path: &'static str, body| done(stage, User, Method::POST, path, "", body);
    let (who, other) = (address(), address());
    post("/auth/register", accounts::registration(&who)).await?;
    let token = accounts::link_token(&stage.stack, &who).await?;
    post("/auth/verify-email", json!({"token": token, "password": accounts::PASSWORD})).await?;
    // Somebody else asks for the mail again; one who asks too often is refused, which is no matter here.
    post("/auth/register", accounts::registration(&other)).await?;
    let _sent_or_refused = post("/auth/resend-verification", json!({"email": other})).await;
    Ok(())
}

fn address() -> String {
    format!("walker-{}@example.com", &key()[..8])
}

async fn catalogue(stage: &Stage) -> anyhow::Result<()> {
    let (token, sku) = (stage.admin.token(), format!("WALK-{}", key()[..8].to_uppercase()));
    let product = json!({
        "sku": sku, "name": "Made on a walk", "description": "Soon gone.", "category": "fault-run",
        "price": {"amount": 500, "currency": "EUR"}, "status": "active", "stock": 3,
    });
    let made = done(stage, Product, Method::POST, "/products", &token, product).await?;
    let path = format!("/products/{}", made["id"].as_str().context("a product without an id")?);
    done(stage, Product, Method::PATCH, &path, &token, json!({"name": "Changed on a walk"})).await?;
    let more = json!({"quantity": 4, "reason": "restocked"});
    done(stage, Product, Method::POST, &format!("{path}/stock-adjustments"), &token, more).await?;
    done(stage, Product, Method::POST, &format!("{path}/archive"), &token, Value::Null).await.map(drop)
}

async fn read_all(stage: &Stage) -> anyhow::Result<()> {
    let token = stage.customer.token();
    let list = done(stage, Notify, Method::GET, "/notifications", &token, Value::Null).await?;
    if let Some(id) = list["items"][0]["id"].as_str() {
        done(stage, Notify, Method::POST, &format!("/notifications/{id}/read"), &token, Value::Null).await?;
    }
    done(stage, Notify, Method::POST, "/notifications/read-all", &token, Value::Null).await.map(drop)
}

/// Asks until it is answered, under one key. A refusal of what was asked for again counts: it was done before.
async fn done(
    stage: &Stage,
    service: ServiceName,
    method: Method,
    path: &str,
    token: &str,
    body: Value,
) -> anyhow::Result<Value> {
    let (key, begun) = (key(), Instant::now());
    let body = (!body.is_null()).then_some(&body);
    let mut again = false;
    loop {
        match stage.shop.ask(service, method.clone(), path, token, Some(&key), body).await {
            Ok(answer) if answer.status.is_success() || (again && answer.status.is_client_error()) => {
                return Ok(answer.body);
            }
            Ok(answer) if answer.status.is_client_error() => bail!("{method} {path} answered {}", answer.body),
            _ if begun.elapsed() > PATIENCE => bail!("{method} {path} was not answered within 45 s"),
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        again = true;
    }
}

async fn until(stage: &Stage, order: &str, status: &str) -> anyhow::Result<()> {
    until_within(stage, order, status, PATIENCE).await
}

async fn until_within(stage: &Stage, order: &str, status: &str, patience: Duration) -> anyhow::Result<()> {
    let (path, token, begun) = (format!("/orders/{order}"), stage.customer.token(), Instant::now());
    loop {
        let answer = stage.shop.ask(Order, Method::GET, &path, &token, None, None).await;
        if answer.as_ref().is_ok_and(|answer| answer.body["status"] == status) {
            return Ok(());
        }
        if begun.elapsed() > patience {
            bail!("the order was not {status} within {} s: {answer:?}", patience.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
