//! What operators do to an inbox: look at rows, have an event acted on again, drop a dead letter. The service's own
//! retry job does the work; here rows only change their status. Who calls this also writes the operator's log, in the
//! same transaction.

pub use super::UNREADABLE;

use super::{FORGOTTEN, storable_json};
use contracts::RawEvent;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use std::{fmt, slice};
use time::OffsetDateTime;
use uuid::Uuid;

/// Where an event stands at its consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Status {
    /// Its effect is committed.
    Done,
    /// It failed and is tried again.
    Waiting,
    /// It was given up, until an operator decides.
    Dead,
    /// An operator decided that it is never acted on.
    Dropped,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::Waiting => "waiting",
            Self::Dead => "dead",
            Self::Dropped => "dropped",
        })
    }
}

/// A row of the inbox.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The event; an id of its own for what could not be read.
    pub event_id: Uuid,
    /// `unreadable` for a message that is no event of ours.
    pub kind: String,
    /// The aggregate it is about.
    pub subject: Uuid,
    /// Which of its changes.
    pub sequence: i64,
    /// When it came first, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub received_at: OffsetDateTime,
    /// Where it stands.
    pub status: Status,
    /// Failed ones, and the one that succeeded after them; 0 when the first succeeded.
    pub attempts: i32,
    /// When it is tried again, in UTC.
    #[serde(with = "time::serde::rfc3339::option")]
    pub next_at: Option<OffsetDateTime>,
    /// Why the last attempt failed.
    pub reason: Option<String>,
    /// As it was received; none once it is done.
    pub envelope: Option<Value>,
}

impl Row {
    /// Whether it is an event of ours; only what is one can be tried again.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.kind != UNREADABLE
    }

    /// What the operator's log says of a letter that is tried again.
    #[must_use]
    pub fn why_replayed(&self) -> String {
        format!("{}, {} because: {}", self.kind, self.status, self.reason.as_deref().unwrap_or("unknown"))
    }
}

/// Where a letter stands in the list of what was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "(i64, Uuid)", into = "(i64, Uuid)")]
pub(crate) struct Place {
    received_at: OffsetDateTime,
    event_id: Uuid,
}

impl Place {
    pub(crate) fn of(row: &Row) -> Self {
        Self { received_at: row.received_at, event_id: row.event_id }
    }
}

impl From<Place> for (i64, Uuid) {
    fn from(place: Place) -> Self {
        let micros = place.received_at.unix_timestamp_nanos() / 1000;
        (i64::try_from(micros).unwrap_or(i64::MAX), place.event_id)
    }
}

impl TryFrom<(i64, Uuid)> for Place {
    type Error = time::error::ComponentRange;

    /// Whatever fits is a time that the database knows, too: one that nobody gave out is refused or leads nowhere.
    fn try_from((micros, event_id): (i64, Uuid)) -> Result<Self, Self::Error> {
        let received_at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros.max(0)) * 1000)?;
        Ok(Self { received_at, event_id })
    }
}

/// Claims an event whose effect is stored in this very transaction, without its reaction. False when it has a row.
///
/// # Errors
/// The database is away.
pub async fn settle(connection: &mut PgConnection, event: &RawEvent, now: OffsetDateTime) -> Result<bool, sqlx::Error> {
    Ok(!super::claim(connection, slice::from_ref(event), now).await?.is_empty())
}

/// # Errors
/// The database is away.
pub async fn find(connection: &mut PgConnection, event_id: Uuid) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"SELECT event_id, type AS kind, subject, sequence, received_at, status AS "status: Status", attempts, next_at,
                  reason, envelope
           FROM inbox WHERE event_id = $1"#,
        event_id
    )
    .fetch_optional(connection)
    .await
}

