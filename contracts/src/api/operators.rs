//! What operators see of any service: the events it announced, what it gave up acting on, and its audit log. The same at all
//! five.

use crate::EventId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a dead letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeadLetterStatus {
    /// It was given up, until somebody decides.
    Dead,
    /// Somebody decided that it is never acted on.
    Dropped,
    /// Somebody had it tried again: it is one no more.
    Waiting,
}

/// An event that a service gave up acting on, or a message that it could not read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DeadLetter)]
pub struct DeadLetterView {
    /// The event; an id of its own for what could not be read.
    pub id: Uuid,
    /// `unreadable` for a message that is no event of ours.
    #[serde(rename = "type")]
    pub kind: String,
    /// The aggregate it is about.
    pub subject: Uuid,
    /// Which of its changes.
    pub sequence: i64,
    /// When it came first.
    #[serde(with = "time::serde::rfc3339")]
    pub received_at: OffsetDateTime,
    /// Where it stands.
    pub status: DeadLetterStatus,
    /// Failed ones.
    pub attempts: i32,
    /// Why the last attempt failed.
    pub reason: Option<String>,
    /// Whether it can be tried again. What nobody can read can only be dropped.
    pub can_be_replayed: bool,
    /// As it was received; left out of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    pub envelope: Option<Value>,
}

/// Body of `POST …/dead-letters/{id}/drop`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DropRequest)]
pub struct DropBody {
    /// Why it is never to be acted on, for whoever asks later; 1 to 1000 characters on one line.
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00-\x1F\x7F-\x9F]*$")]
    pub reason: String,
}

/// An event that a service announced, as it stands in its log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AnnouncedEvent)]
pub struct AnnouncedEventView {
    /// What it is.
    pub id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// The aggregate it is about.
    pub subject: Uuid,
    /// Which of its changes.
    pub sequence: i64,
    /// The journey it belongs to: an order's id, for all that followed from the order.
    pub journey: Uuid,
    /// The event behind it.
    pub causation_id: Option<EventId>,
    /// When it was announced.
    #[serde(with = "time::serde::rfc3339")]
    pub announced_at: OffsetDateTime,
    /// The whole event, as it was announced; left out of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub envelope: Option<Value>,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct AuditView {
    /// Its own.
    pub id: Uuid,
    /// When it was done.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// `person`, `machine`, or `service` by itself.
    pub actor_kind: String,
    /// The account, or the API key.
    pub actor: Option<Uuid>,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub subject: Option<Uuid>,
    /// False for what they were not let.
    pub allowed: bool,
    /// What changed, as it was.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// And as it is.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
    /// The network it came from.
    pub network: Option<String>,
}
