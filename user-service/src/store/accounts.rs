//! Accounts.

use super::{
    people::{Columns, person},
    roles,
};
use crate::domain::Person;
use contracts::{AccountId, access::Permissions, api::user::Contact};
use sqlx::PgConnection;
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) person: Person,
    /// Its role's name.
    pub(crate) role: String,
    /// What the role permits.
    permissions: Permissions,
    needs_second_factor: bool,
    pub(crate) verified_at: Option<OffsetDateTime>,
    pub(crate) suspended_at: Option<OffsetDateTime>,
    pub(crate) created_at: OffsetDateTime,
}

impl Account {
    /// What it may do in a session that began with a second factor or without.
    pub(crate) fn permissions_in(&self, second_factor: bool) -> Permissions {
        if self.needs_second_factor && !second_factor { Permissions::NONE } else { self.permissions }
    }

    pub(crate) fn is_administrator(&self) -> bool {
        self.role == roles::ADMIN
    }

    /// Whether its role permits nothing without a second factor.
    pub(crate) fn needs_second_factor(&self) -> bool {
        self.needs_second_factor
    }
}

/// One whose address is confirmed.
pub(crate) struct NewAccount {
    pub(crate) id: AccountId,
    pub(crate) person: Person,
    /// Its role's name.
    pub(crate) role: String,
    pub(crate) created_at: OffsetDateTime,
    /// How many changes it had, those as a registration among them.
    pub(crate) version: i64,
}

struct Row {
    id: Uuid,
    first_name: String,
    last_name: String,
    email: String,
    email_key: String,
    phone: Option<String>,
    address: Option<String>,
    password_hash: String,
    role: String,
    permissions: Vec<String>,
    needs_second_factor: bool,
    verified_at: Option<OffsetDateTime>,
    suspended_at: Option<OffsetDateTime>,
    created_at: OffsetDateTime,
}

impl From<Row> for Account {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            person: person!(row),
            permissions: roles::permitted(&row.role, &row.permissions),
            role: row.role,
            needs_second_factor: row.needs_second_factor,
            verified_at: row.verified_at,
            suspended_at: row.suspended_at,
            created_at: row.created_at,
        }
    }
}

/// Makes those whose address has no account yet; gives their ids. Waits for whoever is making one with such an address.
pub(crate) async fn insert(connection: &mut PgConnection, new: &[&NewAccount]) -> Result<Vec<AccountId>, sqlx::Error> {
    let ids: Vec<_> = new.iter().map(|new| new.id.uuid()).collect();
    let people = Columns::of(new.iter().map(|new| &new.person));
    let roles: Vec<_> = new.iter().map(|new| new.role.as_str()).collect();
    let created: Vec<_> = new.iter().map(|new| new.created_at).collect();
    let versions: Vec<_> = new.iter().map(|new| new.version).collect();
    let made = sqlx::query_scalar!(
        "INSERT INTO accounts (id, first_name, last_name, email, email_key, phone, address, password_hash, role,
             verified_at, created_at, version)
         SELECT id, first_name, last_name, email, email_key, phone, address, password_hash, role, created_at, created_at,
             version
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
             $9::text[], $10::timestamptz[], $11::bigint[])
             AS new (id, first_name, last_name, email, email_key, phone, address, password_hash, role, created_at, version)
         ORDER BY email_key
         ON CONFLICT ON CONSTRAINT accounts_email_unique DO NOTHING RETURNING id",
        &ids,
        &people.first_names as &[&str],
        &people.last_names as &[&str],
        &people.emails as &[&str],
        &people.email_keys as &[&str],
        &people.phones as &[Option<&str>],
        &people.addresses as &[Option<&str>],
        &people.password_hashes as &[&str],
        &roles as &[&str],
        &created,
        &versions
    );
    Ok(made.fetch_all(connection).await?.into_iter().map(AccountId::from).collect())
}

pub(crate) async fn find(connection: &mut PgConnection, id: AccountId) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, first_name, last_name, email, email_key, phone, address, password_hash, role, permissions,
             needs_second_factor, verified_at, suspended_at, created_at
         FROM accounts JOIN roles ON roles.name = accounts.role WHERE id = $1",
        id.uuid()
    );
    Ok(row.fetch_optional(connection).await?.map(Account::from))
}

/// The same, locked until the transaction ends.
pub(crate) async fn lock(connection: &mut PgConnection, id: AccountId) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, first_name, last_name, email, email_key, phone, address, password_hash, role, permissions,
             needs_second_factor, verified_at, suspended_at, created_at
         FROM accounts JOIN roles ON roles.name = accounts.role WHERE id = $1 FOR UPDATE OF accounts",
        id.uuid()
    );
    Ok(row.fetch_optional(connection).await?.map(Account::from))
}

