//! What notify-service announces.

use crate::{AccountId, MessageId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A mail was handed to the mail server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = NotificationSent)]
pub struct Sent {
    /// The message.
    pub message_id: MessageId,
    /// Whom it was for.
    pub account_id: AccountId,
    /// The template, e.g. `order_paid`.
    pub template: String,
}

/// A mail was given up after its last attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = NotificationFailed)]
pub struct Failed {
    /// The message.
    pub message_id: MessageId,
    /// Whom it was for.
    pub account_id: AccountId,
    /// The template, e.g. `order_paid`.
    pub template: String,
    /// How often it was tried.
    pub attempts: i32,
}

/// The receipt of `user.erased`: notify-service keeps nothing of that person any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = NotificationPersonErased)]
pub struct PersonErased {
    /// The account that was.
    pub account_id: AccountId,
    /// How many rows held something of theirs.
    pub rows: i64,
}