/// The same, held until the transaction ends: what two decide of one letter they decide one after the other.
///
/// # Errors
/// The database is away.
pub async fn lock(connection: &mut PgConnection, event_id: Uuid) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"SELECT event_id, type AS kind, subject, sequence, received_at, status AS "status: Status", attempts, next_at,
                  reason, envelope
           FROM inbox WHERE event_id = $1 FOR UPDATE"#,
        event_id
    )
    .fetch_optional(connection)
    .await
}

/// Up to `limit` letters that are dead, or dropped, newest first, without their envelopes. A statement for each: one for both
/// would be planned for neither of the indexes.
pub(crate) async fn given_up(
    connection: &mut PgConnection,
    dropped: bool,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    macro_rules! letters {
        ($of:literal) => {
            sqlx::query_as!(
                Row,
                r#"SELECT event_id, type AS kind, subject, sequence, received_at, status AS "status: Status", attempts, next_at,
                          reason, NULL::jsonb AS envelope
                   FROM inbox WHERE "#
                    + $of
                    + r#" AND (received_at, event_id) < (coalesce($1::timestamptz, 'infinity'), $2)
                   ORDER BY received_at DESC, event_id DESC LIMIT $3"#,
                before.map(|place| place.received_at) as Option<OffsetDateTime>,
                before.map_or(Uuid::max(), |place| place.event_id),
                limit
            )
            .fetch_all(connection)
            .await
        };
    }
    if dropped { letters!("status = 'dropped'") } else { letters!("status = 'dead'") }
}

/// Those that stand at `status`, oldest first.
///
/// # Errors
/// The database is away.
pub async fn list(connection: &mut PgConnection, status: Status, limit: i64) -> Result<Vec<Row>, sqlx::Error> {
    let status = status.to_string();
    sqlx::query_as!(
        Row,
        r#"SELECT event_id, type AS kind, subject, sequence, received_at, status AS "status: Status", attempts, next_at,
                  reason, envelope
           FROM inbox WHERE status = $1 ORDER BY received_at, event_id LIMIT $2"#,
        status,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Dead letters that may be tried again without a look at each, oldest first: nobody reads one that is unreadable, and one
/// that the inbox has forgotten was perhaps acted on.
///
/// # Errors
/// The database is away.
pub async fn to_revive(connection: &mut PgConnection, limit: i64) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"SELECT event_id, type AS kind, subject, sequence, received_at, status AS "status: Status", attempts, next_at,
                  reason, envelope
           FROM inbox WHERE status = 'dead' AND type <> $1 AND reason IS DISTINCT FROM $2
           ORDER BY received_at, event_id LIMIT $3"#,
        UNREADABLE,
        FORGOTTEN,
        limit
    )
    .fetch_all(connection)
    .await
}

/// How many dead letters are those that the inbox has forgotten.
///
/// # Errors
/// The database is away.
pub async fn forgotten(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT count(*) AS "forgotten!" FROM inbox WHERE status = 'dead' AND reason = $1"#,
        FORGOTTEN
    );
    query.fetch_one(connection).await
}

/// What [`replay`] met, and so did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Replayed {
    /// It had never arrived. It waits now, due at once.
    Added,
    /// It waited already; it is due at once now.
    Hastened,
    /// It was dead. It waits again, its attempts counted anew.
    Revived,
    /// It was done, and its claim was taken back: it waits to be acted on again.
    ClaimCleared,
    /// It was done, and stays so.
    DoneBefore,
    /// An operator had dropped it, and it stays so.
    StaysDropped,
    /// It is older than what the inbox remembers: nobody can tell whether it was done, and so it is left alone.
    Forgotten,
}

impl Replayed {
    /// Whether it is not acted on.
    #[must_use]
    pub const fn leaves_alone(self) -> bool {
        matches!(self, Self::DoneBefore | Self::StaysDropped | Self::Forgotten)
    }
}

