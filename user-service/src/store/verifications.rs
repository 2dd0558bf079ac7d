//! Verification mails that were asked for.

use contracts::{AccountId, EventId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) struct Verification {
    pub(crate) event_id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) expires_at: OffsetDateTime,
    pub(crate) used_at: Option<OffsetDateTime>,
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    event_id: EventId,
    account_id: AccountId,
    token_hash: &[u8],
    expires_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO verifications (event_id, account_id, token_hash, expires_at) VALUES ($1, $2, $3, $4)",
        event_id.uuid(),
        account_id.uuid(),
        token_hash,
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds by the token's hash and takes the row's lock: of two that use one token, one comes second.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    token_hash: &[u8],
) -> Result<Option<Verification>, sqlx::Error> {
    sqlx::query_as!(
        Verification,
        "SELECT event_id, account_id, expires_at, used_at FROM verifications WHERE token_hash = $1 FOR UPDATE",
        token_hash
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn exists(
    connection: &mut PgConnection,
    event_id: EventId,
    account_id: AccountId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM verifications WHERE event_id = $1 AND account_id = $2) AS "exists!""#,
        event_id.uuid(),
        account_id.uuid()
    )
    .fetch_one(connection)
    .await
}

pub(crate) async fn mark_used(
    connection: &mut PgConnection,
    event_id: Uuid,
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE verifications SET used_at = $2 WHERE event_id = $1", event_id, at).execute(connection).await?;
    Ok(())
}
