//! Sessions, and their refresh tokens.

use contracts::{AccountId, SessionId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// A session as its owner sees it.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) account_id: AccountId,
    pub(crate) device: String,
    pub(crate) client: String,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) last_seen_at: OffsetDateTime,
    pub(crate) expires_at: OffsetDateTime,
    pub(crate) proved_at: OffsetDateTime,
    pub(crate) second_factor: bool,
    pub(crate) generation: i32,
}

pub(crate) async fn insert(connection: &mut PgConnection, new: &Session) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO sessions (id, account_id, device, client, created_at, last_seen_at, expires_at, proved_at,
             second_factor, generation)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new.id.uuid(),
        new.account_id.uuid(),
        new.device,
        new.client,
        new.created_at,
        new.last_seen_at,
        new.expires_at,
        new.proved_at,
        new.second_factor,
        new.generation
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The living sessions of an account, the one seen last first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    account_id: AccountId,
    now: OffsetDateTime,
) -> Result<Vec<Session>, sqlx::Error> {
    sqlx::query_as!(
        Session,
        "SELECT id, account_id, device, client, created_at, last_seen_at, expires_at, proved_at, second_factor, generation
         FROM sessions WHERE account_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, id DESC",
        account_id.uuid(),
        now
    )
    .fetch_all(connection)
    .await
}

/// Locked until the transaction ends; none when it has ended.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    id: SessionId,
    now: OffsetDateTime,
) -> Result<Option<Session>, sqlx::Error> {
    let session = sqlx::query_as!(
        Session,
        "SELECT id, account_id, device, client, created_at, last_seen_at, expires_at, proved_at, second_factor, generation
         FROM sessions WHERE id = $1 FOR UPDATE",
        id.uuid()
    );
    // Whether it is over is not asked of the database: it may look through all that are not.
    Ok(session.fetch_optional(connection).await?.filter(|session| session.expires_at > now))
}

/// It was seen, and lives until `expires_at`.
pub(crate) async fn seen(
    connection: &mut PgConnection,
    id: SessionId,
    client: &str,
    at: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE sessions SET client = $2, last_seen_at = $3, expires_at = $4 WHERE id = $1",
        id.uuid(),
        client,
        at,
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Its owner proved who they are.
pub(crate) async fn proved(
    connection: &mut PgConnection,
    id: SessionId,
    at: OffsetDateTime,
    second_factor: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE sessions SET proved_at = $2, second_factor = second_factor OR $3 WHERE id = $1",
        id.uuid(),
        at,
        second_factor
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which of an account's are more than `most`: those seen longest ago.
pub(crate) async fn beyond(
    connection: &mut PgConnection,
    account_id: AccountId,
    most: i64,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT id FROM sessions WHERE account_id = $1 ORDER BY last_seen_at DESC, id DESC OFFSET $2",
        account_id.uuid(),
        most
    )
    .fetch_all(connection)
    .await
}

/// Which of an account's there are, except `kept`.
pub(crate) async fn others(
    connection: &mut PgConnection,
    account_id: AccountId,
    kept: Option<SessionId>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT id FROM sessions WHERE account_id = $1 AND id IS DISTINCT FROM $2 ORDER BY id FOR UPDATE",
        account_id.uuid(),
        kept.map(SessionId::uuid)
    )
    .fetch_all(connection)
    .await
}

/// Ends them, of `account_id`; gives which there were.
pub(crate) async fn delete(
    connection: &mut PgConnection,
    account_id: AccountId,
    ids: &[Uuid],
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "DELETE FROM sessions WHERE account_id = $1 AND id = ANY($2) RETURNING id",
        account_id.uuid(),
        ids
    )
    .fetch_all(connection)
    .await
}

/// New generations for all sessions of accounts with a role: their tokens permit something else from now on.
pub(crate) async fn renew_generation(
    connection: &mut PgConnection,
    account_ids: &[Uuid],
) -> Result<Vec<(Uuid, i32)>, sqlx::Error> {
    let rows = sqlx::query!(
        "UPDATE sessions SET generation = generation + 1 WHERE id = ANY (ARRAY (
             SELECT id FROM sessions WHERE account_id = ANY($1) ORDER BY id FOR UPDATE))
         RETURNING id, generation",
        account_ids
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.id, row.generation)).collect())
}

/// Deletes up to `limit` sessions that were over before `now`; gives how many.
pub(crate) async fn delete_expired(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "DELETE FROM sessions WHERE id = ANY (ARRAY (
             SELECT id FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        now,
        limit
    );
    Ok(deleted.execute(connection).await?.rows_affected())
}
