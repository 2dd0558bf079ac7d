//! `notification_db`: who was told what.

use super::{Moment, Reading};
use crate::doctor::Invariant;
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
    pub(crate) created_at: Moment,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct Delivery {
    pub(crate) id: Uuid,
    pub(crate) message_id: Uuid,
    pub(crate) channel: String,
    pub(crate) status: String,
    pub(crate) next_at: Option<Moment>,
    pub(crate) last_error: Option<String>,
    pub(crate) message_id_header: String,
    pub(crate) created_at: Moment,
}

pub(super) async fn read(reading: &mut Reading) -> anyhow::Result<Notices> {
    let messages = "SELECT id, account_id, event_id, template, order_id, created_at FROM messages ORDER BY id";
    let deliveries = "SELECT id, message_id, channel, status, next_at, last_error, message_id_header, created_at
                      FROM deliveries ORDER BY id";
    Ok(Notices {
        messages: reading.rows(Invariant::Notices, "messages", messages).await?,
        deliveries: reading.rows(Invariant::Notices, "deliveries", deliveries).await?,
    })
}