/// Puts an event of an announcer's log before its consumer. Its id stays, so whatever the bus still brings is a
/// duplicate. `again` also has an event acted on that is done: only for reactions whose repetition does no harm.
///
/// # Errors
/// The database is away.
pub async fn replay(
    connection: &mut PgConnection,
    event: &RawEvent,
    now: OffsetDateTime,
    again: bool,
) -> Result<Replayed, sqlx::Error> {
    if add(connection, event, now).await? {
        return Ok(Replayed::Added);
    }
    let id = event.id.uuid();
    let row =
        sqlx::query!(r#"SELECT status AS "status: Status", reason FROM inbox WHERE event_id = $1 FOR UPDATE"#, id);
    let Some(row) = row.fetch_optional(&mut *connection).await? else { return Ok(Replayed::Forgotten) };
    match row.status {
        // Perhaps it was acted on: that is for somebody to decide who looks at this one alone ([`revive`]).
        Status::Dead if row.reason.as_deref() == Some(FORGOTTEN) => Ok(Replayed::Forgotten),
        Status::Waiting => {
            let due = sqlx::query!("UPDATE inbox SET next_at = 'epoch' WHERE event_id = $1 AND status = 'waiting'", id);
            due.execute(connection).await?;
            Ok(Replayed::Hastened)
        }
        Status::Dead => {
            revive(connection, id).await?;
            Ok(Replayed::Revived)
        }
        Status::Done if again => {
            let cleared = sqlx::query!(
                "UPDATE inbox SET status = 'waiting', attempts = 0, next_at = 'epoch', envelope = $2,
                     reason = 'replayed by hand after it was done'
                 WHERE event_id = $1 AND status = 'done'",
                id,
                event.to_json()
            );
            cleared.execute(connection).await?;
            Ok(Replayed::ClaimCleared)
        }
        Status::Done => Ok(Replayed::DoneBefore),
        Status::Dropped => Ok(Replayed::StaysDropped),
    }
}

/// Due at once, whatever the operator's clock says: the service's may be another one. Not what lies below the inbox's mark,
/// which is held meanwhile.
async fn add(connection: &mut PgConnection, event: &RawEvent, now: OffsetDateTime) -> Result<bool, sqlx::Error> {
    let added = sqlx::query!(
        "WITH mark AS MATERIALIZED (SELECT up_to FROM pruned WHERE table_name = 'inbox' FOR SHARE)
         INSERT INTO inbox (event_id, type, subject, sequence, received_at, status, next_at, reason, envelope)
         SELECT $1, $2, $3, $4, $5, 'waiting', 'epoch', 'replayed by hand', $6 FROM mark WHERE up_to <= $1
         ON CONFLICT (event_id) DO NOTHING",
        event.id.uuid(),
        event.kind,
        event.subject,
        event.sequence,
        now,
        storable_json(event.to_json())
    );
    Ok(added.execute(connection).await?.rows_affected() == 1)
}

/// Has a dead or dropped letter tried again, due at once, its attempts counted anew; false when it is neither. What
/// nobody can read stays where it is.
///
/// # Errors
/// The database is away.
pub async fn revive(connection: &mut PgConnection, event_id: Uuid) -> Result<bool, sqlx::Error> {
    let revived = sqlx::query!(
        "UPDATE inbox SET status = 'waiting', attempts = 0, next_at = 'epoch'
         WHERE event_id = $1 AND status IN ('dead', 'dropped') AND type <> 'unreadable'",
        event_id
    );
    Ok(revived.execute(connection).await?.rows_affected() == 1)
}

/// Decides that a dead letter is never acted on; false when there is no such dead letter.
///
/// # Errors
/// The database is away.
pub async fn drop_letter(connection: &mut PgConnection, event_id: Uuid) -> Result<bool, sqlx::Error> {
    let dropped = sqlx::query!("UPDATE inbox SET status = 'dropped' WHERE event_id = $1 AND status = 'dead'", event_id);
    Ok(dropped.execute(connection).await?.rows_affected() == 1)
}
