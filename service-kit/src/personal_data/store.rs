//! Whom the service was told of, and how far it is.

use contracts::{AccountId, EventId, ExportId};
use sqlx::PgConnection;
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// An event that tells of a person.
pub(super) struct Told {
    pub(super) id: EventId,
    pub(super) correlation_id: Uuid,
    pub(super) traceparent: String,
}

/// When it is the next one's turn: whose things are to be moved, who is to be forgotten, whose data are to be handed over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turns {
    pub(super) joined: Option<OffsetDateTime>,
    pub(super) erased: Option<OffsetDateTime>,
    pub(super) exported: Option<OffsetDateTime>,
}

pub(super) async fn turns(connection: &mut PgConnection) -> Result<Turns, sqlx::Error> {
    let turns = sqlx::query_as!(
        Turns,
        "SELECT (SELECT min(look_at) FROM people_erased) AS erased, (SELECT min(look_at) FROM people_exported) AS exported,
             (SELECT min(look_at) FROM guests_joined) AS joined"
    );
    turns.fetch_one(connection).await
}

/// Whoever was noted before is looked at once more: their account was back, from a backup, and is gone again.
pub(super) async fn note_erased(
    connection: &mut PgConnection,
    account_id: AccountId,
    also: &[Uuid],
    told: &Told,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO people_erased (account_id, also, told_at, look_at, event_id, correlation_id, traceparent)
         VALUES ($1, $2, $3, $3, $4, $5, $6)
         ON CONFLICT (account_id) DO UPDATE
         SET also = people_erased.also || excluded.also, told_at = excluded.told_at, look_at = excluded.look_at",
        account_id.uuid(),
        also,
        now,
        told.id.uuid(),
        told.correlation_id,
        told.traceparent
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whose turn it is to be forgotten.
pub(super) struct Person {
    pub(super) account_id: AccountId,
    /// With the account's.
    pub(super) ids: Vec<Uuid>,
    pub(super) told_at: OffsetDateTime,
    pub(super) erased_rows: i64,
    pub(super) receipt_at: Option<OffsetDateTime>,
    pub(super) event: Told,
}

/// Locks whoever waits longest, unless another has them.
pub(super) async fn lock_due(
    connection: &mut PgConnection,
    now: OffsetDateTime,
) -> Result<Option<Person>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT account_id, also, told_at, erased_rows, receipt_at, event_id, correlation_id, traceparent
         FROM people_erased WHERE look_at <= $1 ORDER BY look_at LIMIT 1 FOR UPDATE SKIP LOCKED",
        now
    );
    Ok(row.fetch_optional(connection).await?.map(|row| Person {
        account_id: row.account_id.into(),
        ids: std::iter::once(row.account_id).chain(row.also).collect(),
        told_at: row.told_at,
        erased_rows: row.erased_rows,
        receipt_at: row.receipt_at,
        event: Told { id: row.event_id.into(), correlation_id: row.correlation_id, traceparent: row.traceparent },
    }))
}

/// As it is after a piece.
pub(super) async fn save(
    connection: &mut PgConnection,
    person: &Person,
    look_at: Option<OffsetDateTime>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE people_erased SET look_at = $2, erased_rows = $3, receipt_at = $4 WHERE account_id = $1",
        person.account_id.uuid(),
        look_at,
        person.erased_rows,
        person.receipt_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets others go first until then. What was committed although its answer was lost is due no more, and stays.
pub(super) async fn put_off(
    connection: &mut PgConnection,
    account_id: AccountId,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let put_off = sqlx::query!(
        "UPDATE people_erased SET look_at = $3 WHERE account_id = $1 AND look_at <= $2",
        account_id.uuid(),
        now,
        until
    );
    put_off.execute(connection).await?;
    Ok(())
}

/// Deletes some of the answers kept for these owners; gives how many.
pub(super) async fn forget_answers(
    connection: &mut PgConnection,
    owners: &[Uuid],
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "DELETE FROM idempotency_keys WHERE (owner, route, key) IN (
             SELECT owner, route, key FROM idempotency_keys WHERE owner = ANY($1) LIMIT $2)",
        owners,
        limit
    );
    Ok(deleted.execute(connection).await?.rows_affected())
}

