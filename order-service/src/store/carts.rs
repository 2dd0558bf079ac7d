//! Carts: documents that are read by one statement and written by one. Who writes names the version they read.

use crate::{
    domain::{Agreed, Cart, CartLine},
    error::Error,
};
use contracts::{AccountId, CartId};
use serde_json::Value;
use sqlx::{PgConnection, types::Json};
use std::collections::HashSet;
use time::OffsetDateTime;
use uuid::Uuid;

/// Whose cart it must be.
#[derive(Clone, Debug)]
pub(crate) enum Holder {
    Account(AccountId),
    /// Who has the token with this SHA-256.
    Guest(Vec<u8>),
}

impl Holder {
    fn columns(&self) -> (Option<Uuid>, Option<&[u8]>) {
        match self {
            Self::Account(account_id) => (Some(account_id.uuid()), None),
            Self::Guest(token_hash) => (None, Some(token_hash)),
        }
    }
}

struct Row {
    id: Uuid,
    lines: Json<Vec<CartLine>>,
    added_by: Vec<String>,
    version: i64,
    expires_at: OffsetDateTime,
}

impl From<Row> for Cart {
    fn from(row: Row) -> Self {
        let Row { id, lines: Json(lines), added_by, version, expires_at } = row;
        Self { id: id.into(), lines, added_by, version, expires_at }
    }
}

/// None where there is none, or it is somebody else's.
pub(crate) async fn find(
    connection: &mut PgConnection,
    id: CartId,
    holders: &[Holder],
) -> Result<Option<Cart>, sqlx::Error> {
    let accounts: Vec<Uuid> = holders.iter().filter_map(|holder| holder.columns().0).collect();
    let tokens: Vec<Vec<u8>> = holders.iter().filter_map(|holder| holder.columns().1).map(<[u8]>::to_vec).collect();
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, lines AS "lines: Json<Vec<CartLine>>", added_by, version, expires_at
           FROM carts WHERE id = $1 AND (account_id = ANY ($2) OR token_hash = ANY ($3))"#,
        id.uuid(),
        &accounts,
        &tokens
    );
    Ok(row.fetch_optional(connection).await?.map(Cart::from))
}

/// An account has one.
pub(crate) async fn of_account(
    connection: &mut PgConnection,
    account_id: AccountId,
) -> Result<Option<Cart>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, lines AS "lines: Json<Vec<CartLine>>", added_by, version, expires_at
           FROM carts WHERE account_id = $1"#,
        account_id.uuid()
    );
    Ok(row.fetch_optional(connection).await?.map(Cart::from))
}

/// False where the account has one already.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    cart: &Cart,
    holder: &Holder,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let (account_id, token_hash) = holder.columns();
    let inserted = sqlx::query!(
        "INSERT INTO carts (id, account_id, token_hash, lines, created_at, changed_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $5, $6) ON CONFLICT DO NOTHING",
        cart.id.uuid(),
        account_id,
        token_hash,
        Json(&cart.lines) as _,
        now,
        cart.expires_at
    );
    Ok(inserted.execute(connection).await?.rows_affected() == 1)
}

/// Writes a cart that was read at `cart.version`, as the version after it. False where somebody else did so meanwhile, or
/// it is gone.
pub(crate) async fn save(connection: &mut PgConnection, cart: &Cart, now: OffsetDateTime) -> Result<bool, sqlx::Error> {
    let saved = sqlx::query!(
        "UPDATE carts SET lines = $3, added_by = $4, version = version + 1, changed_at = $5, expires_at = $6
         WHERE id = $1 AND version = $2",
        cart.id.uuid(),
        cart.version,
        Json(&cart.lines) as _,
        &cart.added_by,
        now,
        cart.expires_at
    );
    Ok(saved.execute(connection).await?.rows_affected() == 1)
}

/// The account's own cart and the guest's with this token, with their locks, in the order of their ids.
pub(crate) async fn lock_for_merge(
    connection: &mut PgConnection,
    account_id: AccountId,
    guests: CartId,
    token_hash: &[u8],
) -> Result<(Option<Cart>, Option<Cart>), sqlx::Error> {
    // Not by an OR, for which PostgreSQL may walk through all carts.
    let rows = sqlx::query!(
        r#"SELECT id, lines AS "lines: Json<Vec<CartLine>>", added_by, version, expires_at, account_id
           FROM carts WHERE id = ANY (ARRAY (
               SELECT id FROM carts WHERE account_id = $1
               UNION ALL SELECT id FROM carts WHERE id = $2 AND token_hash = $3
           )) ORDER BY id FOR UPDATE"#,
        account_id.uuid(),
        guests.uuid(),
        token_hash
    );
    let (mut own, mut guests) = (None, None);
    for row in rows.fetch_all(connection).await? {
        let place = match row.account_id {
            Some(owner) if owner == account_id.uuid() => &mut own,
            None => &mut guests,
            // While its lock was waited for it became another account's.
            Some(_) => continue,
        };
        let (id, lines, added_by, version, expires_at) = (row.id, row.lines, row.added_by, row.version, row.expires_at);
        *place = Some(Row { id, lines, added_by, version, expires_at }.into());
    }
    Ok((own, guests))
}

