//! One scene: what shoppers, staff and bad luck do, and what the shopper saw of it.

use super::stage::Stage;
use crate::{
    accounts::{Answer, Product},
    proxy::Mode,
    quiet,
    wiring::Link,
};
use anyhow::{Context, bail, ensure};
use contracts::{RawEvent, ServiceName};
use http::Method;
use lapin::{
    BasicProperties, Connection, ConnectionProperties, options::BasicPublishOptions, options::QueueDeleteOptions,
};
use serde_json::{Value, json};
use service_kit::{
    bus::{Bus, RabbitBus},
    inbox,
};
use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};
use uuid::Uuid;

const CHARGED: &str = "SELECT count(*) FROM payments WHERE status = 'captured' AND order_id = $1::uuid";
const PAID: &str = "SELECT count(*) FROM orders WHERE status = 'paid' AND id = $1::uuid";
/// The first attempt at one of its mails is over, whatever came of it.
const TRIED: &str = "SELECT count(*) FROM deliveries JOIN messages ON messages.id = message_id
                     WHERE deliveries.attempts > 0 AND deliveries.status <> 'sending' AND order_id = $1::uuid";
const TOLD: &str = "SELECT count(*) FROM event_log WHERE type = 'payment.completed' AND correlation_id = $1::uuid";
/// At least two wait for a row of the stock: to look at it, or to write reservations and what they take.
const TWO_WAIT: &str = "SELECT count(*) / 2 FROM pg_stat_activity WHERE datname = current_database()
                        AND wait_event_type = 'Lock' AND query ~ 'stock|reservations' AND $1::text IS NOT NULL";
