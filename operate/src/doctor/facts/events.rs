//! Every service's event log, outbox and inbox: the kit's tables, the same in each database.

use super::{moment::Moment, reading::Reading};
use crate::doctor::Invariant;
use contracts::{ServiceName, events};
use serde_json::Value;
use sqlx::FromRow;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

#[derive(Clone, Debug, Default)]
pub(crate) struct ServiceEvents {
    /// In the order of the log.
    pub(crate) log: Vec<Logged>,
    pub(crate) inbox: HashMap<Uuid, InboxRow>,
    /// Positions in the outbox that no event of the log has.
    pub(crate) unlogged: Vec<i64>,
}

/// What notify-service does something else about.
pub(crate) const UNTOLD: [&str; 3] = ["user.erased", "user.export_requested", "user.guest_joined"];

/// An event as it was announced. Of its data only what some invariant asks for.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Logged {
    pub(crate) event_id: Uuid,
    pub(crate) kind: String,
    pub(crate) subject: Uuid,
    pub(crate) sequence: i64,
    pub(crate) causation_id: Option<Uuid>,
    pub(crate) announced_at: Moment,
    pub(crate) order_id: Option<String>,
    pub(crate) refund_id: Option<String>,
    /// Whom it concerns.
    pub(crate) account_id: Option<String>,
    pub(crate) amount: Option<String>,
    pub(crate) currency: Option<String>,
    pub(crate) was_paid: Option<String>,
    pub(crate) confirmed: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) checkout_id: Option<String>,
    pub(crate) method: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) payment_id: Option<String>,
    pub(crate) product_id: Option<String>,
    pub(crate) available: Option<String>,
    pub(crate) lines: Option<Value>,
    /// Whether the envelope says the same as the columns.
    pub(crate) agrees: Option<bool>,
    /// Still in the outbox.
    pub(crate) pending: bool,
    /// How often the bus refused it.
    pub(crate) refusals: i32,
}

impl Logged {
    /// Whether people are told of it. An account that was made is welcomed by its confirmation, which comes with it.
    pub(crate) fn is_told(&self) -> bool {
        let subscribers = events::find(&self.kind).map_or(&[][..], |known| known.subscribers);
        let welcomed_otherwise = self.kind == "user.registered" && self.confirmed.as_deref() == Some("true");
        let told = subscribers.contains(&ServiceName::Notify) && !UNTOLD.contains(&self.kind.as_str());
        told && !welcomed_otherwise
    }

    /// Whether it says that a person was erased; its subject is an account.
    pub(crate) fn is_receipt(&self) -> bool {
        self.kind.ends_with(".person_erased")
    }

    /// The order it belongs to, if it says so.
    pub(crate) fn order(&self) -> Option<Uuid> {
        if self.kind.starts_with("order.") && !self.is_receipt() {
            return Some(self.subject);
        }
        self.order_id.as_deref().and_then(|text| Uuid::parse_str(text).ok())
    }
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct InboxRow {
    pub(crate) event_id: Uuid,
    pub(crate) kind: String,
    pub(crate) subject: Uuid,
    pub(crate) sequence: i64,
    pub(crate) received_at: Moment,
    pub(crate) status: String,
    pub(crate) attempts: i32,
    pub(crate) next_at: Option<Moment>,
    pub(crate) reason: Option<String>,
}

#[derive(FromRow)]
struct Unlogged {
    position: i64,
}

pub(super) async fn read(reading: &mut Reading) -> anyhow::Result<ServiceEvents> {
    let log: Vec<Logged> = reading
        .rows(
            Invariant::Loss,
            "event_log",
            "SELECT event_id, type AS kind, subject, sequence, causation_id, announced_at,
                 data ->> 'order_id' AS order_id, data ->> 'refund_id' AS refund_id,
                 coalesce((SELECT joined.account_id::text FROM guests_joined AS joined
                           WHERE joined.guest_id::text = data ->> 'customer_id'),
                     data ->> 'customer_id', data ->> 'account_id') AS account_id,
                 coalesce(data -> 'amount' ->> 'amount', data -> 'total' ->> 'amount') AS amount,
                 coalesce(data -> 'amount' ->> 'currency', data -> 'total' ->> 'currency') AS currency,
                 data ->> 'was_paid' AS was_paid, data ->> 'confirmed' AS confirmed,
                 data ->> 'number' AS number, data ->> 'checkout_id' AS checkout_id,
                 coalesce(data ->> 'payment_method', data ->> 'method') AS method, data ->> 'reason' AS reason,
                 data ->> 'payment_id' AS payment_id, data ->> 'product_id' AS product_id,
                 data ->> 'available' AS available, data -> 'lines' AS lines,
                 envelope ->> 'id' = event_id::text AND envelope ->> 'type' = type
                     AND envelope ->> 'subject' = subject::text
                     AND envelope ->> 'sequence' = lpad(sequence::text, 10, '0') AS agrees,
                 outbox.position IS NOT NULL AS pending, coalesce(outbox.attempts, 0) AS refusals
             FROM event_log LEFT JOIN outbox USING (position), LATERAL (SELECT envelope -> 'data' AS data) AS body
             WHERE $1::uuid IS NOT NULL AND event_id >= $2 OR outbox.position IS NOT NULL ORDER BY position",
        )
        .await?;
    let inbox: Vec<InboxRow> = reading
        .rows(
            Invariant::Loss,
            "inbox",
            "SELECT event_id, type AS kind, subject, sequence, received_at, status, attempts, next_at, reason FROM inbox
             WHERE $1::uuid IS NOT NULL AND event_id >= $2 OR status <> 'done'",
        )
        .await?;
    // No key says that an outbox row has its event.
    let unlogged: Vec<Unlogged> = reading
        .rows(
            Invariant::Loss,
            "outbox",
            "SELECT position FROM outbox
             WHERE NOT EXISTS (SELECT FROM event_log WHERE event_log.position = outbox.position) ORDER BY position",
        )
        .await?;
    Ok(ServiceEvents {
        log,
        inbox: inbox.into_iter().map(|row| (row.event_id, row)).collect(),
        unlogged: unlogged.into_iter().map(|row| row.position).collect(),
    })
}

impl ServiceEvents {
    pub(crate) fn dead(&self) -> BTreeSet<Uuid> {
        self.inbox.values().filter(|row| row.status == "dead").map(|row| row.event_id).collect()
    }
}
