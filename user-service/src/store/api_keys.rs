//! API keys, by their hashes.

use contracts::{
    ApiKeyId,
    access::{Permission, Permissions},
};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) struct StoredKey {
    pub(crate) id: ApiKeyId,
    pub(crate) name: String,
    pub(crate) prefix: String,
    permissions: Vec<String>,
    pub(crate) made_by: Uuid,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) expires_at: Option<OffsetDateTime>,
    pub(crate) last_used_at: Option<OffsetDateTime>,
    pub(crate) previous_until: Option<OffsetDateTime>,
    pub(crate) revoked_at: Option<OffsetDateTime>,
}

impl StoredKey {
    pub(crate) fn permissions(&self) -> Permissions {
        self.permissions.iter().filter_map(|name| name.parse::<Permission>().ok()).collect()
    }

    pub(crate) fn works(&self, now: OffsetDateTime) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

pub(crate) struct NewKey {
    pub(crate) id: ApiKeyId,
    pub(crate) name: String,
    pub(crate) prefix: String,
    pub(crate) hash: Vec<u8>,
    pub(crate) permissions: Permissions,
    pub(crate) made_by: Uuid,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) expires_at: Option<OffsetDateTime>,
}

pub(crate) async fn insert(connection: &mut PgConnection, new: &NewKey) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO api_keys (id, name, prefix, key_hash, permissions, made_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        new.id.uuid(),
        new.name,
        new.prefix,
        new.hash,
        &new.permissions.names(),
        new.made_by,
        new.created_at,
        new.expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// All of them, the newest first: a shop has few.
pub(crate) async fn list(connection: &mut PgConnection) -> Result<Vec<StoredKey>, sqlx::Error> {
    sqlx::query_as!(
        StoredKey,
        "SELECT id, name, prefix, permissions, made_by, created_at, expires_at, last_used_at, previous_until, revoked_at
         FROM api_keys ORDER BY id DESC"
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn lock(connection: &mut PgConnection, id: ApiKeyId) -> Result<Option<StoredKey>, sqlx::Error> {
    sqlx::query_as!(
        StoredKey,
        "SELECT id, name, prefix, permissions, made_by, created_at, expires_at, last_used_at, previous_until, revoked_at
         FROM api_keys WHERE id = $1 FOR UPDATE",
        id.uuid()
    )
    .fetch_optional(connection)
    .await
}

/// Whose hash it is, now or until the overlap of a rotation ends; that it was used is noted once a minute.
pub(crate) async fn used(
    connection: &mut PgConnection,
    hash: &[u8],
    now: OffsetDateTime,
) -> Result<Option<StoredKey>, sqlx::Error> {
    let found = sqlx::query_as!(
        StoredKey,
        "SELECT id, name, prefix, permissions, made_by, created_at, expires_at, last_used_at, previous_until, revoked_at
         FROM api_keys WHERE key_hash = $1 OR previous_hash = $1 AND previous_until > $2",
        hash,
        now
    );
    let Some(key) = found.fetch_optional(&mut *connection).await? else { return Ok(None) };
    sqlx::query!(
        "UPDATE api_keys SET last_used_at = $2
         WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute')",
        key.id.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(Some(key))
}

/// Another key in its place; the one before works until `previous_until`.
pub(crate) async fn rotate(
    connection: &mut PgConnection,
    id: ApiKeyId,
    (prefix, hash): (&str, &[u8]),
    previous_until: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE api_keys SET previous_hash = key_hash, previous_until = $4, prefix = $2, key_hash = $3 WHERE id = $1",
        id.uuid(),
        prefix,
        hash,
        previous_until
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn revoke(
    connection: &mut PgConnection,
    id: ApiKeyId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE api_keys SET revoked_at = $2 WHERE id = $1", id.uuid(), now).execute(connection).await?;
    Ok(())
}
