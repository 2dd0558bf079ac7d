//! When a platform is quiet: nothing is pending any more, anywhere, so that what is in its databases is the end of it.

use anyhow::Context;
use contracts::{ServiceName, events};
use operate::{reach::Reach, terminal::say};
use sqlx::AssertSqlSafe;
use std::{
    collections::{BTreeMap, HashSet},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// So many seconds without a word are enough.
const TELL_EVERY: u64 = 10;

/// What each service counts of what it has not finished; more than these may wait in one place.
const PENDING: &[(ServiceName, &str, &str)] = &[
    (ServiceName::Order, "orders to be paid", "SELECT count(*) FROM orders WHERE status = 'pending'"),
    (ServiceName::Product, "reservations held", "SELECT count(*) FROM reservations WHERE status = 'held'"),
    (
        ServiceName::Payment,
        "payments to be settled",
        "SELECT count(*) FROM payments WHERE status IN ('created', 'unknown')",
    ),
    (ServiceName::Payment, "refunds to be made", "SELECT count(*) FROM refunds WHERE status <> 'completed'"),
    (ServiceName::Notify, "mails to be sent", "SELECT count(*) FROM deliveries WHERE status IN ('waiting', 'sending')"),
];

/// Events that were injected to become dead letters, by who must have given them up in the end.
pub(crate) type Poison = BTreeMap<ServiceName, Vec<Uuid>>;

/// Waits until nothing is pending and every event is in the inbox of every subscriber, and tells how long that took.
///
/// # Errors
/// Something still is after `patience`; the sentence says what.
pub async fn wait(reach: &Reach, patience: Duration) -> anyhow::Result<Duration> {
    wait_apart_from(&Poison::new(), reach, patience).await
}

/// [`wait`], where what is still tried of the poison does not count.
///
/// # Errors
/// Something still is pending after `patience`; the sentence says what.
pub(crate) async fn wait_apart_from(poison: &Poison, reach: &Reach, patience: Duration) -> anyhow::Result<Duration> {
    until_none(patience, || pending(reach, poison)).await
}

/// Waits until all of the poison is dead letters.
///
/// # Errors
/// Some is not after `patience`.
pub(crate) async fn wait_until_buried(reach: &Reach, poison: &Poison, patience: Duration) -> anyhow::Result<Duration> {
    until_none(patience, || unburied(reach, poison)).await
}

/// Asks again and again what is left; until nothing is.
///
/// # Errors
/// Something still is after `patience`; the sentence says what.
pub(super) async fn until_none<R>(patience: Duration, ask: impl Fn() -> R) -> anyhow::Result<Duration>
where
    R: Future<Output = anyhow::Result<Option<String>>>,
{
    let (begun, mut told) = (Instant::now(), 0);
    loop {
        // A database that has just come back refuses for a moment.
        let left = ask().await.unwrap_or_else(|cause| Some(format!("{cause:#}")));
        let Some(left) = left else { return Ok(begun.elapsed()) };
        if begun.elapsed() > patience {
            anyhow::bail!("not quiet after {} s: {left}", patience.as_secs());
        }
        if begun.elapsed().as_secs() >= told + TELL_EVERY {
            told += TELL_EVERY;
            say(format!("  {told} s: {left}"));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// What is not finished; `None` when all is.
async fn pending(reach: &Reach, poison: &Poison) -> anyhow::Result<Option<String>> {
    let mut left = Vec::new();
    for service in ServiceName::ALL {
        left.extend(count(reach, service, "events in the outbox", "SELECT count(*) FROM outbox").await?);
        let query = "SELECT count(*) FROM inbox WHERE status = 'waiting' AND event_id <> ALL($1)";
        let apart = poison.get(&service).cloned().unwrap_or_default();
        let waiting: i64 = sqlx::query_scalar(query).bind(apart).fetch_one(reach.database(service)).await?;
        left.extend((waiting > 0).then(|| format!("{service} has {waiting} events to be tried again")));
    }
    for (service, what, statement) in PENDING {
        left.extend(count(reach, *service, what, statement).await?);
    }
    if left.is_empty() {
        // Only now: this reads all there is.
        left.extend(on_the_way(reach).await?);
    }
    Ok((!left.is_empty()).then(|| left.join(", ")))
}

async fn unburied(reach: &Reach, poison: &Poison) -> anyhow::Result<Option<String>> {
    let mut left = Vec::new();
    for (service, ids) in poison {
        let query = "SELECT count(*) FROM inbox WHERE status = 'dead' AND event_id = ANY($1)";
        let there: i64 = sqlx::query_scalar(query).bind(ids).fetch_one(reach.database(*service)).await?;
        let missing = i64::try_from(ids.len())? - there;
        left.extend((missing > 0).then(|| format!("{service} has yet to give up {missing} poison events")));
    }
    Ok((!left.is_empty()).then(|| left.join(", ")))
}

async fn count(
    reach: &Reach,
    service: ServiceName,
    what: &str,
    statement: &'static str,
) -> anyhow::Result<Option<String>> {
    let asked = sqlx::query_scalar::<_, i64>(AssertSqlSafe(statement)).fetch_one(reach.database(service)).await;
    let number = asked.with_context(|| format!("asking {service} for its {what}"))?;
    Ok((number > 0).then(|| format!("{service} has {number} {what}")))
}

/// Events that have left their service and have not arrived: they are in a queue.
async fn on_the_way(reach: &Reach) -> anyhow::Result<Option<String>> {
    for service in ServiceName::ALL {
        let types: Vec<&str> = events::subscribed_by(service).map(|event| event.name).collect();
        let arrived = ids(reach, service, "SELECT event_id FROM inbox WHERE type = ANY($1)", &types).await?;
        let arrived: HashSet<Uuid> = arrived.into_iter().collect();
        let mut missing = 0_usize;
        for announcer in ServiceName::ALL {
            let told = ids(reach, announcer, "SELECT event_id FROM event_log WHERE type = ANY($1)", &types).await?;
            missing += told.iter().filter(|id| !arrived.contains(id)).count();
        }
        if missing > 0 {
            return Ok(Some(format!("{service} has yet to receive {missing} events")));
        }
    }
    Ok(None)
}

async fn ids(reach: &Reach, at: ServiceName, statement: &'static str, types: &[&str]) -> anyhow::Result<Vec<Uuid>> {
    let asked = sqlx::query_scalar(AssertSqlSafe(statement)).bind(types).fetch_all(reach.database(at)).await;
    asked.with_context(|| format!("reading the events of {at}"))
}
