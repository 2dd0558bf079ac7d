//! The log of what a service announced, as operators read it.

use contracts::{EventId, api::operators::AnnouncedEventView};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// An event of the log.
pub(crate) struct Row {
    /// Where it stands in the list it was found in.
    pub(crate) place: i64,
    id: Uuid,
    kind: String,
    subject: Uuid,
    sequence: i64,
    journey: Uuid,
    causation_id: Option<Uuid>,
    announced_at: OffsetDateTime,
    envelope: Option<Value>,
}

impl From<Row> for AnnouncedEventView {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            kind: row.kind,
            subject: row.subject,
            sequence: row.sequence,
            journey: row.journey,
            causation_id: row.causation_id.map(EventId::from),
            announced_at: row.announced_at,
            envelope: row.envelope,
        }
    }
}

/// Which events are asked for.
pub(crate) struct Wanted {
    pub(crate) subject: Option<Uuid>,
    pub(crate) journey: Option<Uuid>,
    pub(crate) kind: Option<String>,
}

impl Wanted {
    /// Whether events are passed over that the index brings.
    fn is_sifted(&self) -> bool {
        self.kind.is_some() || (self.subject.is_some() && self.journey.is_some())
    }
}

/// So many are looked at for one page where most may be of no interest: no index knows types, and none is worth its price
/// at every announcement.
const LOOKED_AT: i64 = 10_000;

/// Up to `limit` events, the newest first. A statement for each index: of a subject by its changes, of a journey, which is
/// short, by its own (`+ 0` keeps the log's order from being walked for it), and of the whole log.
pub(crate) async fn newest(
    connection: &mut PgConnection,
    wanted: &Wanted,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let before = before.unwrap_or(i64::MAX);
    let kind = wanted.kind.as_deref();
    if let Some(subject) = wanted.subject {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT sequence AS place, event_id AS id, type AS kind, subject, sequence, correlation_id AS journey,
                      causation_id, announced_at, NULL::jsonb AS envelope
               FROM (SELECT * FROM event_log WHERE subject = $1 AND sequence < $2
                     ORDER BY sequence DESC LIMIT 10000) AS newest
               WHERE ($3::text IS NULL OR type = $3) AND ($4::uuid IS NULL OR correlation_id = $4)
               ORDER BY sequence DESC LIMIT $5"#,
            subject,
            before,
            kind,
            wanted.journey,
            limit
        );
        return rows.fetch_all(connection).await;
    }
    if let Some(journey) = wanted.journey {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT position AS place, event_id AS id, type AS kind, subject, sequence, correlation_id AS journey,
                      causation_id, announced_at, NULL::jsonb AS envelope
               FROM event_log
               WHERE correlation_id = $1 AND position + 0 < $2 AND ($3::text IS NULL OR type = $3)
               ORDER BY position + 0 DESC LIMIT $4"#,
            journey,
            before,
            kind,
            limit
        );
        return rows.fetch_all(connection).await;
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT position AS place, event_id AS id, type AS kind, subject, sequence, correlation_id AS journey,
                  causation_id, announced_at, NULL::jsonb AS envelope
           FROM (SELECT * FROM event_log WHERE position < $1 ORDER BY position DESC LIMIT 10000) AS newest
           WHERE ($2::text IS NULL OR type = $2)
           ORDER BY position DESC LIMIT $3"#,
        before,
        kind,
        limit
    );
    rows.fetch_all(connection).await
}

/// Where [`newest`] stopped looking; none where there was no more to look at.
pub(crate) async fn end_of_look(
    connection: &mut PgConnection,
    wanted: &Wanted,
    before: Option<i64>,
) -> Result<Option<i64>, sqlx::Error> {
    let before = before.unwrap_or(i64::MAX);
    match wanted.subject {
        _ if !wanted.is_sifted() => Ok(None),
        Some(subject) => {
            let end = sqlx::query_scalar!(
                "SELECT sequence FROM event_log WHERE subject = $1 AND sequence < $2
                 ORDER BY sequence DESC OFFSET $3 LIMIT 1",
                subject,
                before,
                LOOKED_AT - 1
            );
            end.fetch_optional(connection).await
        }
        // All of it was looked at.
        None if wanted.journey.is_some() => Ok(None),
        None => {
            let end = sqlx::query_scalar!(
                "SELECT position FROM event_log WHERE position < $1 ORDER BY position DESC OFFSET $2 LIMIT 1",
                before,
                LOOKED_AT - 1
            );
            end.fetch_optional(connection).await
        }
    }
}

/// The event with this id, whole.
pub(crate) async fn find(connection: &mut PgConnection, id: EventId) -> Result<Option<Row>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT position AS place, event_id AS id, type AS kind, subject, sequence, correlation_id AS journey,
                  causation_id, announced_at, envelope AS "envelope?"
           FROM event_log WHERE event_id = $1"#,
        id.uuid()
    );
    row.fetch_optional(connection).await
}
