//! Messages.

use contracts::{AccountId, EventId, MessageId, OrderId};
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// A message and its mail, both still to be told.
pub(crate) struct NewMessage {
    pub(crate) id: MessageId,
    pub(crate) delivery_id: Uuid,
    pub(crate) account_id: AccountId,
    pub(crate) event_id: EventId,
    pub(crate) template: &'static str,
    pub(crate) correlation_id: Uuid,
    pub(crate) traceparent: String,
    pub(crate) order_id: Option<OrderId>,
    pub(crate) order_number: Option<i64>,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) content: Value,
    pub(crate) in_inbox: bool,
    pub(crate) message_id_header: String,
}

/// What became of a mail that was stored.
pub(crate) struct Stored {
    pub(crate) delivery_id: Uuid,
    /// Its lease is that of whoever stored it; else it waits to be claimed.
    pub(crate) leased: bool,
    /// The number of the order it is about, from whichever message told it.
    pub(crate) order_number: Option<i64>,
}

/// Whose the mails are that are stored.
pub(crate) struct Lease<'a> {
    /// The first so many are being sent at once, and nobody else takes them…
    pub(crate) room: usize,
    /// …until then,
    pub(crate) until: OffsetDateTime,
    /// but where a mail of the same person must leave first, which is none of these, they wait.
    pub(crate) held: &'a [Uuid],
}

/// Stores the messages and their mails, in the order of what they tell; of an event that was told in these words before
/// nothing. Gives those that were stored. Where somebody was erased meanwhile, it is looked for what is left of them once more.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    new: &[NewMessage],
    at: OffsetDateTime,
    lease: &Lease<'_>,
) -> Result<Vec<Stored>, sqlx::Error> {
    fn column<'a, T>(new: &'a [NewMessage], value: impl Fn(&'a NewMessage) -> T) -> Vec<T> {
        new.iter().map(value).collect()
    }
    let stored = sqlx::query_as!(
        Stored,
        r#"WITH new AS (
             SELECT id, delivery_id,
                 coalesce((SELECT guest.account_id FROM guests_joined AS guest WHERE guest.guest_id = new.account_id),
                     account_id) AS account_id,
                 event_id, template, correlation_id, traceparent, order_id, order_number, title, body, content, in_inbox,
                 message_id_header, place
             FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::text[],
                     $8::uuid[], $9::bigint[], $10::text[], $11::text[], $12::jsonb[], $13::boolean[], $14::text[])
                 WITH ORDINALITY
                 AS new (id, delivery_id, account_id, event_id, template, correlation_id, traceparent,
                     order_id, order_number, title, body, content, in_inbox, message_id_header, place)
         ), message AS (
             INSERT INTO messages (id, account_id, event_id, template, correlation_id, traceparent, order_id,
                 order_number, title, body, content, in_inbox, created_at)
             SELECT id, account_id, event_id, template, correlation_id, traceparent, order_id,
                 order_number, title, body, content, in_inbox, $15
             FROM new ORDER BY event_id, template
             ON CONFLICT ON CONSTRAINT messages_told_once DO NOTHING
             RETURNING id
         ), told AS (
             SELECT new.*, place <= $16 AND (
                 SELECT TRUE FROM deliveries AS older
                 WHERE older.account_id = new.account_id AND older.sent_at IS NULL AND older.status <> 'failed'
                   AND (older.status = 'sending' OR older.next_at <= $15) AND older.id <> ALL ($18)
                 LIMIT 1) IS NULL AS leased
             FROM message JOIN new USING (id)
         ), late AS (
             UPDATE people_erased SET look_at = $15
             WHERE look_at IS NULL AND account_id = ANY (ARRAY (SELECT account_id FROM told))
         ), delivery AS (
             INSERT INTO deliveries
                 (id, message_id, account_id, channel, status, attempts, next_at, message_id_header, created_at)
             SELECT delivery_id, id, account_id, 'email', CASE WHEN leased THEN 'sending' ELSE 'waiting' END,
                 leased::integer, CASE WHEN leased THEN $17 ELSE $15 END, message_id_header, $15
             FROM told
         )
         SELECT delivery_id AS "delivery_id!", leased AS "leased!",
             CASE WHEN order_number IS NULL AND order_id IS NOT NULL THEN (
                 SELECT max(other.order_number) FROM messages AS other WHERE other.order_id = told.order_id)
             ELSE order_number END AS order_number
         FROM told"#,
        &column(new, |new| new.id.uuid()),
        &column(new, |new| new.delivery_id),
        &column(new, |new| new.account_id.uuid()),
        &column(new, |new| new.event_id.uuid()),
        &column(new, |new| new.template) as &[&str],
        &column(new, |new| new.correlation_id),
        &column(new, |new| &*new.traceparent) as &[&str],
        &column(new, |new| new.order_id.map(Uuid::from)) as &[Option<Uuid>],
        &column(new, |new| new.order_number) as &[Option<i64>],
        &column(new, |new| &*new.title) as &[&str],
        &column(new, |new| &*new.body) as &[&str],
        &column(new, |new| new.content.clone()),
        &column(new, |new| new.in_inbox),
        &column(new, |new| &*new.message_id_header) as &[&str],
        at,
        i64::try_from(lease.room).unwrap_or(i64::MAX),
        lease.until,
        lease.held
    );
    stored.fetch_all(connection).await
}

