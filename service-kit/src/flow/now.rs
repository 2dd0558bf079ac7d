//! How things stand in a service at this moment: what lies in its outbox, its queues and its inbox.

use super::{Counts, Moment};
use contracts::ServiceName;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

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
