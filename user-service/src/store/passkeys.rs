//! Passkeys.

use crate::domain::PasskeyKey;
use contracts::{AccountId, PasskeyId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) struct Passkey {
    pub(crate) id: PasskeyId,
    pub(crate) owner: AccountId,
    pub(crate) name: String,
    pub(crate) key: PasskeyKey,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) last_used_at: Option<OffsetDateTime>,
}

struct Row {
    id: Uuid,
    account_id: Uuid,
    name: String,
    credential_id: Vec<u8>,
    transports: i16,
    static_state: Vec<u8>,
    dynamic_state: Vec<u8>,
    created_at: OffsetDateTime,
    last_used_at: Option<OffsetDateTime>,
}

impl From<Row> for Passkey {
    fn from(row: Row) -> Self {
        let Row { credential_id, transports, static_state, dynamic_state, .. } = row;
        Self {
            id: row.id.into(),
            owner: row.account_id.into(),
            name: row.name,
            key: PasskeyKey { credential_id, transports, static_state, dynamic_state },
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// As they were added.
pub(crate) async fn list(connection: &mut PgConnection, owner: AccountId) -> Result<Vec<Passkey>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, account_id, name, credential_id, transports, static_state, dynamic_state, created_at, last_used_at
         FROM passkeys WHERE account_id = $1 ORDER BY id",
        owner.uuid()
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Passkey::from).collect())
}

/// Whose it is.
pub(crate) async fn owner(
    connection: &mut PgConnection,
    credential_id: &[u8],
) -> Result<Option<AccountId>, sqlx::Error> {
    let owner = sqlx::query_scalar!("SELECT account_id FROM passkeys WHERE credential_id = $1", credential_id);
    Ok(owner.fetch_optional(connection).await?.map(AccountId::from))
}

/// One of the owner's, locked until the transaction ends: of two answers with one counter, one is too late.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    owner: AccountId,
    credential_id: &[u8],
) -> Result<Option<Passkey>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, account_id, name, credential_id, transports, static_state, dynamic_state, created_at, last_used_at
         FROM passkeys WHERE credential_id = $1 AND account_id = $2 FOR UPDATE",
        credential_id,
        owner.uuid()
    );
    Ok(row.fetch_optional(connection).await?.map(Passkey::from))
}

/// False where somebody has it already.
pub(crate) async fn insert(connection: &mut PgConnection, new: &Passkey) -> Result<bool, sqlx::Error> {
    let added = sqlx::query!(
        "INSERT INTO passkeys (id, account_id, name, credential_id, transports, static_state, dynamic_state, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ON CONSTRAINT passkeys_credential_unique DO NOTHING",
        new.id.uuid(),
        new.owner.uuid(),
        new.name,
        new.key.credential_id,
        new.key.transports,
        new.key.static_state,
        new.key.dynamic_state,
        new.created_at
    );
    Ok(added.execute(connection).await?.rows_affected() == 1)
}

/// It was shown.
pub(crate) async fn used(
    connection: &mut PgConnection,
    id: PasskeyId,
    dynamic_state: &[u8],
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE passkeys SET dynamic_state = $2, last_used_at = $3 WHERE id = $1",
        id.uuid(),
        dynamic_state,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// None where it is none of the owner's.
pub(crate) async fn rename(
    connection: &mut PgConnection,
    owner: AccountId,
    id: PasskeyId,
    name: &str,
) -> Result<Option<Passkey>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "UPDATE passkeys SET name = $3 WHERE id = $1 AND account_id = $2
         RETURNING id, account_id, name, credential_id, transports, static_state, dynamic_state, created_at, last_used_at",
        id.uuid(),
        owner.uuid(),
        name
    );
    Ok(row.fetch_optional(connection).await?.map(Passkey::from))
}

/// False where it is none of the owner's.
pub(crate) async fn delete(
    connection: &mut PgConnection,
    owner: AccountId,
    id: PasskeyId,
) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query!("DELETE FROM passkeys WHERE id = $1 AND account_id = $2", id.uuid(), owner.uuid());
    Ok(deleted.execute(connection).await?.rows_affected() == 1)
}
