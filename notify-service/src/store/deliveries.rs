//! Deliveries: the mails still to be sent, and what became of them.

use crate::domain::DeliveryStatus;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// A mail whose time has come, with all that is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub(crate) id: Uuid,
    /// This attempt included.
    pub(crate) attempts: i32,
    pub(crate) message_id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) event_id: Uuid,
    pub(crate) template: String,
    pub(crate) content: Value,
    pub(crate) message_id_header: String,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) correlation_id: Uuid,
    pub(crate) traceparent: Option<String>,
    /// The number of the order it is about, from whichever message told it.
    pub(crate) order_number: Option<i64>,
}

/// Takes mails to send: at most one of each person's, the oldest first, so that nobody reads of a shipped order before
/// they read that it was paid. One that waits after a failure does not hold up the next. The attempt is counted here,
/// before acting; until `lease` nobody else takes it.
pub(crate) async fn take_due(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    lease: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Due>, sqlx::Error> {
    sqlx::query_as!(
        Due,
        r#"UPDATE deliveries AS delivery SET status = 'sending', attempts = attempts + 1, next_at = $2
           FROM messages AS message
           WHERE message.id = delivery.message_id AND delivery.id IN (
               SELECT due.id FROM deliveries AS due
               WHERE due.status IN ('waiting', 'sending') AND due.next_at <= $1
                 AND NOT EXISTS (
                     SELECT FROM deliveries AS older
                     WHERE older.account_id = due.account_id AND older.id < due.id
                       AND older.status IN ('waiting', 'sending')
                       AND (older.status = 'sending' OR older.next_at <= $1))
               ORDER BY due.id LIMIT $3 FOR UPDATE SKIP LOCKED)
           RETURNING delivery.id, delivery.attempts, message.id AS message_id, message.account_id, message.event_id,
               message.template, message.content, delivery.message_id_header, delivery.created_at,
               message.correlation_id, message.traceparent,
               (SELECT max(told.order_number) FROM messages AS told WHERE told.order_id = message.order_id)
                   AS order_number"#,
        now,
        lease,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Marks them, in the order of their ids; gives those that were not marked before: two that took one in turn may both have
/// sent it.
pub(crate) async fn mark_sent(
    connection: &mut PgConnection,
    ids: &[Uuid],
    at: OffsetDateTime,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "WITH locked AS (
             SELECT id FROM deliveries WHERE id = ANY($1) AND status <> 'sent' ORDER BY id FOR UPDATE)
         UPDATE deliveries AS delivery SET status = 'sent', sent_at = $2, next_at = NULL, last_error = NULL
         FROM locked WHERE delivery.id = locked.id RETURNING delivery.id",
        ids,
        at
    )
    .fetch_all(connection)
    .await
}

/// A mail whose attempt failed.
pub(crate) struct SetBack<'a> {
    pub(crate) id: Uuid,
    /// The attempt; tells it from one that took over after the lease.
    pub(crate) attempts: i32,
    pub(crate) reason: &'a str,
    /// It waits until then, or is given up.
    pub(crate) next_at: Option<OffsetDateTime>,
}

/// Sets them back, in the order of their ids; gives those of which no other attempt decides, or has decided.
pub(crate) async fn set_back(connection: &mut PgConnection, back: &[SetBack<'_>]) -> Result<Vec<Uuid>, sqlx::Error> {
    let ids: Vec<_> = back.iter().map(|mail| mail.id).collect();
    let attempts: Vec<_> = back.iter().map(|mail| mail.attempts).collect();
    let reasons: Vec<_> = back.iter().map(|mail| mail.reason).collect();
    let times: Vec<_> = back.iter().map(|mail| mail.next_at).collect();
    sqlx::query_scalar!(
        "WITH back AS (
             SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::timestamptz[])
                 AS back (id, attempts, reason, next_at)),
         locked AS (
             SELECT id FROM deliveries JOIN back USING (id, attempts) WHERE status = 'sending'
             ORDER BY id FOR UPDATE OF deliveries)
         UPDATE deliveries AS delivery
         SET status = CASE WHEN back.next_at IS NULL THEN 'failed' ELSE 'waiting' END,
             next_at = back.next_at, last_error = back.reason
         FROM back JOIN locked USING (id) WHERE delivery.id = back.id RETURNING delivery.id",
        &ids,
        &attempts,
        &reasons as &[&str],
        &times as &[Option<OffsetDateTime>]
    )
    .fetch_all(connection)
    .await
}

/// Makes waiting mails due; gives those that waited.
pub(crate) async fn try_now(
    connection: &mut PgConnection,
    ids: &[Uuid],
    now: OffsetDateTime,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "WITH locked AS (
             SELECT id FROM deliveries WHERE id = ANY($1) AND status = 'waiting' ORDER BY id FOR UPDATE)
         UPDATE deliveries AS delivery SET next_at = $2 FROM locked WHERE delivery.id = locked.id RETURNING delivery.id",
        ids,
        now
    )
    .fetch_all(connection)
    .await
}

/// A delivery as staff see it.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) id: Uuid,
    pub(crate) message_id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) template: String,
    pub(crate) channel: String,
    pub(crate) status: String,
    pub(crate) attempts: i32,
    pub(crate) next_at: Option<OffsetDateTime>,
    pub(crate) last_error: Option<String>,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) sent_at: Option<OffsetDateTime>,
}

/// Up to `limit + 1` deliveries older than `after`, newest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    status: Option<DeliveryStatus>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Delivery>, sqlx::Error> {
    sqlx::query_as!(
        Delivery,
        "SELECT delivery.id, message_id, delivery.account_id, template, channel, status, attempts, next_at,
             last_error, delivery.created_at, sent_at
         FROM deliveries AS delivery JOIN messages AS message ON message.id = message_id
         WHERE ($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR delivery.id < $2)
         ORDER BY delivery.id DESC LIMIT $3::bigint + 1",
        status.map(DeliveryStatus::as_str),
        after,
        limit
    )
    .fetch_all(connection)
    .await
}

/// What is not sent yet, and what never will be.
pub(crate) struct Backlog {
    pub(crate) waiting: i64,
    pub(crate) oldest: Option<OffsetDateTime>,
    pub(crate) given_up: i64,
}

/// For the metrics. Counts stop at 10,000, so that a large backlog costs no more than a middling one.
pub(crate) async fn backlog(connection: &mut PgConnection) -> Result<Backlog, sqlx::Error> {
    // Ids are UUIDv7: the lowest is the oldest.
    sqlx::query_as!(
        Backlog,
        r#"SELECT
               (SELECT count(*) FROM (
                   SELECT FROM deliveries WHERE status IN ('waiting', 'sending') LIMIT 10000) AS counted) AS "waiting!",
               (SELECT created_at FROM deliveries WHERE status IN ('waiting', 'sending') ORDER BY id LIMIT 1) AS oldest,
               (SELECT count(*) FROM (
                   SELECT FROM deliveries WHERE status = 'failed' LIMIT 10000) AS counted) AS "given_up!""#
    )
    .fetch_one(connection)
    .await
}
