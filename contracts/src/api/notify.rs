//! What people were told: a customer's own messages, and what became of mails, as staff see it.

use crate::{AccountId, MessageId, OrderId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something that a customer was told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NotificationView {
    /// What it is marked by.
    pub id: MessageId,
    /// What it tells, for programs: `order_paid`.
    pub template: String,
    /// In a line.
    pub title: String,
    /// Plain text; paragraphs are apart by an empty line.
    pub body: String,
    /// The order it is about.
    pub order_id: Option<OrderId>,
    /// When it was read first.
    #[serde(with = "time::serde::rfc3339::option")]
    pub read_at: Option<OffsetDateTime>,
    /// When it was told.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// The number on the bell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnreadCountView {
    /// So many are not read yet.
    pub unread: i64,
}

/// How far a mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// For its next attempt.
    Waiting,
    /// An attempt is being made.
    Sending,
    /// The mail server has taken it.
    Sent,
    /// Given up.
    Failed,
}

impl DeliveryStatus {
    /// All there are, in the order a mail has them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sending, Self::Sent, Self::Failed];

    /// As on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

/// A mail, without its words and its address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeliveryView {
    /// The delivery.
    pub id: Uuid,
    /// What it tells.
    pub message_id: MessageId,
    /// Whom.
    pub account_id: AccountId,
    /// The order it is about, where it is about one.
    pub order_id: Option<OrderId>,
    /// In which words.
    pub template: String,
    /// `email`.
    pub channel: String,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// How many were begun.
    pub attempts: i32,
    /// Whether it can be sent after all: it was given up, and there still is somebody to tell.
    pub can_be_resent: bool,
    /// When it is tried next, or, while sending, when somebody else may take it over.
    #[serde(with = "time::serde::rfc3339::option")]
    pub next_at: Option<OffsetDateTime>,
    /// Why the last attempt failed; names no person.
    pub last_error: Option<String>,
    /// When it was told.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When the mail server took it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub sent_at: Option<OffsetDateTime>,
}
