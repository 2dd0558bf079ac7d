//! Accounts.

use crate::domain::{Email, Name, OptionalText};
use contracts::AccountId;
use service_kit::auth::Role;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// Without `Debug`: it would end up in a log.
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
    pub(crate) phone: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) password_hash: String,
    pub(crate) role: Role,
    pub(crate) verified_at: Option<OffsetDateTime>,
    pub(crate) created_at: OffsetDateTime,
}

pub(crate) struct NewAccount {
    pub(crate) id: AccountId,
    pub(crate) first_name: Name,
    pub(crate) last_name: Name,
    pub(crate) email: Email,
    pub(crate) phone: OptionalText,
    pub(crate) address: OptionalText,
    pub(crate) password_hash: String,
    pub(crate) role: Role,
    pub(crate) verified_at: Option<OffsetDateTime>,
    pub(crate) created_at: OffsetDateTime,
}

struct Row {
    id: Uuid,
    first_name: String,
    last_name: String,
    email: String,
    phone: Option<String>,
    address: Option<String>,
    password_hash: String,
    role: String,
    verified_at: Option<OffsetDateTime>,
    created_at: OffsetDateTime,
}

impl From<Row> for Account {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            first_name: row.first_name,
            last_name: row.last_name,
            email: row.email,
            phone: row.phone,
            address: row.address,
            password_hash: row.password_hash,
            role: if row.role == Role::Admin.as_str() { Role::Admin } else { Role::Customer },
            verified_at: row.verified_at,
            created_at: row.created_at,
        }
    }
}

/// False when an account with this address exists already.
pub(crate) async fn insert(connection: &mut PgConnection, new: &NewAccount) -> Result<bool, sqlx::Error> {
    let result = sqlx::query!(
        "INSERT INTO accounts (id, first_name, last_name, email, email_key, phone, address, password_hash, role,
             verified_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT ON CONSTRAINT accounts_email_unique DO NOTHING",
        new.id.uuid(),
        new.first_name.as_str(),
        new.last_name.as_str(),
        new.email.as_str(),
        new.email.key(),
        new.phone.as_deref(),
        new.address.as_deref(),
        new.password_hash,
        new.role.as_str(),
        new.verified_at,
        new.created_at
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

pub(crate) async fn find(connection: &mut PgConnection, id: AccountId) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, first_name, last_name, email, phone, address, password_hash, role, verified_at, created_at
         FROM accounts WHERE id = $1",
        id.uuid()
    );
    Ok(row.fetch_optional(connection).await?.map(Account::from))
}

pub(crate) async fn find_by_email(
    connection: &mut PgConnection,
    email: &Email,
) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, first_name, last_name, email, phone, address, password_hash, role, verified_at, created_at
         FROM accounts WHERE email_key = $1",
        email.key()
    );
    Ok(row.fetch_optional(connection).await?.map(Account::from))
}

pub(crate) async fn lock_by_email(
    connection: &mut PgConnection,
    email: &Email,
) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, first_name, last_name, email, phone, address, password_hash, role, verified_at, created_at
         FROM accounts WHERE email_key = $1 FOR UPDATE",
        email.key()
    );
    Ok(row.fetch_optional(connection).await?.map(Account::from))
}

/// Takes the row's lock. Whether the address is verified; none without such an account.
pub(crate) async fn lock_verified(connection: &mut PgConnection, id: AccountId) -> Result<Option<bool>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT verified_at IS NOT NULL AS "verified!" FROM accounts WHERE id = $1 FOR UPDATE"#,
        id.uuid()
    )
    .fetch_optional(connection)
    .await
}

/// A later registration takes the place of one that was never confirmed.
pub(crate) async fn replace_registration(
    connection: &mut PgConnection,
    id: AccountId,
    new: &NewAccount,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE accounts SET first_name = $2, last_name = $3, phone = $4, address = $5, password_hash = $6
         WHERE id = $1 AND verified_at IS NULL",
        id.uuid(),
        new.first_name.as_str(),
        new.last_name.as_str(),
        new.phone.as_deref(),
        new.address.as_deref(),
        new.password_hash
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes the row's lock and gives the number of the change about to be made: the sequence of its event.
pub(crate) async fn next_version(connection: &mut PgConnection, id: AccountId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!("UPDATE accounts SET version = version + 1 WHERE id = $1 RETURNING version", id.uuid())
        .fetch_one(connection)
        .await
}

/// Puts into force what was registered with the verification's mail, and counts the address as verified.
pub(crate) async fn confirm(
    connection: &mut PgConnection,
    verification: Uuid,
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE accounts
         SET verified_at = $2, first_name = registered.first_name, last_name = registered.last_name,
             phone = registered.phone, address = registered.address, password_hash = registered.password_hash
         FROM verifications registered
         WHERE registered.event_id = $1 AND accounts.id = registered.account_id AND accounts.verified_at IS NULL",
        verification,
        at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Only while the hash is still the `old` one: a password changed meanwhile stays changed.
pub(crate) async fn replace_hash(
    connection: &mut PgConnection,
    id: AccountId,
    old: &str,
    new: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2", id.uuid(), old, new)
        .execute(connection)
        .await?;
    Ok(())
}