/// A message as its owner reads it.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) template: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) order_id: Option<Uuid>,
    pub(crate) read_at: Option<OffsetDateTime>,
    pub(crate) created_at: OffsetDateTime,
}

/// Up to `limit + 1` messages older than `after`, newest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    account_id: AccountId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    sqlx::query_as!(
        Message,
        "SELECT id, account_id, template, title, body, order_id, read_at, created_at FROM messages
         WHERE account_id = $1 AND in_inbox AND id < $2
         ORDER BY id DESC LIMIT $3::bigint + 1",
        account_id.uuid(),
        after.unwrap_or(Uuid::max()),
        limit
    )
    .fetch_all(connection)
    .await
}

/// The same of those not read yet. A query of its own, so that it is answered from the index of the unread.
pub(crate) async fn list_unread(
    connection: &mut PgConnection,
    account_id: AccountId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    sqlx::query_as!(
        Message,
        "SELECT id, account_id, template, title, body, order_id, read_at, created_at FROM messages
         WHERE account_id = $1 AND in_inbox AND read_at IS NULL AND id < $2
         ORDER BY id DESC LIMIT $3::bigint + 1",
        account_id.uuid(),
        after.unwrap_or(Uuid::max()),
        limit
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn unread_count(connection: &mut PgConnection, account_id: AccountId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM messages WHERE account_id = $1 AND in_inbox AND read_at IS NULL"#,
        account_id.uuid()
    )
    .fetch_one(connection)
    .await
}

/// Marks messages of their owners, in the order of their ids; the time of the first reading stays. Gives those there are.
pub(crate) async fn mark_read(
    connection: &mut PgConnection,
    owned: &[(AccountId, MessageId)],
    at: OffsetDateTime,
) -> Result<Vec<Message>, sqlx::Error> {
    let (owners, ids): (Vec<_>, Vec<_>) = owned.iter().map(|(owner, id)| (owner.uuid(), id.uuid())).unzip();
    sqlx::query_as!(
        Message,
        "WITH locked AS (
             SELECT id FROM messages
             WHERE id = ANY (ARRAY (
                 SELECT found.id FROM unnest($1::uuid[], $2::uuid[]) AS owned (account_id, id)
                 JOIN LATERAL (
                     SELECT id FROM messages WHERE id = owned.id AND account_id = owned.account_id AND in_inbox OFFSET 0
                 ) AS found ON true))
             ORDER BY id FOR UPDATE)
         UPDATE messages SET read_at = coalesce(read_at, $3) WHERE id = ANY (ARRAY (SELECT id FROM locked))
         RETURNING id, account_id, template, title, body, order_id, read_at, created_at",
        &owners,
        &ids,
        at
    )
    .fetch_all(connection)
    .await
}

/// Marks all that is not read, in the order of the ids; how many of each owner's.
pub(crate) async fn mark_all_read(
    connection: &mut PgConnection,
    owners: &[AccountId],
    at: OffsetDateTime,
) -> Result<HashMap<Uuid, i64>, sqlx::Error> {
    let owners: Vec<_> = owners.iter().map(|owner| owner.uuid()).collect();
    let rows = sqlx::query!(
        r#"WITH locked AS (
               SELECT id FROM messages
               WHERE read_at IS NULL AND id = ANY (ARRAY (
                   SELECT id FROM messages WHERE account_id = ANY ($1) AND in_inbox AND read_at IS NULL))
               ORDER BY id FOR UPDATE),
           marked AS (
               UPDATE messages SET read_at = $2 WHERE id = ANY (ARRAY (SELECT id FROM locked)) RETURNING account_id)
           SELECT account_id, count(*) AS "count!" FROM marked GROUP BY account_id"#,
        &owners,
        at
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.account_id, row.count)).collect())
}

/// Takes the rows' locks, in the order of their ids, and gives each the number of the change about to be made: the sequence
/// of its event.
pub(crate) async fn next_versions(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, i64>, sqlx::Error> {
    let rows = sqlx::query!(
        "WITH locked AS (SELECT id FROM messages WHERE id = ANY($1) ORDER BY id FOR UPDATE)
         UPDATE messages SET version = version + 1 WHERE id = ANY (ARRAY (SELECT id FROM locked))
         RETURNING id, version",
        ids
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.version)).collect())
}
