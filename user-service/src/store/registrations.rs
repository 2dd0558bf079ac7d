//! Registrations: what somebody registered with, until the owner of the address makes an account of it.

use super::people::{Columns, person};
use crate::domain::Person;
use contracts::AccountId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) struct NewRegistration {
    pub(crate) id: AccountId,
    pub(crate) person: Person,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) expires_at: OffsetDateTime,
}

pub(crate) struct Registration {
    pub(crate) id: AccountId,
    pub(crate) person: Person,
    /// How many changes it had.
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
    version: i64,
}

impl From<Row> for Registration {
    fn from(row: Row) -> Self {
        Self { id: row.id.into(), person: person!(row), version: row.version }
    }
}

/// The newest live one of an address.
pub(crate) struct Newest {
    pub(crate) id: AccountId,
    pub(crate) email_key: String,
    /// How many changes it had.
    pub(crate) version: i64,
}

/// Beside all others of their addresses; as the first change of each.
pub(crate) async fn insert(connection: &mut PgConnection, new: &[NewRegistration]) -> Result<(), sqlx::Error> {
    let ids: Vec<_> = new.iter().map(|new| new.id.uuid()).collect();
    let people = Columns::of(new.iter().map(|new| &new.person));
    let created: Vec<_> = new.iter().map(|new| new.created_at).collect();
    let expires: Vec<_> = new.iter().map(|new| new.expires_at).collect();
    sqlx::query!(
        "INSERT INTO registrations (id, first_name, last_name, email, email_key, phone, address, password_hash, created_at,
             expires_at, version)
         SELECT id, first_name, last_name, email, email_key, phone, address, password_hash, created_at, expires_at, 1
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
             $9::timestamptz[], $10::timestamptz[])
             AS new (id, first_name, last_name, email, email_key, phone, address, password_hash, created_at, expires_at)",
        &ids,
        &people.first_names as &[&str],
        &people.last_names as &[&str],
        &people.emails as &[&str],
        &people.email_keys as &[&str],
        &people.phones as &[Option<&str>],
        &people.addresses as &[Option<&str>],
        &people.password_hashes as &[&str],
        &created,
        &expires
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// One that has not expired.
pub(crate) async fn find(
    connection: &mut PgConnection,
    id: AccountId,
    now: OffsetDateTime,
) -> Result<Option<Registration>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, first_name, last_name, email, email_key, phone, address, password_hash, version
         FROM registrations WHERE id = $1 AND expires_at > $2",
        id.uuid(),
        now
    );
    Ok(row.fetch_optional(connection).await?.map(Registration::from))
}

/// Id and password hash of the newest live one under any of the keys, which are those of one address.
pub(crate) async fn newest_hash(
    connection: &mut PgConnection,
    email_keys: &[String],
    now: OffsetDateTime,
) -> Result<Option<(AccountId, String)>, sqlx::Error> {
    let found = sqlx::query!(
        "SELECT id, password_hash FROM registrations WHERE email_key = ANY($1) AND expires_at > $2
         ORDER BY id DESC LIMIT 1",
        email_keys,
        now
    );
    Ok(found.fetch_optional(connection).await?.map(|row| (row.id.into(), row.password_hash)))
}

/// All of these addresses, with their rows locked.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    email_keys: &[String],
) -> Result<Vec<Registration>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, first_name, last_name, email, email_key, phone, address, password_hash, version
         FROM registrations WHERE email_key = ANY($1) ORDER BY id FOR UPDATE",
        email_keys
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Registration::from).collect())
}

/// The newest live one of each address that has any, with its row locked.
pub(crate) async fn lock_newest(
    connection: &mut PgConnection,
    email_keys: &[String],
    now: OffsetDateTime,
) -> Result<Vec<Newest>, sqlx::Error> {
    sqlx::query_as!(
        Newest,
        "SELECT id, email_key, version FROM registrations
         WHERE id IN (SELECT DISTINCT ON (email_key) id FROM registrations
             WHERE email_key = ANY($1) AND expires_at > $2 ORDER BY email_key, id DESC)
         ORDER BY id FOR UPDATE",
        email_keys,
        now
    )
    .fetch_all(connection)
    .await
}

/// Gives locked ones time until `expires_at`, with as many changes as they say.
pub(crate) async fn renew(
    connection: &mut PgConnection,
    renewed: &[Newest],
    expires_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let ids: Vec<_> = renewed.iter().map(|newest| newest.id.uuid()).collect();
    let versions: Vec<_> = renewed.iter().map(|newest| newest.version).collect();
    sqlx::query!(
        "UPDATE registrations SET version = renewed.version, expires_at = $3
         FROM unnest($1::uuid[], $2::bigint[]) AS renewed (id, version) WHERE registrations.id = renewed.id",
        &ids,
        &versions,
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes them.
pub(crate) async fn delete(connection: &mut PgConnection, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM registrations WHERE id = ANY($1)", ids).execute(connection).await?;
    Ok(())
}

/// Deletes up to `limit` that have expired; gives how many.
pub(crate) async fn delete_expired(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    // Without waiting: several instances may run this. By where the rows lie, which their locks keep.
    let result = sqlx::query!(
        "WITH over AS (
             SELECT ctid FROM registrations WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
         DELETE FROM registrations USING over WHERE registrations.ctid = over.ctid",
        now,
        limit
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}
