//! What notify-service announces.

use crate::{AccountId, MessageId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = NotificationSent)]
pub struct Sent {
    pub message_id: MessageId,
    pub account_id: AccountId,
    /// The template, e.g. `order_paid`.
    pub template: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = NotificationFailed)]
pub struct Failed {
    pub message_id: MessageId,
    pub account_id: AccountId,
    pub template: String,
    pub attempts: i32,
}
