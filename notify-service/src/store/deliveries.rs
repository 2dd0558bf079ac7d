//! Deliveries: the mails still to be sent, and what became of them.

use contracts::{AccountId, OrderId, api::notify::DeliveryStatus};
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::HashMap;
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

/// Whether anybody's mail is due that nobody has.
pub(crate) async fn any_due(connection: &mut PgConnection, now: OffsetDateTime) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM deliveries WHERE status IN ('waiting', 'sending') AND next_at <= $1) AS "any!""#,
        now
    )
    .fetch_one(connection)
    .await
}

/// In a transaction: takes mails that were left behind: nobody has them, and their time has come. At most one of each person's, the oldest
/// first, so that nobody reads of a shipped order before they read that it was paid. One that waits after a failure does not
/// hold up the next. Not those that are `held` here. The attempt is counted here, before acting; until `lease` nobody else
/// takes it.
pub(crate) async fn take_due(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    lease: OffsetDateTime,
    held: &[Uuid],
    limit: i64,
) -> Result<Vec<Due>, sqlx::Error> {
    // In the order of their index, however many wait and whatever the planner believes: what is taken is read, and no more.
    // Nor can the older ones become a join.
    let in_order = sqlx::query!(
        "SELECT set_config('enable_sort', 'off', TRUE) AS sort, set_config('enable_bitmapscan', 'off', TRUE) AS bitmap"
    );
    in_order.fetch_one(&mut *connection).await?;
    let taken = sqlx::query!(
        "UPDATE deliveries SET status = 'sending', attempts = attempts + 1, next_at = $2
         WHERE id = ANY (ARRAY (
             SELECT due.id FROM deliveries AS due
             WHERE due.status IN ('waiting', 'sending') AND due.next_at <= $1 AND due.id <> ALL ($3)
               AND (SELECT TRUE FROM deliveries AS older
                    WHERE older.account_id = due.account_id AND older.id < due.id
                      AND older.sent_at IS NULL AND older.status <> 'failed'
                      AND (older.status = 'sending' OR older.next_at <= $1)
                    LIMIT 1) IS NULL
             ORDER BY due.next_at LIMIT $4 FOR UPDATE SKIP LOCKED))
         RETURNING id, attempts, message_id, message_id_header, created_at",
        now,
        lease,
        held,
        limit
    );
    let mut taken = taken.fetch_all(&mut *connection).await?;
    if taken.is_empty() {
        return Ok(Vec::new());
    }
    taken.sort_unstable_by_key(|delivery| delivery.id);
    let ids: Vec<_> = taken.iter().map(|delivery| delivery.message_id).collect();
    let told = sqlx::query!(
        "SELECT id, account_id, event_id, template, content, correlation_id, traceparent,
             (SELECT max(told.order_number) FROM messages AS told WHERE told.order_id = message.order_id) AS order_number
         FROM messages AS message WHERE id = ANY($1)",
        &ids
    );
    let told = told.fetch_all(connection).await?;
    let mut told: HashMap<_, _> = told.into_iter().map(|message| (message.id, message)).collect();
    let due = taken.into_iter().filter_map(|delivery| {
        let message = told.remove(&delivery.message_id)?;
        Some(Due {
            id: delivery.id,
            attempts: delivery.attempts,
            message_id: message.id,
            account_id: message.account_id,
            event_id: message.event_id,
            template: message.template,
            content: message.content,
            message_id_header: delivery.message_id_header,
            created_at: delivery.created_at,
            correlation_id: message.correlation_id,
            traceparent: message.traceparent,
            order_number: message.order_number,
        })
    });
    Ok(due.collect())
}

