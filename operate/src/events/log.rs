//! Reading the five event logs. The text of every query is fixed; ADR 0016 says why none is checked at compile time.

use super::Filter;
use crate::reach::Reach;
use anyhow::Context;
use contracts::{EventId, RawEvent, ServiceName};
use serde_json::Value;
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

/// An event as its announcer logged it.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    pub announcer: ServiceName,
    pub position: i64,
    pub event: RawEvent,
}

impl Logged {
    pub(super) fn read(announcer: ServiceName, (position, envelope): (i64, Value)) -> anyhow::Result<Self> {
        let event = RawEvent::from_json(envelope);
        let event = event.with_context(|| format!("the event log of {announcer} is damaged at position {position}"))?;
        Ok(Self { announcer, position, event })
    }
}

/// The newest `limit` that the filter takes, oldest first.
pub(super) async fn newest(
    reach: &Reach,
    filter: &Filter,
    limit: u32,
    now: OffsetDateTime,
) -> anyhow::Result<Vec<Logged>> {
    let mut found = Vec::new();
    for announcer in filter.announcers() {
        let query = sqlx::query_as::<_, (i64, Value)>(
            "SELECT position, envelope FROM event_log
             WHERE ($1::text IS NULL OR type = $1) AND ($2::uuid IS NULL OR subject = $2)
               AND ($3::uuid IS NULL OR correlation_id = $3)
               AND ($4::timestamptz IS NULL OR announced_at >= $4) AND ($5::timestamptz IS NULL OR announced_at < $5)
             ORDER BY announced_at DESC, position DESC LIMIT $6",
        );
        let query = query.bind(&filter.kind).bind(filter.subject).bind(filter.journey);
        let query = query.bind(filter.since.map(|since| since.at(now))).bind(filter.until.map(|until| until.at(now)));
        let rows = query.bind(i64::from(limit)).fetch_all(reach.database(announcer)).await?;
        for row in rows {
            found.push(Logged::read(announcer, row)?);
        }
    }
    found.sort_by_key(|logged| (logged.event.time, logged.announcer, logged.position));
    let surplus = found.len().saturating_sub(usize::try_from(limit)?);
    Ok(found.split_off(surplus))
}

/// The event with this id, whoever announced it.
pub(super) async fn find(reach: &Reach, id: EventId) -> anyhow::Result<Option<Logged>> {
    for announcer in ServiceName::ALL {
        if let Some(logged) = find_at(reach.database(announcer), announcer, id).await? {
            return Ok(Some(logged));
        }
    }
    Ok(None)
}

pub(super) async fn find_at(pool: &PgPool, announcer: ServiceName, id: EventId) -> anyhow::Result<Option<Logged>> {
    let query = sqlx::query_as("SELECT position, envelope FROM event_log WHERE event_id = $1").bind(id.uuid());
    let row = query.fetch_optional(pool).await?;
    row.map(|row| Logged::read(announcer, row)).transpose()
}

/// One event of many, not read yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Chosen {
    announced_at: OffsetDateTime,
    pub(super) announcer: ServiceName,
    position: i64,
    pub(super) id: Uuid,
    pub(super) kind: String,
}

/// All that the filter takes of these types, oldest first.
pub(super) async fn choose(
    reach: &Reach,
    filter: &Filter,
    kinds: &[String],
    now: OffsetDateTime,
) -> anyhow::Result<Vec<Chosen>> {
    let mut chosen = Vec::new();
    for announcer in filter.announcers() {
        let query = sqlx::query_as::<_, (OffsetDateTime, i64, Uuid, String)>(
            "SELECT announced_at, position, event_id, type FROM event_log
             WHERE type = ANY($1) AND ($2::text IS NULL OR type = $2) AND ($3::uuid IS NULL OR subject = $3)
               AND ($4::uuid IS NULL OR correlation_id = $4)
               AND ($5::timestamptz IS NULL OR announced_at >= $5) AND ($6::timestamptz IS NULL OR announced_at < $6)",
        );
        let query = query.bind(kinds).bind(&filter.kind).bind(filter.subject).bind(filter.journey);
        let query = query.bind(filter.since.map(|since| since.at(now))).bind(filter.until.map(|until| until.at(now)));
        let rows = query.fetch_all(reach.database(announcer)).await?;
        chosen.extend(rows.into_iter().map(|(announced_at, position, id, kind)| Chosen {
            announced_at,
            announcer,
            position,
            id,
            kind,
        }));
    }
    chosen.sort_unstable();
    Ok(chosen)
}

/// Whether an event still waits for the bus to confirm it.
pub(super) async fn unconfirmed(reach: &Reach, logged: &Logged) -> anyhow::Result<bool> {
    let query = sqlx::query_scalar("SELECT EXISTS (SELECT FROM outbox WHERE position = $1)").bind(logged.position);
    Ok(query.fetch_one(reach.database(logged.announcer)).await?)
}
