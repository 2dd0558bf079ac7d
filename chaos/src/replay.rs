//! Publishing again what was announced before: consumers must not act on it twice.

use super::{dice::Dice, stack::Stack};
use anyhow::{Context, bail};
use contracts::{RawEvent, ServiceName, events};
use operate::reach::Reach;
use serde_json::Value;
use service_kit::Bus;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

const BATCH: usize = 256;
const PATIENCE: Duration = Duration::from_secs(300);

/// Publishes some of the newest events twice each, in any order.
///
/// # Errors
/// A database does not answer, or the broker does not take them.
pub(crate) async fn some(reach: &Reach, bus: &Bus, dice: &mut Dice, wanted: u64) -> anyhow::Result<()> {
    let newest = i64::try_from(wanted)? * 4;
    let service = *dice.pick(&ServiceName::ALL);
    let query = "SELECT envelope FROM event_log ORDER BY position DESC LIMIT $1";
    let stored: Vec<Value> = sqlx::query_scalar(query).bind(newest).fetch_all(reach.database(service)).await?;
    let mut events = stored.into_iter().map(RawEvent::from_json).collect::<Result<Vec<_>, _>>()?;
    dice.shuffle(&mut events);
    events.truncate(usize::try_from(wanted)?);
    events.extend(events.clone());
    dice.shuffle(&mut events);
    publish(bus, &events).await
}

/// Publishes every event of all logs once more, and waits until every consumer has seen all of them. How many there are.
///
/// # Errors
/// A database does not answer, the broker does not take them, or they are not consumed in time.
pub(crate) async fn all(stack: &Stack, reach: &Reach, bus: &Bus, dice: &mut Dice) -> anyhow::Result<u64> {
    let mut all = Vec::new();
    for service in ServiceName::ALL {
        let query = "SELECT envelope FROM event_log ORDER BY position";
        let stored: Vec<Value> = sqlx::query_scalar(query).fetch_all(reach.database(service)).await?;
        let events = stored.into_iter().map(RawEvent::from_json).collect::<Result<Vec<_>, _>>();
        all.extend(events.with_context(|| format!("reading the events of {service}"))?);
    }
    dice.shuffle(&mut all);
    let before = consumed(stack).await?;
    for batch in all.chunks(BATCH) {
        publish(bus, batch).await?;
    }
    let begun = Instant::now();
    loop {
        let now = consumed(stack).await?;
        let missing = ServiceName::ALL.into_iter().find_map(|service| {
            let expected = all.iter().filter(|event| is_for(event, service)).count() as u64;
            let seen = now[&service].saturating_sub(before[&service]);
            (seen < expected).then(|| format!("{service} has consumed {seen} of {expected} repeated events"))
        });
        let Some(missing) = missing else { return Ok(all.len() as u64) };
        if begun.elapsed() > PATIENCE {
            bail!("{missing} after {} s", PATIENCE.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn is_for(event: &RawEvent, service: ServiceName) -> bool {
    events::find(&event.kind).is_some_and(|known| known.subscribers.contains(&service))
}

/// Until the broker has confirmed all of them: our own connection suffers with the others.
pub(super) async fn publish(bus: &Bus, events: &[RawEvent]) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut left = events.to_vec();
    loop {
        let answers = bus.publish(&left).await;
        let refused = left.into_iter().zip(&answers).filter(|(_, answer)| answer.is_err());
        left = refused.map(|(event, _)| event).collect();
        let Some(cause) = answers.into_iter().find_map(Result::err) else { return Ok(()) };
        if begun.elapsed() > Duration::from_secs(30) {
            bail!("the broker does not take events: {cause}");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// How many events each service has consumed in the lives its processes have now, whatever became of them, by their own
/// metrics.
async fn consumed(stack: &Stack) -> anyhow::Result<BTreeMap<ServiceName, u64>> {
    let mut consumed = BTreeMap::new();
    for service in ServiceName::ALL {
        for replica in stack.replicas(service) {
            *consumed.entry(service).or_default() += stack.services.counted(replica, "events_consumed_total").await?;
        }
    }
    Ok(consumed)
}
