//! The inbox: one row per event, claimed in the transaction of its effect. A failure's attempt, reason and next time
//! are kept here too, so that nothing is left to the broker; past the bound the row is a dead letter.

pub mod by_hand;

use crate::{
    cure,
    pruning::{AT_ONCE, Pruning, first_id_of},
};
use contracts::{EventId, RawEvent};
use serde_json::Value;
use sqlx::PgConnection;
use std::{borrow::Cow, collections::BTreeSet, ops::Range};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// The type a message has that nobody can read.
pub const UNREADABLE: &str = "unreadable";

/// After so many failed attempts an event is a dead letter.
pub const MAX_ATTEMPTS: i32 = 8;

/// What is older was perhaps acted on, and forgotten since: it is not claimed at once, but stored and looked at. A week is
/// much less than an inbox is ever kept, so that no claim meets the mark as it rises.
const PERHAPS_FORGOTTEN: Duration = Duration::days(7);

/// Why such an event is not acted on.
pub const FORGOTTEN: &str = "older than what the inbox remembers: nobody can tell whether it was acted on";

/// Whether an event is so old that it must go by [`wait`], which knows how far the inbox was pruned. By its id alone, as
/// the inbox is pruned.
pub(crate) fn may_be_forgotten(event: &RawEvent, now: OffsetDateTime) -> bool {
    event.id.uuid() < first_id_of(now - PERHAPS_FORGOTTEN)
}

/// Claims fresh events of one type, by one statement: those that this transaction is the first to act on. The rows' key
/// decides who is; sorted, so that two that claim the same events do not wait for each other.
#[cure(claim_once, instead = crate::labs::mistakes::claim_again)]
pub(crate) async fn claim(
    connection: &mut PgConnection,
    events: &[RawEvent],
    now: OffsetDateTime,
) -> Result<BTreeSet<Uuid>, sqlx::Error> {
    let columns = Columns::of(events);
    let claimed = sqlx::query_scalar!(
        "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status)
         SELECT event_id, type, subject, sequence, $5, 'done'
         FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[]) AS event (event_id, type, subject, sequence)
         ORDER BY event_id
         ON CONFLICT (event_id) DO NOTHING RETURNING event_id",
        &columns.ids,
        &columns.kinds,
        &columns.subjects,
        &columns.sequences,
        now
    );
    Ok(claimed.fetch_all(connection).await?.into_iter().collect())
}

/// Events as a statement for many takes them.
pub(crate) struct Columns {
    pub(crate) ids: Vec<Uuid>,
    pub(crate) kinds: Vec<String>,
    pub(crate) subjects: Vec<Uuid>,
    pub(crate) sequences: Vec<i64>,
}

impl Columns {
    pub(crate) fn of(events: &[RawEvent]) -> Self {
        Self {
            ids: events.iter().map(|event| event.id.uuid()).collect(),
            kinds: events.iter().map(|event| storable(&event.kind).into_owned()).collect(),
            subjects: events.iter().map(|event| event.subject).collect(),
            sequences: events.iter().map(|event| event.sequence).collect(),
        }
    }
}

/// Claims an event that waits for another try.
///
/// Where a row is found by its key its status is compared as `status || ''`, here and below: an index of those that wait
/// would do too for a plan that was made while none did, which then walks over all that do.
pub(crate) async fn claim_waiting(connection: &mut PgConnection, event_id: EventId) -> Result<bool, sqlx::Error> {
    let result = sqlx::query!(
        "UPDATE inbox SET status = 'done', next_at = NULL, envelope = NULL, reason = NULL
         WHERE event_id = $1 AND status || '' = 'waiting'",
        event_id.uuid()
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// PostgreSQL stores no NUL character, neither in text nor in JSON. What a stranger sent must be stored all the same:
/// a message that could not be would be held for ever, and everything behind it.
fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{FFFD}")) } else { Cow::Borrowed(text) }
}

fn storable_json(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(storable(&text).into_owned()),
        Value::Array(items) => items.into_iter().map(storable_json).collect(),
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (storable(&name).into_owned(), storable_json(value)));
            Value::Object(members.collect())
        }
        other => other,
    }
}

