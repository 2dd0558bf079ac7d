//! How things stand in a service at this moment: what lies in its outbox, its queues and its inbox.

use super::{Counts, Flow, Kept, Moment};
use crate::{Kit, bus::Depth, inbox, outbox};
use contracts::ServiceName;
use serde::{Deserialize, Serialize};
use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};
use time::OffsetDateTime;

/// Whoever asks within this time after another gets the same answer.
const FRESH: Duration = Duration::from_millis(500);
/// The broker is waited for no longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a service stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Now {
    /// Who tells.
    pub service: ServiceName,
    /// When, by its own clock, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// How events travel, and whether they do.
    pub bus: String,
    /// None: the database does not answer.
    pub store: Option<Store>,
    /// What waits at the broker.
    pub queue: Queue,
    /// What went through in the last 60 s.
    pub last_minute: Counts,
    /// Oldest first.
    pub lately: Vec<Moment>,
}

/// What lies in the database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Store {
    /// Events that wait to be confirmed by the bus; counted up to 100,000.
    pub outbox: i64,
    /// Since when the oldest event lies in the outbox.
    #[serde(with = "time::serde::rfc3339::option")]
    pub oldest: Option<OffsetDateTime>,
    /// Events whose reaction failed and is tried again.
    pub waiting: i64,
    /// Events that were given up.
    pub dead: i64,
}

/// What lies with the broker for this service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// There is none: events are handed over inside the process.
    None,
    /// The broker does not answer.
    Away,
    /// Messages that no consumer has taken yet: events, and what the broker gave up.
    Holds {
        /// Events.
        events: u64,
        /// What the broker gave up.
        dead: u64,
    },
}

impl Flow {
    /// One look at database and broker at a time, however many ask.
    pub(super) async fn now(&self, kit: &Kit) -> Option<Now> {
        let kept = self.0.as_ref()?;
        let mut glance = kept.glance.lock().await;
        if let Some((at, now)) = &*glance
            && at.elapsed() < FRESH
        {
            return Some(now.clone());
        }
        let now = look(kept, kit).await;
        *glance = Some((Instant::now(), now.clone()));
        Some(now)
    }
}

async fn look(kept: &Kept, kit: &Kit) -> Now {
    let (store, queue) = tokio::join!(store(kit), queue(kit));
    let at = kept.clock.now();
    let moments = kept.moments.lock().unwrap_or_else(PoisonError::into_inner);
    let (last_minute, lately) = (moments.last_minute(at), moments.last());
    Now { service: kept.service, at, bus: kit.describe_bus().to_owned(), store, queue, last_minute, lately }
}

/// Beside the pool: while all of its connections are in use the database is busy, not away.
async fn store(kit: &Kit) -> Option<Store> {
    let look = kit.database.aside(|connection| {
        Box::pin(async move {
            let out = outbox::backlog(&mut *connection).await?;
            let held = inbox::backlog(connection).await?;
            Ok(Store { outbox: out.pending, oldest: out.oldest, waiting: held.waiting, dead: held.dead })
        })
    });
    look.await.ok()
}

async fn queue(kit: &Kit) -> Queue {
    match tokio::time::timeout(PATIENCE, kit.bus.depth(kit.service)).await {
        Ok(Ok(Some(Depth { events, dead }))) => Queue::Holds { events, dead },
        Ok(Ok(None)) => Queue::None,
        Ok(Err(_)) | Err(_) => Queue::Away,
    }
}
