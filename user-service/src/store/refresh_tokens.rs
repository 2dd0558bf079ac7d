//! Refresh tokens, by their hashes.

use contracts::SessionId;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub(crate) struct Stored {
    pub(crate) session_id: SessionId,
    pub(crate) expires_at: OffsetDateTime,
    pub(crate) used_at: Option<OffsetDateTime>,
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    hash: &[u8],
    session_id: SessionId,
    expires_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO refresh_tokens (token_hash, session_id, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        hash,
        session_id.uuid(),
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn find(connection: &mut PgConnection, hash: &[u8]) -> Result<Option<Stored>, sqlx::Error> {
    sqlx::query_as!(Stored, "SELECT session_id, expires_at, used_at FROM refresh_tokens WHERE token_hash = $1", hash)
        .fetch_optional(connection)
        .await
}

/// It was used, if it was not before.
pub(crate) async fn used(connection: &mut PgConnection, hash: &[u8], at: OffsetDateTime) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE refresh_tokens SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL", hash, at)
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes up to `limit` that expired before `now`; gives how many.
pub(crate) async fn delete_expired(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "DELETE FROM refresh_tokens WHERE token_hash = ANY (ARRAY (
             SELECT token_hash FROM refresh_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2
             FOR UPDATE SKIP LOCKED))",
        now,
        limit
    );
    Ok(deleted.execute(connection).await?.rows_affected())
}