/// One that was noted before begins again: it may have been lost on its way.
pub(super) async fn note_export(
    connection: &mut PgConnection,
    export_id: ExportId,
    account_id: AccountId,
    traceparent: &str,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO people_exported (export_id, account_id, traceparent, look_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (export_id) DO UPDATE SET number = 0, kind = 0, after = NULL, look_at = excluded.look_at",
        export_id.uuid(),
        account_id.uuid(),
        traceparent,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The next piece of an export.
pub(super) struct Piece {
    pub(super) export_id: Uuid,
    pub(super) account_id: Uuid,
    pub(super) traceparent: String,
    pub(super) number: i32,
    pub(super) kind: i32,
    pub(super) after: Option<Uuid>,
}

/// Takes the piece that waits longest; until `lease` nobody else does.
pub(super) async fn take_piece(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    lease: OffsetDateTime,
) -> Result<Option<Piece>, sqlx::Error> {
    sqlx::query_as!(
        Piece,
        "UPDATE people_exported SET look_at = $2 WHERE export_id = ANY (ARRAY (
             SELECT export_id FROM people_exported WHERE look_at <= $1 ORDER BY look_at LIMIT 1 FOR UPDATE SKIP LOCKED))
         RETURNING export_id, account_id, traceparent, number, kind, after",
        now,
        lease
    )
    .fetch_optional(connection)
    .await
}

/// It goes on with this piece, unless another instance is further: this one's lease was over.
pub(super) async fn go_on(connection: &mut PgConnection, next: &Piece, now: OffsetDateTime) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE people_exported SET number = $2, kind = $3, after = $4, look_at = $5
         WHERE export_id = $1 AND number = $2 - 1",
        next.export_id,
        next.number,
        next.kind,
        next.after,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// All is handed over with this piece, or nobody wants it any more.
pub(super) async fn end_export(connection: &mut PgConnection, export_id: Uuid, number: i32) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM people_exported WHERE export_id = $1 AND number = $2", export_id, number)
        .execute(connection)
        .await?;
    Ok(())
}

/// Nobody waits for a copy of who is forgotten.
pub(super) async fn end_exports_of(connection: &mut PgConnection, account_id: AccountId) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM people_exported WHERE account_id = $1", account_id.uuid()).execute(connection).await?;
    Ok(())
}

/// A guest joins one account, the first that was told of. Told again it is looked again: what it was may be back, from a
/// backup.
pub(super) async fn note_joined(
    connection: &mut PgConnection,
    guest_id: AccountId,
    account_id: AccountId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO guests_joined (guest_id, account_id, told_at, look_at) VALUES ($1, $2, $3, $3)
         ON CONFLICT (guest_id) DO UPDATE SET told_at = excluded.told_at, look_at = excluded.look_at",
        guest_id.uuid(),
        account_id.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A guest whose things are to be moved.
pub(super) struct Joining {
    pub(super) guest_id: Uuid,
    pub(super) account_id: Uuid,
    pub(super) told_at: OffsetDateTime,
}

/// Locks whoever waits longest, unless another has them.
pub(super) async fn lock_joining(
    connection: &mut PgConnection,
    now: OffsetDateTime,
) -> Result<Option<Joining>, sqlx::Error> {
    sqlx::query_as!(
        Joining,
        "SELECT guest_id, account_id, told_at FROM guests_joined
         WHERE look_at <= $1 ORDER BY look_at LIMIT 1 FOR UPDATE SKIP LOCKED",
        now
    )
    .fetch_optional(connection)
    .await
}

/// When they are looked at next; none when nothing of theirs can come any more.
pub(super) async fn save_joining(
    connection: &mut PgConnection,
    guest_id: Uuid,
    look_at: Option<OffsetDateTime>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE guests_joined SET look_at = $2 WHERE guest_id = $1", guest_id, look_at)
        .execute(connection)
        .await?;
    Ok(())
}

/// Which accounts these have joined.
pub(super) async fn joined(
    connection: &mut PgConnection,
    guests: &[Uuid],
) -> Result<HashMap<AccountId, AccountId>, sqlx::Error> {
    let rows = sqlx::query!("SELECT guest_id, account_id FROM guests_joined WHERE guest_id = ANY($1)", guests);
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.guest_id.into(), row.account_id.into())).collect())
}
