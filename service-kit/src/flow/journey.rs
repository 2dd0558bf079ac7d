//! One journey as this service knows it: the events it announced, those that reached it, and its spans.

use super::{Flow, Span};
use crate::{Kit, pruning::pruned_to};
use contracts::ServiceName;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// A journey with more events than this is shown without the rest.
const EVENTS: i64 = 200;

/// What this service announced on a journey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Journey {
    /// Who tells.
    pub service: ServiceName,
    /// None: it was asked for by a number that this service does not know.
    pub id: Option<Uuid>,
    /// Oldest first.
    pub announced: Vec<Announced>,
    /// What was announced, or was done, before then is not kept any more; none: all of it is.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub pruned_to: Option<OffsetDateTime>,
}

/// An event that this service announced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Announced {
    /// The envelope.
    pub event: Value,
    /// It lies in the outbox still.
    pub pending: bool,
}

/// What this service did with given events, and within given traces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// Who tells.
    pub service: ServiceName,
    /// What came of the events that were asked for.
    pub arrivals: Vec<Arrival>,
    /// By their beginning. What the ring forgot, or tracing never made, is not there.
    pub spans: Vec<Span>,
}

/// An event that reached this service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arrival {
    /// The event.
    pub event_id: Uuid,
    /// When it came first, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// `done`, `waiting`, `dead` or `dropped`.
    pub status: String,
    /// Failed ones, and the one that succeeded after them; 0 when the first succeeded.
    pub attempts: i32,
    /// When it is tried again.
    #[serde(with = "time::serde::rfc3339::option")]
    pub next_at: Option<OffsetDateTime>,
    /// Why it failed the last time.
    pub reason: Option<String>,
}

impl Flow {
    /// `name` is a journey's id, or the number people know it by.
    pub(super) async fn journey(&self, kit: &Kit, name: &str) -> Result<Journey, sqlx::Error> {
        let id = match (name.parse::<Uuid>(), name.parse::<i64>()) {
            (Ok(id), _) => Some(id),
            (_, Ok(number)) => self.by_number(number).await?,
            _ => None,
        };
        let announced = match id {
            Some(id) => announced(kit, id).await?,
            None => Vec::new(),
        };
        let mut connection = kit.database.acquire().await?;
        let log = pruned_to(&mut connection, "event_log").await?;
        let pruned_to = log.max(pruned_to(&mut connection, "inbox").await?);
        Ok(Journey { service: kit.service, id, announced, pruned_to })
    }

    async fn by_number(&self, number: i64) -> Result<Option<Uuid>, sqlx::Error> {
        match self.0.as_ref().and_then(|kept| kept.find.get()) {
            Some(find) => find(number).await,
            None => Ok(None),
        }
    }

    pub(super) async fn work(
        &self,
        kit: &Kit,
        journey: Uuid,
        events: &[Uuid],
        traces: &[String],
    ) -> Result<Work, sqlx::Error> {
        let arrivals = arrivals(kit, events).await?;
        let spans = self.0.as_ref().map(|kept| kept.spans.find(journey, traces)).unwrap_or_default();
        Ok(Work { service: kit.service, arrivals, spans })
    }
}

async fn announced(kit: &Kit, journey: Uuid) -> Result<Vec<Announced>, sqlx::Error> {
    let mut connection = kit.database.acquire().await?;
    sqlx::query_as!(
        Announced,
        r#"SELECT envelope AS event,
                  EXISTS (SELECT FROM outbox WHERE outbox.position = event_log.position) AS "pending!"
           FROM event_log WHERE correlation_id = $1 ORDER BY position LIMIT $2"#,
        journey,
        EVENTS
    )
    .fetch_all(&mut *connection)
    .await
}

async fn arrivals(kit: &Kit, events: &[Uuid]) -> Result<Vec<Arrival>, sqlx::Error> {
    let mut connection = kit.database.acquire().await?;
    sqlx::query_as!(
        Arrival,
        "SELECT event_id, received_at AS at, status, attempts, next_at, reason FROM inbox
         WHERE event_id = ANY($1) ORDER BY received_at",
        events
    )
    .fetch_all(&mut *connection)
    .await
}