/// Gives back mails whose attempt was not begun: it does not count, and they are due. One that another attempt has by now is
/// left to that one.
///
/// `status || ''`, here and below: planned for few, the index of those that wait would be walked through for those given.
pub(crate) async fn give_back(
    connection: &mut PgConnection,
    untried: &[(Uuid, i32)],
    now: OffsetDateTime,
) -> Result<u64, sqlx::Error> {
    let (ids, attempts): (Vec<_>, Vec<_>) = untried.iter().copied().unzip();
    let given = sqlx::query!(
        "WITH locked AS (
             SELECT id FROM deliveries
             WHERE id = ANY (ARRAY (SELECT unnest($1::uuid[]))) AND status || '' = 'sending'
                 AND (id, attempts) IN (SELECT * FROM unnest($1::uuid[], $2::integer[]))
             ORDER BY id FOR UPDATE)
         UPDATE deliveries SET status = 'waiting', attempts = attempts - 1, next_at = $3
         WHERE id = ANY (ARRAY (SELECT id FROM locked))",
        &ids,
        &attempts,
        now
    );
    Ok(given.execute(connection).await?.rows_affected())
}

/// Marks them, in the order of their ids; gives those that were not marked before, each with the number of its message's
/// change: two that took one in turn may both have sent it. Nothing comes after it, so nobody counts on.
pub(crate) async fn mark_sent(
    connection: &mut PgConnection,
    ids: &[Uuid],
    at: OffsetDateTime,
) -> Result<Vec<(Uuid, i64)>, sqlx::Error> {
    let marked = sqlx::query!(
        r#"WITH locked AS (
               SELECT id FROM deliveries WHERE id = ANY($1) AND status <> 'sent' ORDER BY id FOR UPDATE),
           marked AS (
               UPDATE deliveries AS delivery SET status = 'sent', sent_at = $2, next_at = NULL, last_error = NULL
               WHERE id = ANY (ARRAY (SELECT id FROM locked)) RETURNING id, message_id)
           SELECT marked.id, message.version + 1 AS "number!"
           FROM marked JOIN LATERAL (SELECT version FROM messages WHERE id = message_id OFFSET 0) AS message ON true"#,
        ids,
        at
    );
    Ok(marked.fetch_all(connection).await?.into_iter().map(|row| (row.id, row.number)).collect())
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
             SELECT id FROM deliveries
             WHERE id = ANY (ARRAY (SELECT unnest($1::uuid[]))) AND status || '' = 'sending'
                 AND (id, attempts) IN (SELECT id, attempts FROM back)
             ORDER BY id FOR UPDATE)
         UPDATE deliveries AS delivery
         SET status = CASE WHEN back.next_at IS NULL THEN 'failed' ELSE 'waiting' END,
             next_at = back.next_at, last_error = back.reason
         FROM back
         WHERE delivery.id = back.id AND delivery.attempts = back.attempts
             AND delivery.id = ANY (ARRAY (SELECT id FROM locked))
         RETURNING delivery.id",
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
             SELECT id FROM deliveries WHERE id = ANY($1) AND status || '' = 'waiting' ORDER BY id FOR UPDATE)
         UPDATE deliveries SET next_at = $2 WHERE id = ANY (ARRAY (SELECT id FROM locked)) RETURNING id",
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
    pub(crate) order_id: Option<Uuid>,
    pub(crate) template: String,
    pub(crate) channel: String,
    pub(crate) status: String,
    pub(crate) attempts: i32,
    pub(crate) next_at: Option<OffsetDateTime>,
    pub(crate) last_error: Option<String>,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) sent_at: Option<OffsetDateTime>,
    /// Its message has no word any more: whom it told was erased.
    pub(crate) emptied: bool,
}

impl Delivery {
    /// Whether it was given up, and there still is somebody to tell.
    pub(crate) fn can_be_resent(&self) -> bool {
        self.status == DeliveryStatus::Failed.as_str() && !self.emptied
    }
}

macro_rules! deliveries {
    ([$($which:literal),+] $(, $given:expr)*) => {
        sqlx::query_as!(
            Delivery,
            "SELECT delivery.id, message_id, delivery.account_id, order_id, template, channel, status, attempts, next_at,
                 last_error, delivery.created_at, sent_at, coalesce(content ->> 'template' = 'erased', false) AS \"emptied!\"
             FROM deliveries AS delivery JOIN messages AS message ON message.id = message_id "
                $(+ $which)+
            $(, $given)*
        )
    };
}