/// Where those of them are reached that have an account.
pub(crate) async fn contacts(connection: &mut PgConnection, ids: &[AccountId]) -> Result<Vec<Contact>, sqlx::Error> {
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    let found = sqlx::query!("SELECT id, email, first_name, last_name FROM accounts WHERE id = ANY($1)", &ids);
    let contacts = found.fetch_all(connection).await?.into_iter().map(|row| Contact {
        account_id: row.id.into(),
        email: row.email,
        first_name: row.first_name,
        last_name: row.last_name,
        join_url: None,
    });
    Ok(contacts.collect())
}

/// The confirmed account under the first of the keys that has one.
pub(crate) async fn find_by_keys(
    connection: &mut PgConnection,
    email_keys: &[String],
) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, first_name, last_name, email, email_key, phone, address, password_hash, role, permissions,
             needs_second_factor, verified_at, suspended_at, created_at
         FROM accounts JOIN roles ON roles.name = accounts.role
         WHERE email_key = ANY($1) AND verified_at IS NOT NULL
         ORDER BY array_position($1, email_key) LIMIT 1",
        email_keys
    );
    Ok(row.fetch_optional(connection).await?.map(Account::from))
}

/// Whose the addresses are, by their keys.
pub(crate) async fn holders(
    connection: &mut PgConnection,
    email_keys: &[String],
) -> Result<HashMap<String, AccountId>, sqlx::Error> {
    let held = sqlx::query!(
        "SELECT email_key, id FROM accounts WHERE email_key = ANY($1) AND verified_at IS NOT NULL",
        email_keys
    );
    Ok(held.fetch_all(connection).await?.into_iter().map(|row| (row.email_key, row.id.into())).collect())
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

/// Gives accounts their new keys, no two the same; gives whose. Left as they are: those whose new key is another's already.
pub(crate) async fn rekey(
    connection: &mut PgConnection,
    rekeyed: &[(Keyed, String)],
) -> Result<Vec<Uuid>, sqlx::Error> {
    let ids: Vec<_> = rekeyed.iter().map(|(account, _new)| account.id).collect();
    let old: Vec<_> = rekeyed.iter().map(|(account, _new)| account.email_key.as_str()).collect();
    let new: Vec<_> = rekeyed.iter().map(|(_account, new)| new.as_str()).collect();
    sqlx::query_scalar!(
        "UPDATE accounts SET email_key = key.new
         FROM unnest($1::uuid[], $2::text[], $3::text[]) AS key (id, old, new)
         WHERE accounts.id = key.id AND accounts.email_key = key.old
             AND NOT EXISTS (SELECT FROM accounts taken WHERE taken.email_key = key.new)
         RETURNING accounts.id",
        &ids,
        &old as &[&str],
        &new as &[&str]
    )
    .fetch_all(connection)
    .await
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

/// Gives it another password; its next change.
pub(crate) async fn set_password(
    connection: &mut PgConnection,
    id: AccountId,
    password_hash: &str,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        "UPDATE accounts SET password_hash = $2, version = version + 1 WHERE id = $1 RETURNING version",
        id.uuid(),
        password_hash
    )
    .fetch_one(connection)
    .await
}

/// Gives it another address; its next change. None where another account has that address.
pub(crate) async fn set_email(
    connection: &mut PgConnection,
    id: AccountId,
    email: &str,
    email_key: &str,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        "UPDATE accounts SET email = $2, email_key = $3, version = version + 1
         WHERE id = $1 AND NOT EXISTS (SELECT FROM accounts taken WHERE taken.email_key = $3 AND taken.id <> $1)
         RETURNING version",
        id.uuid(),
        email,
        email_key
    )
    .fetch_optional(connection)
    .await
}

/// Another role; its next change.
pub(crate) async fn set_role(connection: &mut PgConnection, id: AccountId, role: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        "UPDATE accounts SET role = $2, version = version + 1 WHERE id = $1 RETURNING version",
        id.uuid(),
        role
    )
    .fetch_one(connection)
    .await
}

/// Suspended since then, or not.
pub(crate) async fn set_suspended(
    connection: &mut PgConnection,
    id: AccountId,
    since: Option<OffsetDateTime>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        "UPDATE accounts SET suspended_at = $2, version = version + 1 WHERE id = $1 RETURNING version",
        id.uuid(),
        since
    )
    .fetch_one(connection)
    .await
}

/// Its next change, for an event.
pub(crate) async fn next_version(connection: &mut PgConnection, id: AccountId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!("UPDATE accounts SET version = version + 1 WHERE id = $1 RETURNING version", id.uuid())
        .fetch_one(connection)
        .await
}

/// What it is called, and the phone.
pub(crate) async fn set_profile(connection: &mut PgConnection, account: &Account) -> Result<(), sqlx::Error> {
    let Person { first_name, last_name, phone, .. } = &account.person;
    sqlx::query!(
        "UPDATE accounts SET first_name = $2, last_name = $3, phone = $4, version = version + 1 WHERE id = $1",
        account.id.uuid(),
        first_name,
        last_name,
        phone.as_deref()
    )
    .execute(connection)
    .await?;
    Ok(())
}
