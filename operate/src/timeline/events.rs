//! The order's events: when each was announced, and when each consumer got it.

use super::{
    entry::{Entry, Gathered},
    order::Order,
};
use crate::{
    pruned,
    reach::Reach,
    terminal::{harmless, time_of},
};
use anyhow::Context;
use contracts::{RawEvent, ServiceName, events};
use serde_json::Value;
use service_kit::pruning::first_id_of;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

pub(super) async fn gather(reach: &Reach, order: &Order, into: &mut Gathered) -> anyhow::Result<()> {
    let journey = journey(reach, order).await?;
    let ids: Vec<Uuid> = journey.iter().map(|event| event.id.uuid()).collect();
    let (mut arrived, mut forgotten) = (BTreeMap::new(), BTreeMap::new());
    for service in ServiceName::ALL {
        forgotten.insert(service, pruned::to(reach, service, "inbox").await?.map(first_id_of));
        arrived.insert(service, arrivals(reach, service, &ids).await?);
    }
    for event in &journey {
        let subscribers = events::find(&event.kind).map_or(&[][..], |known| known.subscribers);
        into.entries.push(announced(event, subscribers));
        for service in subscribers {
            let is_forgotten = forgotten[service].is_some_and(|mark| event.id.uuid() < mark);
            if !is_forgotten && !arrived[service].iter().any(|arrival| arrival.id == event.id.uuid()) {
                into.open.push(format!("{service} has not received {}, event {}", event.kind, event.id));
            }
        }
    }
    for (service, arrivals) in &arrived {
        for arrival in arrivals {
            let event = journey.iter().find(|event| event.id.uuid() == arrival.id);
            let traceparent = event.and_then(|event| event.traceparent.as_deref());
            into.entries.push(arrival.entry(*service).traced(traceparent));
            if arrival.status == "waiting" || arrival.status == "dead" {
                into.open.push(format!("{} is {} at {service}, event {}", arrival.kind, arrival.status, arrival.id));
            }
        }
    }
    Ok(())
}

/// The furthest that logs, inboxes and messages were pruned.
///
/// # Errors
/// A database is away.
pub(super) async fn pruned_to(reach: &Reach) -> anyhow::Result<Option<OffsetDateTime>> {
    let mut furthest = None;
    for service in ServiceName::ALL {
        for table in ["event_log", "inbox", "messages"] {
            furthest = furthest.max(pruned::to(reach, service, table).await?);
        }
    }
    Ok(furthest)
}

/// All events of the order. An expired reservation's belongs to the checkout's journey: the order may never have been.
async fn journey(reach: &Reach, order: &Order) -> anyhow::Result<Vec<RawEvent>> {
    let journeys = [order.id.uuid(), order.checkout_id];
    let mut all = Vec::new();
    for service in ServiceName::ALL {
        let query = "SELECT envelope FROM event_log WHERE correlation_id = ANY($1) ORDER BY position";
        let rows = sqlx::query_scalar::<_, Value>(query).bind(&journeys[..]).fetch_all(reach.database(service)).await?;
        for row in rows {
            all.push(RawEvent::from_json(row).with_context(|| format!("the event log of {service} is damaged"))?);
        }
    }
    Ok(all)
}

fn announced(event: &RawEvent, subscribers: &[ServiceName]) -> Entry {
    let to: Vec<_> = subscribers.iter().map(|service| service.short()).collect();
    let to = if to.is_empty() { "nobody".to_owned() } else { to.join(", ") };
    let details = format!("to {to}; #{} {}", event.sequence, event.id);
    Entry::new(event.time, event.source.as_str(), format!("announced {}", event.kind), details)
        .traced(event.traceparent.as_deref())
}

/// A row of an inbox.
#[derive(sqlx::FromRow)]
struct Arrival {
    #[sqlx(rename = "event_id")]
    id: Uuid,
    #[sqlx(rename = "type")]
    kind: String,
    received_at: OffsetDateTime,
    status: String,
    attempts: i32,
    next_at: Option<OffsetDateTime>,
    reason: Option<String>,
}

async fn arrivals(reach: &Reach, service: ServiceName, ids: &[Uuid]) -> anyhow::Result<Vec<Arrival>> {
    let query = "SELECT event_id, type, received_at, status, attempts, next_at, reason FROM inbox
                 WHERE event_id = ANY($1)";
    Ok(sqlx::query_as(query).bind(ids).fetch_all(reach.database(service)).await?)
}

impl Arrival {
    fn entry(&self, service: ServiceName) -> Entry {
        let what = match self.status.as_str() {
            "done" => format!("handled {}", self.kind),
            "waiting" => format!("will try {} again", self.kind),
            "dead" => format!("gave up {}", self.kind),
            _ => format!("{} was dropped by hand", self.kind),
        };
        let mut details = match (self.status.as_str(), self.attempts) {
            ("done", 0 | 1) => String::new(),
            ("done", attempts) => format!("at attempt {attempts}"),
            (_, 1) => "1 attempt failed".to_owned(),
            (_, attempts) => format!("{attempts} attempts failed"),
        };
        if let Some(next_at) = self.next_at {
            details = format!("{details}, due {}", time_of(next_at));
        }
        if let Some(reason) = &self.reason {
            details = format!("{details}: {}", harmless(reason));
        }
        Entry::new(self.received_at, service.as_str(), what, details)
    }
}
