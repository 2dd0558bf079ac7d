//! Messages.

use contracts::{AccountId, EventId, MessageId, OrderId};
use serde_json::Value;
use sqlx::PgConnection;
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
    pub(crate) traceparent: Option<String>,
    pub(crate) order_id: Option<OrderId>,
    pub(crate) order_number: Option<i64>,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) content: Value,
    pub(crate) in_inbox: bool,
    pub(crate) message_id_header: String,
    pub(crate) created_at: OffsetDateTime,
}

/// Stores the message and its mail. False, and nothing stored, when the event was told in these words before.
pub(crate) async fn insert(connection: &mut PgConnection, new: &NewMessage) -> Result<bool, sqlx::Error> {
    let result = sqlx::query!(
        "WITH message AS (
             INSERT INTO messages (id, account_id, event_id, template, correlation_id, traceparent, order_id,
                 order_number, title, body, content, in_inbox, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             ON CONFLICT ON CONSTRAINT messages_told_once DO NOTHING
             RETURNING id, account_id, created_at
         )
         INSERT INTO deliveries (id, message_id, account_id, channel, status, next_at, message_id_header, created_at)
         SELECT $14, id, account_id, 'email', 'waiting', created_at, $15, created_at FROM message",
        new.id.uuid(),
        new.account_id.uuid(),
        new.event_id.uuid(),
        new.template,
        new.correlation_id,
        new.traceparent,
        new.order_id.map(Uuid::from),
        new.order_number,
        new.title,
        new.body,
        new.content,
        new.in_inbox,
        new.created_at,
        new.delivery_id,
        new.message_id_header
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// A message as its owner reads it.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) id: Uuid,
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
        "SELECT id, template, title, body, order_id, read_at, created_at FROM messages
         WHERE account_id = $1 AND in_inbox AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3::bigint + 1",
        account_id.uuid(),
        after,
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
        "SELECT id, template, title, body, order_id, read_at, created_at FROM messages
         WHERE account_id = $1 AND in_inbox AND read_at IS NULL AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3::bigint + 1",
        account_id.uuid(),
        after,
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

/// Marks the owner's message; the time of the first reading stays. None when there is no such message of theirs.
pub(crate) async fn mark_read(
    connection: &mut PgConnection,
    account_id: AccountId,
    id: MessageId,
    at: OffsetDateTime,
) -> Result<Option<Message>, sqlx::Error> {
    sqlx::query_as!(
        Message,
        "UPDATE messages SET read_at = coalesce(read_at, $3) WHERE id = $2 AND account_id = $1 AND in_inbox
         RETURNING id, template, title, body, order_id, read_at, created_at",
        account_id.uuid(),
        id.uuid(),
        at
    )
    .fetch_optional(connection)
    .await
}

/// How many were marked.
pub(crate) async fn mark_all_read(
    connection: &mut PgConnection,
    account_id: AccountId,
    at: OffsetDateTime,
) -> Result<u64, sqlx::Error> {
    let result = sqlx::query!(
        "UPDATE messages SET read_at = $2 WHERE account_id = $1 AND in_inbox AND read_at IS NULL",
        account_id.uuid(),
        at
    );
    Ok(result.execute(connection).await?.rows_affected())
}

/// Takes the row's lock and gives the number of the change about to be made: the sequence of its event.
pub(crate) async fn next_version(connection: &mut PgConnection, id: MessageId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!("UPDATE messages SET version = version + 1 WHERE id = $1 RETURNING version", id.uuid())
        .fetch_one(connection)
        .await
}