/// What is waited for may have to wait itself: for the lease that a process had which the scene before killed.
const KNOWN_BY: Duration = Duration::from_secs(75);
/// A shopper gives up after this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is played.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// One request to order, whatever becomes of it.
    TryOnce,
    /// An order by this payment method, the request repeated until it is answered.
    Buy(&'static str),
    BuyTwoProducts,
    /// Cancelled as soon as it is placed.
    BuyAndCancelAtOnce(&'static str),
    /// Cancelled when payment-service has the money.
    BuyAndCancelWhenCharged(&'static str),
    /// Cancelled when order-service says that it is paid.
    BuyAndCancelWhenPaid(&'static str),
    BuyAndShip,
    /// The same request twice.
    DoubleClick,
    /// The first request takes long to commit; the second overtakes it.
    SlowThenQuick,
    /// Nothing gets through to the broker while an order is placed, then the connection breaks.
    BlackHole,
    /// order-service is away and its queue is gone when the payment's outcome is announced.
    QueueGone,
    /// An event of the payment is delivered again.
    DeliverAgain,
    /// A message that nobody can read.
    Garbage,
    /// What is away stays so.
    BuyWithout(ServiceName),
    /// user-service, which knows the address, is away when the first mail is tried, and back for the next attempt.
    BuyAndMissTheMail,
    /// Twenty buyers for the last piece, in a database that does not stop them.
    RaceForTheLast,
    AdjustStock,
}

pub(super) struct Scene<'s> {
    stage: &'s Stage,
    /// The load client's log: one line per key.
    log: PathBuf,
    /// Ids that dead letters must have.
    pub(super) poison: Vec<Uuid>,
}

impl<'s> Scene<'s> {
    pub(super) fn new(stage: &'s Stage) -> anyhow::Result<Self> {
        let log = stage.stack.folder().join("client.jsonl");
        fs::write(&log, "")?;
        Ok(Self { stage, log, poison: Vec::new() })
    }

    pub(super) fn log(&self) -> PathBuf {
        self.log.clone()
    }

    pub(super) async fn play(&mut self, act: Act) -> anyhow::Result<()> {
        let mug = &self.stage.mug;
        match act {
            Act::TryOnce => {
                let key = key();
                let answer = self.order(&key, &[(mug, 1)], "sim_ok").await;
                self.note(&key, &[(mug, 1)], &answer.into_iter().collect::<Vec<_>>())
            }
            Act::Buy(method) => self.buy(&[(mug, 2)], method).await.map(drop),
            Act::BuyTwoProducts => self.buy(&[(mug, 2), (&self.stage.plate, 1)], "sim_ok").await.map(drop),
            Act::BuyAndCancelAtOnce(method) => {
                let id = self.buy(&[(mug, 1)], method).await?;
                self.cancel(&id).await
            }
            Act::BuyAndCancelWhenCharged(method) => {
                let id = self.buy(&[(mug, 1)], method).await?;
                self.until(ServiceName::Payment, CHARGED, &id).await?;
                self.cancel(&id).await
            }
            Act::BuyAndCancelWhenPaid(method) => {
                let id = self.buy(&[(mug, 1)], method).await?;
                self.until(ServiceName::Order, PAID, &id).await?;
                self.cancel(&id).await
            }
            Act::BuyAndShip => {
                let id = self.buy(&[(mug, 2)], "sim_ok").await?;
                self.until(ServiceName::Order, PAID, &id).await?;
                self.staff(ServiceName::Order, &format!("/orders/{id}/fulfil"), &json!({})).await
            }
            Act::DoubleClick => {
                let key = key();
                let (lines, method) = ([(mug, 1)], "sim_ok");
                let (one, two) = tokio::join!(self.order(&key, &lines, method), self.order(&key, &lines, method));
                self.note(&key, &lines, &[one?, two?])
            }
            Act::SlowThenQuick => self.slow_then_quick().await,
            Act::BlackHole => self.black_hole().await,
            Act::QueueGone => self.queue_gone().await,
            Act::DeliverAgain => self.deliver_again().await,
            Act::Garbage => self.garbage().await,
            Act::BuyWithout(service) => {
                self.stage.stack.services.kill(service);
                self.stage.stack.services.wait_dead(service, Duration::from_secs(5)).await?;
                self.buy(&[(mug, 1)], "sim_ok").await.map(drop)
            }
            Act::BuyAndMissTheMail => self.miss_the_mail().await,
            Act::RaceForTheLast => self.race().await,
            Act::AdjustStock => {
                let path = format!("/products/{}/stock-adjustments", mug.id);
                self.staff(ServiceName::Product, &path, &json!({"quantity": 7, "reason": "restocked"})).await
            }
        }
    }

    async fn slow_then_quick(&self) -> anyhow::Result<()> {
        let (slow, quick) = (key(), key());
        let (lines, method) = ([(&self.stage.mug, 1)], "sim_ok");
        let second = async {
            tokio::time::sleep(Duration::from_millis(400)).await;
            self.order(&quick, &lines, method).await
        };
        let (one, two) = tokio::join!(self.order(&slow, &lines, method), second);
        self.note(&slow, &lines, &[one?])?;
        self.note(&quick, &lines, &[two?])
    }

    /// One request.
    pub(super) async fn order(&self, key: &str, lines: &[(&Product, i64)], method: &str) -> anyhow::Result<Answer> {
        let lines: Vec<_> =
            lines.iter().map(|(product, quantity)| json!({"sku": product.sku, "quantity": quantity})).collect();
        let body = json!({"lines": lines, "payment_method": method, "shipping_address": {
            "name": "Ada Lovelace", "line1": "12 St James's Square", "postal_code": "SW1Y 4JH", "city": "London",
            "country": "GB",
        }});
        let token = self.stage.customer.token();
        let shop = &self.stage.shop;
        Ok(shop.ask(ServiceName::Order, Method::POST, "/orders", &token, Some(key), Some(&body)).await?)
    }

    /// Repeats the request under one key until it is answered; gives the order's id.
    pub(super) async fn buy(&self, lines: &[(&Product, i64)], method: &str) -> anyhow::Result<String> {
        let key = key();
        let answer = self.insist(&key, lines, method).await?;
        let id = answer.body["id"].as_str().context("an order without an id")?.to_owned();
        self.note(&key, lines, &[answer])?;
        Ok(id)
    }

    pub(super) async fn insist(&self, key: &str, lines: &[(&Product, i64)], method: &str) -> anyhow::Result<Answer> {
        let begun = Instant::now();
        loop {
            match self.order(key, lines, method).await {
                Ok(answer) if answer.status == 201 => return Ok(answer),
                Ok(answer) if !answer.status.is_server_error() => bail!("the order was refused: {}", answer.body),
                _ if begun.elapsed() > PATIENCE => bail!("the order was not answered within 30 s"),
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn cancel(&self, id: &str) -> anyhow::Result<()> {
        let (path, key, token) = (format!("/orders/{id}/cancel"), key(), self.stage.customer.token());
        let begun = Instant::now();
        loop {
            let asked = self.stage.shop.ask(ServiceName::Order, Method::POST, &path, &token, Some(&key), None).await;
            match asked {
                Ok(answer) if answer.status.is_success() => return Ok(()),
                asked if begun.elapsed() > PATIENCE => bail!("the order could not be cancelled: {asked:?}"),
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn staff(&self, service: ServiceName, path: &str, body: &Value) -> anyhow::Result<()> {
        let token = self.stage.admin.token();
        let answer = self.stage.shop.ask(service, Method::POST, path, &token, Some(&key()), Some(body)).await?;
        ensure!(answer.status.is_success(), "{path} answered {}: {}", answer.status, answer.body);
        Ok(())
    }

    /// Waits until a service knows this of an order; `found` counts, with the order's id as `$1`.
    async fn until(&self, service: ServiceName, found: &'static str, order: &str) -> anyhow::Result<()> {
        let reach = self.stage.reach().await?;
        let begun = Instant::now();
        loop {
            let count: i64 = sqlx::query_scalar(found).bind(order).fetch_one(reach.database(service)).await?;
            if count > 0 {
                return Ok(());
            }
            ensure!(begun.elapsed() < KNOWN_BY, "nothing after 75 s: {found}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn miss_the_mail(&self) -> anyhow::Result<()> {
        let services = &self.stage.stack.services;
        services.kill(ServiceName::User);
        services.wait_dead(ServiceName::User, Duration::from_secs(5)).await?;
        let id = self.buy(&[(&self.stage.mug, 1)], "sim_ok").await?;
        self.until(ServiceName::Notify, TRIED, &id).await?;
        // Else no mail could be sent, and what waits for that is found with and without the cure.
        services.restart(ServiceName::User, None)?;
        services.wait_ready(ServiceName::User).await.map(drop)
    }

    async fn black_hole(&self) -> anyhow::Result<()> {
        let (stack, link) = (&self.stage.stack, Link::Broker(ServiceName::Order.into()));
        // The relay connects with its first event.
        let id = self.buy(&[(&self.stage.mug, 1)], "sim_ok").await?;
        self.until(ServiceName::Order, PAID, &id).await?;
        stack.disturb(link, Mode::BlackHole);
        self.buy(&[(&self.stage.mug, 1)], "sim_ok").await?;
        // Long enough for a relay that trusts its socket.
        tokio::time::sleep(Duration::from_secs(2)).await;
        stack.cut(link);
        // Until the connections are gone: opened in the same moment, the hole would let out what it holds.
        tokio::time::sleep(Duration::from_millis(500)).await;
        stack.disturb(link, Mode::Pass);
        Ok(())
    }

    async fn queue_gone(&self) -> anyhow::Result<()> {
        // What other scenes left in the queue would be gone with it, and that is nobody's mistake.
        quiet::wait(&self.stage.reach().await?, Duration::from_secs(120)).await?;
        let id = self.buy(&[(&self.stage.mug, 1)], "sim_slow").await?;
        self.until(ServiceName::Payment, "SELECT count(*) FROM payments WHERE order_id = $1::uuid", &id).await?;
        let services = &self.stage.stack.services;
        services.kill(ServiceName::Order);
        services.wait_dead(ServiceName::Order, Duration::from_secs(5)).await?;
        let broker = self.broker().await?;
        let channel = broker.create_channel().await?;
        channel.queue_delete("order-service.events".into(), QueueDeleteOptions::default()).await?;
        self.until(ServiceName::Payment, TOLD, &id).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        services.restart(ServiceName::Order, None)?;
        let _ = broker.close(200, "".into()).await;
        Ok(())
    }

    async fn deliver_again(&self) -> anyhow::Result<()> {
        let id = self.buy(&[(&self.stage.mug, 1)], "sim_ok").await?;
        self.until(ServiceName::Order, PAID, &id).await?;
        let reach = self.stage.reach().await?;
        let stored = "SELECT envelope FROM event_log WHERE type = 'payment.completed' AND correlation_id = $1::uuid";
        let stored = sqlx::query_scalar::<_, Value>(stored).bind(&id);
        let stored = stored.fetch_one(reach.database(ServiceName::Payment)).await?;
        let bus = Bus::Rabbit(RabbitBus::new(self.stage.stack.amqp_url().into(), "ecom"));
        bus.publish(&[RawEvent::from_json(stored)?]).await.into_iter().collect::<Result<(), _>>()?;
        Ok(())
    }

    async fn garbage(&mut self) -> anyhow::Result<()> {
        let body = b"this is no event";
        let broker = self.broker().await?;
        let channel = broker.create_channel().await?;
        let (queue, options) = ("payment-service.events".into(), BasicPublishOptions::default());
        let sent = channel.basic_publish("".into(), queue, options, body, BasicProperties::default()).await?;
        sent.await?;
        let _ = broker.close(200, "".into()).await;
        self.poison.push(inbox::id_of_unreadable(body));
        // Behind it in the queue: when this is settled, the other was received too.
        self.buy(&[(&self.stage.mug, 1)], "sim_ok").await.map(drop)
    }

    async fn race(&self) -> anyhow::Result<()> {
        let reach = self.stage.reach().await?;
        let unguarded = "ALTER TABLE stock DROP CONSTRAINT stock_never_oversold";
        sqlx::query(unguarded).execute(reach.database(ServiceName::Product)).await?;
        let lines = [(&self.stage.last, 1)];
        // Held until two are about to take it: whoever looked before by then has seen the same last piece.
        let mut holding = reach.database(ServiceName::Product).begin().await?;
        let hold = "SELECT FROM stock JOIN variants ON variants.id = variant_id WHERE sku = $1 FOR UPDATE OF stock";
        sqlx::query(hold).bind(&self.stage.last.sku).execute(&mut *holding).await?;
        let buyers = (0..20).map(|_| async {
            let key = key();
            let answer = self.order(&key, &lines, "sim_ok").await?;
            self.note(&key, &lines, &[answer])
        });
        let let_go = async {
            self.until(ServiceName::Product, TWO_WAIT, &self.stage.last.sku).await?;
            anyhow::Ok(holding.rollback().await?)
        };
        tokio::try_join!(futures_util::future::try_join_all(buyers), let_go).map(drop)
    }

    async fn broker(&self) -> anyhow::Result<Connection> {
        let url = self.stage.stack.amqp_url();
        Ok(Connection::connect(&url, ConnectionProperties::default()).await?)
    }

    /// Writes down what the shopper knows of a key.
    pub(super) fn note(&self, key: &str, lines: &[(&Product, i64)], answers: &[Answer]) -> anyhow::Result<()> {
        let placed: Vec<&Value> =
            answers.iter().filter(|answer| answer.status == 201).map(|answer| &answer.body).collect();
        let mut ids: Vec<&Value> = placed.iter().map(|body| &body["id"]).collect();
        ids.dedup();
        let refused = answers.iter().any(|answer| answer.status.is_client_error());
        let outcome = match (placed.is_empty(), refused) {
            (false, _) => "ok",
            (true, true) => "failed",
            (true, false) => "unknown",
        };
        let lines: Vec<_> =
            lines.iter().map(|(product, quantity)| json!({"sku": product.sku, "quantity": quantity})).collect();
        let line = json!({
            "key": key, "customer_id": self.stage.customer.id, "outcome": outcome, "order_ids": ids,
            "total": placed.first().map(|body| &body["total"]), "lines": lines,
            "differing_answers": placed.iter().any(|body| *body != placed[0]),
        });
        let mut log = fs::File::options().append(true).open(&self.log)?;
        Ok(std::io::Write::write_all(&mut log, format!("{line}\n").as_bytes())?)
    }
}

/// A fresh intent.
pub(super) fn key() -> String {
    Uuid::new_v4().to_string()
}
