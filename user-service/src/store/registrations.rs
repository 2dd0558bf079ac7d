//! Registrations: what somebody registered with, until the owner of the address makes an account of it.

use crate::domain::{Email, Name, OptionalText};
use contracts::AccountId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) struct NewRegistration {
    pub(crate) id: AccountId,
    pub(crate) first_name: Name,
    pub(crate) last_name: Name,
    pub(crate) email: Email,
    pub(crate) phone: OptionalText,
    pub(crate) address: OptionalText,
    pub(crate) password_hash: String,
    pub(crate) created_at: OffsetDateTime,
}

/// Without `Debug`: it would end up in a log.
pub(crate) struct Registration {
    pub(crate) id: Uuid,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
    pub(crate) email_key: String,
    pub(crate) phone: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) password_hash: String,
}

/// Beside all others of the same address; as its first change.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    new: &NewRegistration,
    expires_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO registrations (id, first_name, last_name, email, email_key, phone, address, password_hash, created_at,
             expires_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)",
        new.id.uuid(),
        new.first_name.as_str(),
        new.last_name.as_str(),
        new.email.as_str(),
        new.email.key(),
        new.phone.as_deref(),
        new.address.as_deref(),
        new.password_hash,
        new.created_at,
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// One that has not expired.
pub(crate) async fn find(
    connection: &mut PgConnection,
    id: Uuid,
    now: OffsetDateTime,
) -> Result<Option<Registration>, sqlx::Error> {
    sqlx::query_as!(
        Registration,
        "SELECT id, first_name, last_name, email, email_key, phone, address, password_hash
         FROM registrations WHERE id = $1 AND expires_at > $2",
        id,
        now
    )
    .fetch_optional(connection)
    .await
}

/// Id and password hash of the newest live one of an address.
pub(crate) async fn newest_hash(
    connection: &mut PgConnection,
    email_keys: &[String],
    now: OffsetDateTime,
) -> Result<Option<(Uuid, String)>, sqlx::Error> {
    let found = sqlx::query!(
        "SELECT id, password_hash FROM registrations WHERE email_key = ANY($1) AND expires_at > $2
         ORDER BY id DESC LIMIT 1",
        email_keys,
        now
    );
    Ok(found.fetch_optional(connection).await?.map(|row| (row.id, row.password_hash)))
}

/// Gives the newest live one of an address time until `expires_at`; its id and the number of this change.
pub(crate) async fn renew(
    connection: &mut PgConnection,
    email_key: &str,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<Option<(AccountId, i64)>, sqlx::Error> {
    let renewed = sqlx::query!(
        "UPDATE registrations SET version = version + 1, expires_at = $3
         WHERE id = (SELECT id FROM registrations WHERE email_key = $1 AND expires_at > $2 ORDER BY id DESC LIMIT 1)
         RETURNING id, version",
        email_key,
        now,
        expires_at
    );
    Ok(renewed.fetch_optional(connection).await?.map(|row| (row.id.into(), row.version)))
}

/// Ends the one that becomes an account; gives how many changes it had. None when it has ended meanwhile.
pub(crate) async fn end(connection: &mut PgConnection, id: Uuid) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!("DELETE FROM registrations WHERE id = $1 RETURNING version", id)
        .fetch_optional(connection)
        .await
}

/// Ends all of an address, and the links of all of them and of `own`: `account` has the address now.
pub(crate) async fn end_all(
    connection: &mut PgConnection,
    email_key: &str,
    own: Option<Uuid>,
    account: Uuid,
) -> Result<(), sqlx::Error> {
    let ended = sqlx::query_scalar!("DELETE FROM registrations WHERE email_key = $1 RETURNING id", email_key);
    let mut ended = ended.fetch_all(&mut *connection).await?;
    ended.extend(own);
    sqlx::query!("UPDATE registration_links SET account_id = $2 WHERE registration_id = ANY($1)", &ended, account)
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes up to `limit` that have expired; gives how many.
pub(crate) async fn delete_expired(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    // Locked in order and without waiting: several instances may run this.
    let result = sqlx::query!(
        "DELETE FROM registrations WHERE id IN (
             SELECT id FROM registrations WHERE expires_at <= $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)",
        now,
        limit
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}
