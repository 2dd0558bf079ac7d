//! Accounts that are to be erased, and what the other services said of it.

use super::registrations;
use contracts::{AccountId, ErasureId, ServiceName};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Clone, Debug)]
pub(crate) struct Erasure {
    pub(crate) id: ErasureId,
    pub(crate) account_id: AccountId,
    pub(crate) asked_at: OffsetDateTime,
    pub(crate) due_at: OffsetDateTime,
    pub(crate) kept_at: Option<OffsetDateTime>,
    pub(crate) erased_at: Option<OffsetDateTime>,
}

pub(crate) async fn insert(connection: &mut PgConnection, new: &Erasure, token_hash: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO erasures (id, account_id, token_hash, asked_at, due_at) VALUES ($1, $2, $3, $4, $5)",
        new.id.uuid(),
        new.account_id.uuid(),
        token_hash,
        new.asked_at,
        new.due_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn find(connection: &mut PgConnection, id: ErasureId) -> Result<Option<Erasure>, sqlx::Error> {
    sqlx::query_as!(
        Erasure,
        "SELECT id, account_id, asked_at, due_at, kept_at, erased_at FROM erasures WHERE id = $1",
        id.uuid()
    )
    .fetch_optional(connection)
    .await
}

/// The one that waits, or was carried out; none where the account was kept.
pub(crate) async fn find_of(
    connection: &mut PgConnection,
    account_id: AccountId,
) -> Result<Option<Erasure>, sqlx::Error> {
    sqlx::query_as!(
        Erasure,
        "SELECT id, account_id, asked_at, due_at, kept_at, erased_at FROM erasures
         WHERE account_id = $1 AND kept_at IS NULL",
        account_id.uuid()
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn find_by_token(
    connection: &mut PgConnection,
    token_hash: &[u8],
) -> Result<Option<Erasure>, sqlx::Error> {
    sqlx::query_as!(
        Erasure,
        "SELECT id, account_id, asked_at, due_at, kept_at, erased_at FROM erasures WHERE token_hash = $1",
        token_hash
    )
    .fetch_optional(connection)
    .await
}

/// False where it was carried out, or the account kept already.
pub(crate) async fn keep(
    connection: &mut PgConnection,
    id: ErasureId,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let kept = sqlx::query!(
        "UPDATE erasures SET kept_at = $2 WHERE id = $1 AND kept_at IS NULL AND erased_at IS NULL",
        id.uuid(),
        now
    );
    Ok(kept.execute(connection).await?.rows_affected() == 1)
}

/// When the next one is due, which may be long ago.
pub(crate) async fn next_due(connection: &mut PgConnection) -> Result<Option<OffsetDateTime>, sqlx::Error> {
    sqlx::query_scalar!("SELECT min(due_at) FROM erasures WHERE kept_at IS NULL AND erased_at IS NULL")
        .fetch_one(connection)
        .await
}

/// Locks the one that is due longest, unless another has it.
pub(crate) async fn lock_due(
    connection: &mut PgConnection,
    now: OffsetDateTime,
) -> Result<Option<Erasure>, sqlx::Error> {
    sqlx::query_as!(
        Erasure,
        "SELECT id, account_id, asked_at, due_at, kept_at, erased_at FROM erasures
         WHERE kept_at IS NULL AND erased_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED",
        now
    )
    .fetch_optional(connection)
    .await
}

/// It waits until then.
pub(crate) async fn put_off(
    connection: &mut PgConnection,
    id: ErasureId,
    until: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE erasures SET due_at = $2 WHERE id = $1", id.uuid(), until).execute(connection).await?;
    Ok(())
}

pub(crate) async fn carried_out(
    connection: &mut PgConnection,
    id: ErasureId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE erasures SET erased_at = $2 WHERE id = $1", id.uuid(), now).execute(connection).await?;
    Ok(())
}

/// Under which other ids something of the account's address may be filed: registrations, and what was asked for about it.
pub(crate) async fn other_ids(
    connection: &mut PgConnection,
    account_id: AccountId,
    email_key: &str,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM account_requests WHERE email_key = $2 OR account_id = $1
           UNION SELECT id FROM registrations WHERE email_key = $2
           UNION SELECT registration_id FROM registration_links WHERE account_id = $1"#,
        account_id.uuid(),
        email_key
    )
    .fetch_all(connection)
    .await
}

/// Deletes the account with all that hangs on it, and what was registered or asked for with its address: its other ids.
pub(crate) async fn delete_account(
    connection: &mut PgConnection,
    account_id: AccountId,
    also: &[Uuid],
) -> Result<(), sqlx::Error> {
    let account = account_id.uuid();
    // Those of a change of address by another account hold it, too.
    sqlx::query!("DELETE FROM account_requests WHERE id = ANY($1)", also).execute(&mut *connection).await?;
    registrations::delete(connection, also).await?;
    sqlx::query!(
        "DELETE FROM registration_links WHERE registration_id = ANY($1) OR registration_id = $2",
        also,
        account
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("DELETE FROM verifications WHERE account_id = $1", account).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM idempotency_keys WHERE owner = $1", account).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM accounts WHERE id = $1", account).execute(connection).await?;
    Ok(())
}

/// Files a service's receipt; one that comes again changes nothing.
pub(crate) async fn file_receipt(
    connection: &mut PgConnection,
    account_id: AccountId,
    service: ServiceName,
    rows: i64,
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO erasure_receipts (account_id, service, rows, at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, service) DO NOTHING",
        account_id.uuid(),
        service.as_str(),
        rows,
        at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which services have sent theirs, and when.
pub(crate) async fn receipts(
    connection: &mut PgConnection,
    account_id: AccountId,
) -> Result<Vec<(String, OffsetDateTime)>, sqlx::Error> {
    let rows = sqlx::query!("SELECT service, at FROM erasure_receipts WHERE account_id = $1", account_id.uuid());
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.service, row.at)).collect())
}