/// The guest's becomes the account's, who has none. False where the account got one meanwhile.
pub(crate) async fn give(
    connection: &mut PgConnection,
    id: CartId,
    account_id: AccountId,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let given = sqlx::query!(
        "UPDATE carts SET account_id = $2, token_hash = NULL, version = version + 1, changed_at = $3
         WHERE id = $1 AND NOT EXISTS (SELECT FROM carts WHERE account_id = $2)",
        id.uuid(),
        account_id.uuid(),
        now
    );
    match given.execute(connection).await {
        Ok(done) => Ok(done.rows_affected() == 1),
        Err(sqlx::Error::Database(cause)) if cause.constraint() == Some("carts_account_unique") => Ok(false),
        Err(cause) => Err(cause),
    }
}

pub(crate) async fn delete(connection: &mut PgConnection, id: CartId) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM carts WHERE id = $1", id.uuid()).execute(connection).await?;
    Ok(())
}

/// Which of them are as their shoppers agreed to them; nobody changes those until the transaction ends.
pub(crate) async fn lock_agreed(connection: &mut PgConnection, agreed: &[&Agreed]) -> Result<HashSet<CartId>, Error> {
    let (ids, versions) = keys(agreed);
    let locked = sqlx::query_scalar!(
        "SELECT carts.id FROM carts
         JOIN unnest($1::uuid[], $2::bigint[]) AS agreed (id, version) ON agreed.id = carts.id
         WHERE carts.version = agreed.version ORDER BY carts.id FOR UPDATE OF carts",
        &ids,
        &versions
    );
    Ok(locked.fetch_all(connection).await?.into_iter().map(CartId::from).collect())
}

/// What was in them is ordered.
pub(crate) async fn clear(connection: &mut PgConnection, ids: &[Uuid], now: OffsetDateTime) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE carts SET lines = '[]', version = version + 1, changed_at = $2 WHERE id = ANY ($1)", ids, now)
        .execute(connection)
        .await?;
    Ok(())
}

/// The next checkout of it is another one than that of `agreed`, which was refused. False where that is so already.
pub(crate) async fn renew(
    connection: &mut PgConnection,
    agreed: &Agreed,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let renewed = sqlx::query!(
        "UPDATE carts SET version = version + 1, changed_at = $3 WHERE id = $1 AND version = $2",
        agreed.cart_id.uuid(),
        agreed.version,
        now
    );
    Ok(renewed.execute(connection).await?.rows_affected() == 1)
}

/// Deletes up to `limit` carts whose time is over; gives how many.
pub(crate) async fn forget(connection: &mut PgConnection, now: OffsetDateTime, limit: i64) -> Result<u64, sqlx::Error> {
    let forgotten = sqlx::query!(
        "DELETE FROM carts WHERE id = ANY (ARRAY (
             SELECT id FROM carts WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        now,
        limit
    );
    Ok(forgotten.execute(connection).await?.rows_affected())
}

/// Those of people who are erased.
pub(crate) async fn forget_people(connection: &mut PgConnection, accounts: &[Uuid]) -> Result<u64, sqlx::Error> {
    let forgotten = sqlx::query!("DELETE FROM carts WHERE account_id = ANY ($1)", accounts);
    Ok(forgotten.execute(connection).await?.rows_affected())
}

/// A person's, with all that is kept of it.
pub(crate) async fn exported(
    connection: &mut PgConnection,
    account_id: AccountId,
) -> Result<Vec<(Uuid, Value)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT id, jsonb_build_object('lines', lines, 'created_at', created_at, 'changed_at', changed_at) AS "item!"
           FROM carts WHERE account_id = $1"#,
        account_id.uuid()
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.id, row.item)).collect())
}

fn keys(agreed: &[&Agreed]) -> (Vec<Uuid>, Vec<i64>) {
    agreed.iter().map(|agreed| (agreed.cart_id.uuid(), agreed.version)).unzip()
}