/// What became of events that were to wait.
#[derive(Default)]
pub(crate) struct Stored {
    /// So many wait, which had no row.
    pub(crate) waiting: u64,
    /// The types of those that are dead letters now: [`FORGOTTEN`].
    pub(crate) forgotten: Vec<String>,
}

/// Records failed first attempts, or deliveries that did not end, perhaps since the process died of them; by one statement.
/// An event that has a row, since it is done, has its next attempt or is dead already, keeps it. One from before the inbox's
/// mark may have had one: it is a dead letter, since a reaction must not act twice. The mark is held until the rows are
/// stored, so that it does not rise meanwhile.
pub(crate) async fn wait(
    connection: &mut PgConnection,
    events: &[RawEvent],
    reason: &str,
    now: OffsetDateTime,
    next_at: OffsetDateTime,
) -> Result<Stored, sqlx::Error> {
    let columns = Columns::of(events);
    let envelopes: Vec<_> = events.iter().map(|event| storable_json(event.to_json())).collect();
    let stored = sqlx::query!(
        "WITH mark AS MATERIALIZED (SELECT up_to FROM pruned WHERE table_name = 'inbox' FOR SHARE)
         INSERT INTO inbox (event_id, type, subject, sequence, received_at, status, attempts, next_at, reason, envelope)
         SELECT event_id, type, subject, sequence, $6, CASE WHEN forgotten THEN 'dead' ELSE 'waiting' END, 1,
             CASE WHEN NOT forgotten THEN $7::timestamptz END, CASE WHEN forgotten THEN $9 ELSE $8 END, envelope
         FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::jsonb[])
             AS event (event_id, type, subject, sequence, envelope),
             LATERAL (SELECT coalesce(event_id < (SELECT up_to FROM mark), false) AS forgotten) AS known
         ORDER BY event_id
         ON CONFLICT (event_id) DO NOTHING
         RETURNING type, status",
        &columns.ids,
        &columns.kinds,
        &columns.subjects,
        &columns.sequences,
        &envelopes,
        now,
        next_at,
        &*storable(reason),
        FORGOTTEN
    );
    let mut all = Stored::default();
    for row in stored.fetch_all(connection).await? {
        if row.status == "dead" {
            all.forgotten.push(row.r#type);
        } else {
            all.waiting += 1;
        }
    }
    Ok(all)
}

/// A message that can never be acted on.
pub(crate) struct Unreadable<'a> {
    /// From [`id_of_unreadable`].
    pub(crate) id: Uuid,
    pub(crate) body: String,
    pub(crate) reason: &'a str,
}

/// Stores a dead letter; false when it is there already.
pub(crate) async fn bury(
    connection: &mut PgConnection,
    letter: Unreadable<'_>,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let result = sqlx::query!(
        "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status, attempts, reason, envelope)
         VALUES ($1, $2, $3, 0, $4, 'dead', 1, $5, $6)
         ON CONFLICT (event_id) DO NOTHING",
        letter.id,
        UNREADABLE,
        Uuid::nil(),
        now,
        &*storable(letter.reason),
        storable_json(Value::String(letter.body))
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// The id under which the dead letter of an unreadable body is kept: always the same, so that its redelivery meets it.
#[must_use]
pub fn id_of_unreadable(body: &[u8]) -> Uuid {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// An event whose time has come again.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) event_id: Uuid,
    /// So many were begun.
    pub(crate) attempts: i32,
    /// Why the attempt before failed.
    pub(crate) reason: Option<String>,
    pub(crate) envelope: Value,
}

/// Whether any row is due for another try, here or with who died.
pub(crate) async fn is_due(connection: &mut PgConnection, now: OffsetDateTime) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM inbox
               WHERE status = 'waiting' AND (next_at <= $1 OR next_at > $1::timestamptz + interval '5 minutes')
           ) AS "due!""#,
        now
    )
    .fetch_one(connection)
    .await
}

