//! The transactional outbox: an event is stored in the transaction of the change it tells of; the relay publishes it
//! after the commit.

use crate::{
    AtCommit, Backoff, KitError,
    bus::Parcel,
    cure,
    pruning::{AT_ONCE, Pruning},
};
use contracts::{Event, EventId, RawEvent, ServiceName};
use serde_json::Value;
use sqlx::PgConnection;
use std::{ops::Range, time::Duration};
use time::OffsetDateTime;
use uuid::Uuid;

/// An event on its way into the log, and from there out. Due at once, whatever the announcer's clock says: the relay's
/// may be another one.
pub(crate) struct Announced {
    pub(crate) event: RawEvent,
    /// Else it stays in the log: no outbox row, no message.
    pub(crate) goes_out: bool,
}

impl AtCommit for Announced {
    async fn write(rows: Vec<Self>, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let (events, outward): (Vec<RawEvent>, Vec<bool>) =
            rows.into_iter().map(|Self { event, goes_out }| (event, goes_out)).unzip();
        let ids: Vec<_> = events.iter().map(|event| event.id.uuid()).collect();
        let kinds: Vec<_> = events.iter().map(|event| event.kind.clone()).collect();
        let subjects: Vec<_> = events.iter().map(|event| event.subject).collect();
        let sequences: Vec<_> = events.iter().map(|event| event.sequence).collect();
        let correlations: Vec<_> = events.iter().map(|event| event.correlation_id).collect();
        let causations: Vec<_> = events.iter().map(|event| event.causation_id.map(Uuid::from)).collect();
        let times: Vec<_> = events.iter().map(|event| event.time).collect();
        let envelopes: Vec<_> = events.iter().map(RawEvent::to_json).collect();
        let going: Vec<_> = ids.iter().zip(&outward).filter(|(_, goes_out)| **goes_out).map(|(id, _)| *id).collect();
        sqlx::query!(
            r#"WITH logged AS (
                   INSERT INTO event_log
                       (event_id, type, subject, sequence, correlation_id, causation_id, announced_at, envelope)
                   SELECT event_id, type, subject, sequence, correlation_id, causation_id, announced_at, envelope
                   FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::uuid[], $6::uuid[],
                               $7::timestamptz[], $8::jsonb[]) WITH ORDINALITY
                       AS event (event_id, type, subject, sequence, correlation_id, causation_id, announced_at,
                                 envelope, place)
                   ORDER BY place
                   RETURNING position, event_id
               )
               INSERT INTO outbox (position, next_at)
               SELECT position, 'epoch' FROM logged WHERE event_id = ANY($9)"#,
            &ids,
            &kinds,
            &subjects,
            &sequences,
            &correlations,
            &causations as &[Option<Uuid>],
            &times,
            &envelopes,
            &going,
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// A pending event and its place in the log. Its envelope is the text that was stored: nothing reads it on the way out.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) position: i64,
    pub(crate) event_id: Uuid,
    pub(crate) kind: String,
    pub(crate) subject: Uuid,
    pub(crate) sequence: i64,
    pub(crate) announced_at: OffsetDateTime,
    pub(crate) correlation_id: Uuid,
    pub(crate) causation_id: Option<Uuid>,
    pub(crate) traceparent: Option<String>,
    pub(crate) number: Option<Value>,
    pub(crate) envelope: String,
    /// It says of itself what its row says; else it is damaged, and nobody could read it.
    pub(crate) readable: bool,
}

impl Pending {
    /// Ready to be sent by its announcer.
    pub(crate) fn parcel(self, source: ServiceName) -> Parcel {
        let head = Event {
            id: self.event_id.into(),
            source,
            kind: self.kind,
            subject: self.subject,
            sequence: self.sequence,
            time: self.announced_at,
            correlation_id: self.correlation_id,
            causation_id: self.causation_id.map(Into::into),
            traceparent: self.traceparent,
            data: self.number.as_ref().and_then(Value::as_i64),
        };
        Parcel { head, envelope: self.envelope }
    }
}

