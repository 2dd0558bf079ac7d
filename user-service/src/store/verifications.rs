//! Verification mails that were asked for, and what each one's link confirms.

use contracts::{AccountId, EventId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) struct Verification {
    pub(crate) event_id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) expires_at: OffsetDateTime,
}

/// Keeps what the account holds at this moment: the link will confirm that and nothing later.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    event_id: EventId,
    account_id: AccountId,
    token_hash: &[u8],
    expires_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO verifications (event_id, account_id, token_hash, expires_at, first_name, last_name, phone, address,
             password_hash)
         SELECT $1, id, $3, $4, first_name, last_name, phone, address, password_hash FROM accounts WHERE id = $2",
        event_id.uuid(),
        account_id.uuid(),
        token_hash,
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds by the token's hash.
pub(crate) async fn find(
    connection: &mut PgConnection,
    token_hash: &[u8],
) -> Result<Option<Verification>, sqlx::Error> {
    sqlx::query_as!(
        Verification,
        "SELECT event_id, account_id, expires_at FROM verifications WHERE token_hash = $1",
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

/// Empties what the account's links would have confirmed.
pub(crate) async fn settle(connection: &mut PgConnection, account_id: AccountId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE verifications
         SET first_name = NULL, last_name = NULL, phone = NULL, address = NULL, password_hash = NULL
         WHERE account_id = $1",
        account_id.uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes up to `limit` links that expired before `before`; gives how many.
pub(crate) async fn delete_expired(
    connection: &mut PgConnection,
    before: OffsetDateTime,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    // Locked in order and without waiting: several instances may run this.
    let result = sqlx::query!(
        "DELETE FROM verifications WHERE event_id IN (
             SELECT event_id FROM verifications WHERE expires_at < $1 ORDER BY event_id LIMIT $2
             FOR UPDATE SKIP LOCKED)",
        before,
        limit
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}