/// Takes due rows for another try; the lease keeps other replicas away meanwhile. A time further ahead than any delay or
/// lease was set by a clock that has been put back since: it is due.
pub(crate) async fn take_due(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    lease: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Due>, sqlx::Error> {
    sqlx::query_as!(
        Due,
        r#"UPDATE inbox SET next_at = $2
           WHERE event_id = ANY (ARRAY (
               SELECT event_id FROM inbox
               WHERE status = 'waiting' AND (next_at <= $1 OR next_at > $1::timestamptz + interval '5 minutes')
               ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED))
           RETURNING event_id, attempts, reason, envelope AS "envelope!""#,
        now,
        lease,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Counts a try before it acts, so that one counts that ends with its process, and makes the lease new. False when the
/// lease ran out before and somebody else has begun it.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    event_id: Uuid,
    begun_before: i32,
    lease: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let result = sqlx::query!(
        "UPDATE inbox SET attempts = attempts + 1, next_at = $3
         WHERE event_id = $1 AND attempts = $2 AND status || '' = 'waiting'",
        event_id,
        begun_before,
        lease
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// A try failed again: waits until `next_at`, or is dead when there is no next time.
pub(crate) async fn failed_again(
    connection: &mut PgConnection,
    event_id: Uuid,
    reason: &str,
    next_at: Option<OffsetDateTime>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE inbox SET reason = $2, next_at = $3, status = CASE WHEN $3::timestamptz IS NULL THEN 'dead' ELSE 'waiting' END
         WHERE event_id = $1 AND status || '' = 'waiting'",
        event_id,
        &*storable(reason),
        next_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How many events wait for another try, and how many are dead.
///
/// # Errors
/// The database is away.
pub async fn unsettled(connection: &mut PgConnection) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE status = 'waiting') AS "waiting!",
                  count(*) FILTER (WHERE status = 'dead') AS "dead!" FROM inbox"#
    )
    .fetch_one(connection)
    .await?;
    Ok((row.waiting, row.dead))
}

/// What waits for another try, and what was given up.
pub(crate) struct Backlog {
    pub(crate) waiting: i64,
    pub(crate) dead: i64,
    pub(crate) attempts: i32,
    pub(crate) oldest: Option<OffsetDateTime>,
}

/// Reads the two partial indexes alone: what is done is the most by far.
pub(crate) async fn backlog(connection: &mut PgConnection) -> Result<Backlog, sqlx::Error> {
    sqlx::query_as!(
        Backlog,
        r#"SELECT count(*) AS "waiting!", coalesce(max(attempts), 0) AS "attempts!", min(received_at) AS oldest,
                  (SELECT count(*) FROM inbox WHERE status = 'dead') AS "dead!"
           FROM inbox WHERE status = 'waiting'"#
    )
    .fetch_one(connection)
    .await
}

/// The inbox, but for what is not done.
pub(crate) const INBOX: Pruning = Pruning {
    table: "inbox",
    next: |connection, ids| Box::pin(next_to_prune(connection, ids)),
    delete: |connection, ids| Box::pin(prune(connection, ids)),
};

/// Where a piece of the inbox ends that may go.
async fn next_to_prune(connection: &mut PgConnection, ids: Range<Uuid>) -> Result<Option<Uuid>, sqlx::Error> {
    let next = sqlx::query_scalar!(
        "SELECT event_id FROM inbox WHERE event_id >= $1 AND event_id < $2 ORDER BY event_id OFFSET $3 LIMIT 1",
        ids.start,
        ids.end,
        AT_ONCE
    );
    next.fetch_optional(connection).await
}

/// Forgets events that were acted on long ago. What waits, is dead or was dropped stays.
async fn prune(connection: &mut PgConnection, ids: Range<Uuid>) -> Result<u64, sqlx::Error> {
    let pruned = sqlx::query!(
        "DELETE FROM inbox WHERE event_id >= $1 AND event_id < $2 AND status = 'done'",
        ids.start,
        ids.end
    );
    Ok(pruned.execute(connection).await?.rows_affected())
}
