//! When all asynchronous work is done, and when each order was settled.

use crate::{load::Placed, platform::Platform, sink::PER_ORDER};
use anyhow::bail;
use contracts::ServiceName;
use sqlx::AssertSqlSafe;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use time::OffsetDateTime;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(900);
const TICK: Duration = Duration::from_millis(20);

/// What may be left of orders. Few questions, each of an index: who looks on must not be what is measured.
const LEFT: &[(ServiceName, &str)] = &[
    (ServiceName::Order, "SELECT count(*) FROM orders WHERE status = 'pending'"),
    (ServiceName::Product, "SELECT count(*) FROM reservations WHERE status = 'held'"),
    (ServiceName::Payment, "SELECT count(*) FROM payments WHERE status IN ('created', 'unknown')"),
    (ServiceName::Notify, "SELECT count(*) FROM deliveries WHERE status IN ('waiting', 'sending')"),
];

/// Two readings of one moment, to translate what databases say.
#[derive(Clone, Copy)]
pub(crate) struct Epoch {
    pub(crate) instant: Instant,
    pub(crate) time: OffsetDateTime,
}

impl Epoch {
    pub(crate) fn now() -> Self {
        Self { instant: Instant::now(), time: service_kit::Clock::system().now() }
    }

    fn instant(self, time: OffsetDateTime) -> Instant {
        let since = time - self.time;
        if since.is_negative() { self.instant - since.unsigned_abs() } else { self.instant + since.unsigned_abs() }
    }
}

/// Waits until so many mails more than before have come and nothing is left to do; tells when that was.
///
/// # Errors
/// Something is left after a quarter of an hour.
pub(crate) async fn drained(platform: &Platform, mails_before: u64, orders: u64) -> anyhow::Result<Instant> {
    let begun = Instant::now();
    mails(platform, mails_before + orders * PER_ORDER, begun).await?;
    for (service, question) in LEFT {
        none(platform, *service, question, begun).await?;
    }
    for service in ServiceName::ALL {
        none(platform, service, "SELECT count(*) FROM outbox", begun).await?;
    }
    Ok(Instant::now())
}

/// Waits until so many mails have ever come and none is left to be sent, whatever else is.
///
/// # Errors
/// As [`drained`].
pub(crate) async fn mailed(platform: &Platform, wanted: u64) -> anyhow::Result<()> {
    let begun = Instant::now();
    mails(platform, wanted, begun).await?;
    for (service, question) in LEFT.iter().filter(|(service, _)| *service == ServiceName::Notify) {
        none(platform, *service, question, begun).await?;
    }
    Ok(())
}

/// The mail server is ours: asking it costs the platform nothing.
async fn mails(platform: &Platform, wanted: u64, since: Instant) -> anyhow::Result<()> {
    while platform.sink.mails() < wanted {
        pause("mails are missing", since).await?;
    }
    Ok(())
}

async fn none(platform: &Platform, service: ServiceName, left: &'static str, since: Instant) -> anyhow::Result<()> {
    while ask(platform, service, left).await? > 0 {
        pause(left, since).await?;
    }
    Ok(())
}

async fn pause(what: &str, since: Instant) -> anyhow::Result<()> {
    if since.elapsed() > PATIENCE {
        bail!("not drained: {what}");
    }
    tokio::time::sleep(TICK).await;
    Ok(())
}

async fn ask(platform: &Platform, service: ServiceName, question: &'static str) -> anyhow::Result<i64> {
    Ok(sqlx::query_scalar(AssertSqlSafe(question)).fetch_one(platform.watch(service)).await?)
}

/// How long each took from its intended start to the last of: paid, stock committed, both mails taken.
///
/// # Errors
/// An order was not settled.
pub(crate) async fn settling(platform: &Platform, placed: &[Placed], epoch: Epoch) -> anyhow::Result<Vec<Duration>> {
    let numbers: Vec<i64> = placed.iter().map(|one| one.number).collect();
    let query = "SELECT id, number, paid_at FROM orders WHERE number = ANY($1) AND paid_at IS NOT NULL";
    let paid: Vec<(Uuid, i64, OffsetDateTime)> =
        sqlx::query_as(query).bind(&numbers).fetch_all(platform.watch(ServiceName::Order)).await?;
    let ids: Vec<Uuid> = paid.iter().map(|(id, ..)| *id).collect();
    let query = "SELECT order_id, changed_at FROM reservations WHERE status = 'committed' AND order_id = ANY($1)";
    let committed: Vec<(Uuid, OffsetDateTime)> =
        sqlx::query_as(query).bind(&ids).fetch_all(platform.watch(ServiceName::Product)).await?;
    let (committed, mailed): (HashMap<_, _>, _) = (committed.into_iter().collect(), platform.sink.last_mails());
    let paid: HashMap<_, _> = paid.into_iter().map(|(id, number, at)| (number, (id, at))).collect();
    let settled = |one: &Placed| {
        let (id, paid) = paid.get(&one.number)?;
        let last = (*paid).max(*committed.get(id)?);
        Some(epoch.instant(last).max(*mailed.get(&one.number)?) - one.intended)
    };
    let all: Vec<_> = placed.iter().filter_map(settled).collect();
    if all.len() < placed.len() {
        bail!("{} of {} orders were not settled", placed.len() - all.len(), placed.len());
    }
    Ok(all)
}
