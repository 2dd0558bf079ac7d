//! Accounts.

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
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
    pub(crate) email_key: String,
    pub(crate) phone: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) password_hash: String,
    pub(crate) role: Role,
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

/// Makes an account whose address is confirmed. False when one with this address exists already.
pub(crate) async fn insert(connection: &mut PgConnection, new: &NewAccount) -> Result<bool, sqlx::Error> {
    let result = sqlx::query!(
        "INSERT INTO accounts (id, first_name, last_name, email, email_key, phone, address, password_hash, role,
             verified_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
         ON CONFLICT ON CONSTRAINT accounts_email_unique DO NOTHING",
        new.id.uuid(),
        new.first_name,
        new.last_name,
        new.email,
        new.email_key,
        new.phone,
        new.address,
        new.password_hash,
        new.role.as_str(),
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

/// The confirmed account under the first of the keys that has one.
pub(crate) async fn find_by_keys(
    connection: &mut PgConnection,
    email_keys: &[String],
) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, first_name, last_name, email, phone, address, password_hash, role, verified_at, created_at
         FROM accounts WHERE email_key = ANY($1) AND verified_at IS NOT NULL
         ORDER BY array_position($1, email_key) LIMIT 1",
        email_keys
    );
    Ok(row.fetch_optional(connection).await?.map(Account::from))
}

/// Whose the address is.
pub(crate) async fn holder(connection: &mut PgConnection, email_key: &str) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!("SELECT id FROM accounts WHERE email_key = $1 AND verified_at IS NOT NULL", email_key)
        .fetch_optional(connection)
        .await
}

/// Notes how many changes the account had, those as a registration among them.
pub(crate) async fn set_version(connection: &mut PgConnection, id: AccountId, version: i64) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE accounts SET version = $2 WHERE id = $1", id.uuid(), version).execute(connection).await?;
    Ok(())
}

/// An account whose key may be one of older rules.
pub(crate) struct Keyed {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) email_key: String,
}

/// The next such accounts after `after`.
pub(crate) async fn beyond_ascii(
    connection: &mut PgConnection,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Keyed>, sqlx::Error> {
    sqlx::query_as!(
        Keyed,
        "SELECT id, email, email_key FROM accounts
         WHERE octet_length(email || email_key) <> char_length(email || email_key) AND id > $1 ORDER BY id LIMIT $2",
        after,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Gives the account its new key, unless that is another's already; false then.
pub(crate) async fn rekey(connection: &mut PgConnection, account: &Keyed, key: &str) -> Result<bool, sqlx::Error> {
    let result = sqlx::query!(
        "UPDATE accounts SET email_key = $3
         WHERE id = $1 AND email_key = $2 AND NOT EXISTS (SELECT FROM accounts WHERE email_key = $3)",
        account.id,
        account.email_key,
        key
    );
    Ok(result.execute(connection).await?.rows_affected() == 1)
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