/// Up to `limit + 1` deliveries older than `after`, newest first. A statement of its own for each status: one for all would
/// be planned for none of them.
pub(crate) async fn list(
    connection: &mut PgConnection,
    status: Option<DeliveryStatus>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Delivery>, sqlx::Error> {
    macro_rules! listed {
        ($of:literal) => {
            deliveries!(
                ["WHERE delivery.id < $1", $of, " ORDER BY delivery.id DESC LIMIT $2::bigint + 1"],
                after.unwrap_or(Uuid::max()),
                limit
            )
            .fetch_all(connection)
            .await
        };
    }
    match status {
        None => listed!(""),
        Some(DeliveryStatus::Waiting) => listed!(" AND status = 'waiting'"),
        Some(DeliveryStatus::Sending) => listed!(" AND status = 'sending'"),
        Some(DeliveryStatus::Sent) => listed!(" AND status = 'sent'"),
        Some(DeliveryStatus::Failed) => listed!(" AND status = 'failed'"),
    }
}

/// What was told a person, or of an order, or that person of that order.
pub(crate) async fn told(
    connection: &mut PgConnection,
    account_id: Option<AccountId>,
    order_id: Option<OrderId>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let account_id = account_id.map(AccountId::uuid);
    if let Some(order_id) = order_id {
        let told = sqlx::query_scalar!(
            "SELECT id FROM messages WHERE order_id = $1 AND ($2::uuid IS NULL OR account_id = $2)",
            order_id.uuid(),
            account_id
        );
        return told.fetch_all(connection).await;
    }
    let told = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM messages WHERE account_id = $1 AND in_inbox
           UNION ALL SELECT id FROM messages WHERE account_id = $1 AND NOT in_inbox"#,
        account_id
    );
    told.fetch_all(connection).await
}

/// The same as [`list`] of these messages. In the order of their ids as texts, which is the same: else the whole table may be
/// walked for it.
pub(crate) async fn list_of(
    connection: &mut PgConnection,
    messages: &[Uuid],
    status: Option<DeliveryStatus>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Delivery>, sqlx::Error> {
    let of = deliveries!(
        ["WHERE message.id = ANY ($1) AND ($2::uuid IS NULL OR delivery.id < $2) AND ($3::text IS NULL OR status = $3)
         ORDER BY delivery.id::text COLLATE \"C\" DESC LIMIT $4::bigint + 1"],
        messages,
        after,
        status.map(DeliveryStatus::as_str),
        limit
    );
    of.fetch_all(connection).await
}

/// These, held until the transaction ends, in the order of their ids.
pub(crate) async fn lock(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Delivery>, sqlx::Error> {
    let locked = deliveries!(["WHERE delivery.id = ANY ($1) ORDER BY delivery.id FOR UPDATE OF delivery"], ids);
    locked.fetch_all(connection).await
}

/// Has mails that were given up sent after all: they are due, their attempts counted anew.
pub(crate) async fn send_again(
    connection: &mut PgConnection,
    ids: &[Uuid],
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let again = sqlx::query!(
        "UPDATE deliveries SET status = 'waiting', attempts = 0, next_at = $2
         WHERE id = ANY ($1) AND status || '' = 'failed'",
        ids,
        now
    );
    again.execute(connection).await.map(drop)
}

/// What is not sent yet, and what never will be.
pub(crate) struct Backlog {
    pub(crate) waiting: i64,
    pub(crate) oldest: Option<OffsetDateTime>,
    pub(crate) given_up: i64,
}

/// For the metrics. Counts stop at 10,000, so that a large backlog costs no more than a middling one.
pub(crate) async fn backlog(connection: &mut PgConnection) -> Result<Backlog, sqlx::Error> {
    // By the time they are due: what was left behind is due longest.
    sqlx::query_as!(
        Backlog,
        r#"SELECT open.count AS "waiting!", open.oldest,
               (SELECT count(*) FROM (
                   SELECT FROM deliveries WHERE status = 'failed' LIMIT 10000) AS counted) AS "given_up!"
           FROM (SELECT count(*), min(created_at) AS oldest FROM (
               SELECT created_at FROM deliveries WHERE status IN ('waiting', 'sending')
               ORDER BY next_at LIMIT 10000) AS counted) AS open"#
    )
    .fetch_one(connection)
    .await
}
