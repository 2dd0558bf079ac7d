//! `notification_db`: who was told what.

use super::{moment::Moment, reading::Reading};
use crate::doctor::Invariant;
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

#[derive(Clone, Debug, Default)]
pub(crate) struct Notices {
    pub(crate) messages: Vec<Message>,
    pub(crate) deliveries: Vec<Delivery>,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Message {
    pub(crate) id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) event_id: Uuid,
    pub(crate) template: String,
    pub(crate) order_id: Option<Uuid>,
    pub(crate) order_number: Option<i64>,
    pub(crate) created_at: Moment,
    /// Of its last change. That its mail was sent is one that is told and not counted on: nothing comes after it.
    pub(crate) version: i64,
    /// What the mail says, of what the event says as well; null where it says nothing of it.
    pub(crate) number: Option<String>,
    pub(crate) amount: Option<String>,
    pub(crate) currency: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) lines: Option<Value>,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Delivery {
    pub(crate) id: Uuid,
    pub(crate) message_id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) channel: String,
    pub(crate) status: String,
    pub(crate) next_at: Option<Moment>,
    pub(crate) last_error: Option<String>,
    pub(crate) message_id_header: String,
    pub(crate) created_at: Moment,
}

impl Delivery {
    /// Whether it is still to be sent.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "waiting" | "sending")
    }
}

pub(super) async fn read(reading: &mut Reading) -> anyhow::Result<Notices> {
    let messages = "SELECT id, account_id, event_id, template, order_id, order_number, created_at,
                        version + (SELECT count(*) FROM deliveries AS sent
                                   WHERE sent.message_id = messages.id AND sent.status = 'sent') AS version,
                        content ->> 'number' AS number, content ->> 'reason' AS reason, content -> 'lines' AS lines,
                        coalesce(content -> 'amount' ->> 'amount', content -> 'total' ->> 'amount') AS amount,
                        coalesce(content -> 'amount' ->> 'currency', content -> 'total' ->> 'currency') AS currency
                    FROM messages
                    WHERE coalesce(order_id, event_id) >= $1
                        OR id IN (SELECT message_id FROM deliveries WHERE status IN ('waiting', 'sending'))
                    ORDER BY id";
    let deliveries =
        "SELECT deliveries.id, message_id, deliveries.account_id, channel, status, next_at, last_error, message_id_header,
             deliveries.created_at
         FROM deliveries LEFT JOIN messages ON messages.id = message_id
         WHERE messages.id IS NULL OR coalesce(order_id, event_id) >= $1 OR status IN ('waiting', 'sending')
         ORDER BY deliveries.id";
    Ok(Notices {
        messages: reading.rows(Invariant::Notices, "messages", messages).await?,
        deliveries: reading.rows(Invariant::Notices, "deliveries", deliveries).await?,
    })
}