/// The first `limit` of what is due at `now`, from position `from` on, in order: the pending set, whole again and again.
/// A cursor never sees what took a lower position and committed later. A time further ahead than anything is
/// put off was set by a clock that has been put back since: it is due.
///
/// An array of positions and no join: planned while the outbox is empty, a join would walk over all of the log later.
#[cure(pending_set, instead = crate::labs::mistakes::behind_a_cursor)]
pub(crate) async fn pending(
    connection: &mut PgConnection,
    from: i64,
    now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Pending>, sqlx::Error> {
    sqlx::query_as!(
        Pending,
        r#"SELECT position, event_id, type AS kind, subject, sequence, announced_at, correlation_id, causation_id,
                  envelope ->> 'traceparent' AS traceparent, envelope -> 'data' -> 'number' AS number,
                  envelope::text AS "envelope!",
                  (envelope ->> 'id' = event_id::text AND envelope ->> 'type' = type) IS TRUE AS "readable!"
           FROM event_log
           WHERE position = ANY (ARRAY(
               SELECT position FROM outbox
               WHERE position >= $1 AND (next_at <= $2 OR next_at > $2::timestamptz + interval '5 minutes')
               ORDER BY position LIMIT $3))
           ORDER BY position"#,
        from,
        now,
        limit
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn confirmed(connection: &mut PgConnection, positions: &[i64]) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM outbox WHERE position = ANY($1)", positions).execute(connection).await?;
    Ok(())
}

const REFUSED: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(16));

/// Puts off what was refused, each for longer the more often it was put off before, so that it does not fill the next
/// batch and hold up the others.
pub(crate) async fn put_off(
    connection: &mut PgConnection,
    refused: &[i64],
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let known = sqlx::query!("SELECT position, attempts FROM outbox WHERE position = ANY($1)", refused);
    let known = known.fetch_all(&mut *connection).await?;
    let positions: Vec<_> = known.iter().map(|row| row.position).collect();
    let times: Vec<_> = known.iter().map(|row| now + REFUSED.pause(row.attempts.unsigned_abs() + 1)).collect();
    sqlx::query!(
        "UPDATE outbox SET attempts = attempts + 1, next_at = put_off.next_at
         FROM unnest($1::bigint[], $2::timestamptz[]) AS put_off (position, next_at)
         WHERE outbox.position = put_off.position",
        &positions,
        &times
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts an event that was confirmed before back among the pending: whoever has it knows it by its id. False when it is
/// not in this log, or pending already. To be called in a transaction.
///
/// # Errors
/// The database is away.
pub async fn send_again(connection: &mut PgConnection, event_id: EventId) -> Result<bool, sqlx::Error> {
    // Nobody prunes the log until this is committed. By a statement of its own: the next one sees what went before.
    let held = sqlx::query!("SELECT FROM pruned WHERE table_name = 'event_log' FOR SHARE");
    held.execute(&mut *connection).await?;
    let result = sqlx::query!(
        "INSERT INTO outbox (position, next_at) SELECT position, 'epoch' FROM event_log WHERE event_id = $1
         ON CONFLICT (position) DO NOTHING",
        event_id.uuid()
    );
    Ok(result.execute(connection).await?.rows_affected() == 1)
}

/// Writes an event back into the log that lost it with its database; those who have it know it by its id. Nothing is sent
/// ([`send_again`] does). False when it is there already.
///
/// # Errors
/// The database refuses; a number that its subject gave to another event meanwhile among them.
pub async fn remember(connection: &mut PgConnection, event: &RawEvent) -> Result<bool, sqlx::Error> {
    let result = sqlx::query!(
        "INSERT INTO event_log
             (event_id, type, subject, sequence, correlation_id, causation_id, announced_at, envelope)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (event_id) DO NOTHING",
        event.id.uuid(),
        event.kind,
        event.subject,
        event.sequence,
        event.correlation_id,
        event.causation_id.map(Uuid::from),
        event.time,
        event.to_json(),
    );
    Ok(result.execute(connection).await?.rows_affected() == 1)
}

/// How many events wait to be confirmed.
///
/// # Errors
/// The database is away.
pub async fn depth(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM outbox"#).fetch_one(connection).await
}

/// What waits to be confirmed.
pub(crate) struct Backlog {
    /// Counted up to 100,000: a backlog must not make the look at it slow.
    pub(crate) pending: i64,
    pub(crate) oldest: Option<OffsetDateTime>,
}

pub(crate) async fn backlog(connection: &mut PgConnection) -> Result<Backlog, sqlx::Error> {
    sqlx::query_as!(
        Backlog,
        r#"SELECT (SELECT count(*) FROM (SELECT FROM outbox LIMIT 100000) AS counted) AS "pending!",
                  (SELECT announced_at FROM outbox JOIN event_log USING (position) ORDER BY position LIMIT 1) AS oldest"#
    )
    .fetch_one(connection)
    .await
}

/// Every event this service announced on one journey, oldest first.
///
/// # Errors
/// The database is away, or a stored envelope is not one of ours.
pub async fn journey(connection: &mut PgConnection, correlation_id: Uuid) -> Result<Vec<RawEvent>, KitError> {
    let rows = sqlx::query_scalar!(
        "SELECT envelope FROM event_log WHERE correlation_id = $1 ORDER BY position",
        correlation_id
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|json| Ok(RawEvent::from_json(json)?)).collect()
}

/// The log, but for what waits in the outbox.
pub(crate) const EVENT_LOG: Pruning = Pruning {
    table: "event_log",
    next: |connection, ids| Box::pin(next_to_prune(connection, ids)),
    delete: |connection, ids| Box::pin(prune(connection, ids)),
};

/// Where a piece of the log ends that may go.
async fn next_to_prune(connection: &mut PgConnection, ids: Range<Uuid>) -> Result<Option<Uuid>, sqlx::Error> {
    let next = sqlx::query_scalar!(
        "SELECT event_id FROM event_log WHERE event_id >= $1 AND event_id < $2 ORDER BY event_id OFFSET $3 LIMIT 1",
        ids.start,
        ids.end,
        AT_ONCE
    );
    next.fetch_optional(connection).await
}

/// Deletes what was announced long ago, but for what is still to be sent.
async fn prune(connection: &mut PgConnection, ids: Range<Uuid>) -> Result<u64, sqlx::Error> {
    let pruned = sqlx::query!(
        "DELETE FROM event_log WHERE event_id >= $1 AND event_id < $2
             AND NOT EXISTS (SELECT FROM outbox WHERE outbox.position = event_log.position)",
        ids.start,
        ids.end
    );
    Ok(pruned.execute(connection).await?.rows_affected())
}
