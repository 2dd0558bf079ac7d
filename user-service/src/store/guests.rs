//! Guests.

use crate::domain::Guest;
use contracts::{AccountId, api::user::Contact};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// A guest that is made.
pub(crate) struct NewGuest<'n> {
    pub(crate) guest: &'n Guest,
    pub(crate) secret_hash: &'n [u8],
    pub(crate) link_hash: &'n [u8],
    pub(crate) created_at: OffsetDateTime,
}

struct Row {
    id: Uuid,
    email: String,
    email_key: String,
    cart_id: Uuid,
    expires_at: OffsetDateTime,
    account_id: Option<Uuid>,
}

impl From<Row> for Guest {
    fn from(row: Row) -> Self {
        let Row { id, email, email_key, cart_id, expires_at, account_id } = row;
        let (id, cart_id, account_id) = (id.into(), cart_id.into(), account_id.map(AccountId::from));
        Self { id, email, email_key, cart_id, expires_at, account_id }
    }
}

/// False where the secret is a guest's already.
pub(crate) async fn insert(connection: &mut PgConnection, new: &NewGuest<'_>) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "INSERT INTO guests (id, email, email_key, cart_id, secret_hash, link_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ON CONSTRAINT guests_secret_unique DO NOTHING",
        new.guest.id.uuid(),
        new.guest.email,
        new.guest.email_key,
        new.guest.cart_id.uuid(),
        new.secret_hash,
        new.link_hash,
        new.created_at,
        new.guest.expires_at
    );
    Ok(inserted.execute(connection).await?.rows_affected() == 1)
}

pub(crate) async fn find_by_secret(connection: &mut PgConnection, hash: &[u8]) -> Result<Option<Guest>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, email, email_key, cart_id, expires_at, account_id FROM guests WHERE secret_hash = $1",
        hash
    );
    Ok(row.fetch_optional(connection).await?.map(Guest::from))
}

/// Locked until the transaction ends.
pub(crate) async fn lock_by_link(connection: &mut PgConnection, hash: &[u8]) -> Result<Option<Guest>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, email, email_key, cart_id, expires_at, account_id FROM guests WHERE link_hash = $1 FOR UPDATE",
        hash
    );
    Ok(row.fetch_optional(connection).await?.map(Guest::from))
}

/// Locked until the transaction ends.
pub(crate) async fn lock(connection: &mut PgConnection, id: AccountId) -> Result<Option<Guest>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, email, email_key, cart_id, expires_at, account_id FROM guests WHERE id = $1 FOR UPDATE",
        id.uuid()
    );
    Ok(row.fetch_optional(connection).await?.map(Guest::from))
}

/// A guest as staff see them.
pub(crate) struct Shown {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) mailed_at: Option<OffsetDateTime>,
    pub(crate) account_id: Option<Uuid>,
    pub(crate) created_at: OffsetDateTime,
}

pub(crate) async fn show(connection: &mut PgConnection, id: AccountId) -> Result<Option<Shown>, sqlx::Error> {
    sqlx::query_as!(Shown, "SELECT id, email, mailed_at, account_id, created_at FROM guests WHERE id = $1", id.uuid())
        .fetch_optional(connection)
        .await
}

/// Those of an address, in whatever way it was kept, the newest first.
pub(crate) async fn of_address(
    connection: &mut PgConnection,
    email_keys: &[String],
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Shown>, sqlx::Error> {
    sqlx::query_as!(
        Shown,
        "SELECT id, email, mailed_at, account_id, created_at FROM guests
         WHERE email_key = ANY($1) AND id < $2 ORDER BY id DESC LIMIT $3",
        email_keys,
        after.unwrap_or(Uuid::max()),
        limit
    )
    .fetch_all(connection)
    .await
}

/// The secret was used, and works until then.
pub(crate) async fn seen(
    connection: &mut PgConnection,
    id: AccountId,
    expires_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE guests SET expires_at = $2 WHERE id = $1", id.uuid(), expires_at).execute(connection).await?;
    Ok(())
}

/// Those of an address who have no account become its account's; gives whose and their changes.
pub(crate) async fn join(
    connection: &mut PgConnection,
    email_key: &str,
    account_id: AccountId,
) -> Result<Vec<(AccountId, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        "UPDATE guests SET account_id = $2, version = version + 1 WHERE id = ANY (ARRAY (
             SELECT id FROM guests WHERE email_key = $1 AND account_id IS NULL ORDER BY id FOR UPDATE))
         RETURNING id, version",
        email_key,
        account_id.uuid()
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.id.into(), row.version)).collect())
}

/// A guest's next change, for an event.
pub(crate) async fn next_version(connection: &mut PgConnection, id: AccountId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!("UPDATE guests SET version = version + 1 WHERE id = $1 RETURNING version", id.uuid())
        .fetch_one(connection)
        .await
}

/// Those that joined an account, or have its address.
pub(crate) async fn of_account(
    connection: &mut PgConnection,
    account_id: AccountId,
    email_key: &str,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM guests WHERE account_id = $1
           UNION SELECT id FROM guests WHERE email_key = $2 AND account_id IS NULL"#,
        account_id.uuid(),
        email_key
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn delete(connection: &mut PgConnection, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM guests WHERE id = ANY($1)", ids).execute(connection).await?;
    Ok(())
}

/// Where guests are reached: who has joined an account, where that is. Of a guest nobody vouches for a name.
pub(crate) async fn contacts(
    connection: &mut PgConnection,
    ids: &[AccountId],
) -> Result<Vec<(Contact, bool)>, sqlx::Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        r#"SELECT guest.id AS "id!", coalesce(account.email, guest.email) AS "email!", account.first_name AS "first_name?",
               account.last_name AS "last_name?", guest.account_id IS NULL AS "is_alone!"
           FROM guests AS guest LEFT JOIN accounts AS account ON account.id = guest.account_id WHERE guest.id = ANY($1)"#,
        &ids
    );
    let contacts = rows.fetch_all(connection).await?.into_iter().map(|row| {
        let contact = Contact {
            account_id: row.id.into(),
            email: row.email,
            first_name: row.first_name.unwrap_or_default(),
            last_name: row.last_name.unwrap_or_default(),
            join_url: None,
        };
        (contact, row.is_alone)
    });
    Ok(contacts.collect())
}

/// A mail goes to them: they have ordered.
pub(crate) async fn mailed(connection: &mut PgConnection, ids: &[Uuid], at: OffsetDateTime) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE guests SET mailed_at = $2 WHERE id = ANY($1) AND mailed_at IS NULL", ids, at)
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes up to `limit` who ordered nothing and whose secret was over before then; gives how many.
pub(crate) async fn delete_without_order(
    connection: &mut PgConnection,
    before: OffsetDateTime,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "DELETE FROM guests WHERE id = ANY (ARRAY (
             SELECT id FROM guests WHERE mailed_at IS NULL AND expires_at <= $1 ORDER BY expires_at LIMIT $2
             FOR UPDATE SKIP LOCKED))",
        before,
        limit
    );
    Ok(deleted.execute(connection).await?.rows_affected())
}
