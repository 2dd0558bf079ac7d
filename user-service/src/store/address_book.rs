//! Where somebody's parcels and bills go.

use contracts::{AccountId, AddressId};
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub(crate) struct Entry {
    pub(crate) id: AddressId,
    pub(crate) address: Value,
    pub(crate) shipping: bool,
    pub(crate) billing: bool,
    pub(crate) version: i64,
}

/// What is written of one.
pub(crate) struct Written<'a> {
    pub(crate) id: AddressId,
    pub(crate) address: &'a Value,
}

/// The default ones first, then as they were added.
pub(crate) async fn list(connection: &mut PgConnection, owner: AccountId) -> Result<Vec<Entry>, sqlx::Error> {
    sqlx::query_as!(
        Entry,
        r#"SELECT entry.id, entry.address, coalesce(owner.shipping_address = entry.id, false) AS "shipping!",
                  coalesce(owner.billing_address = entry.id, false) AS "billing!", entry.version
           FROM addresses entry JOIN accounts owner ON owner.id = entry.account_id
           WHERE entry.account_id = $1 ORDER BY 3 DESC, 4 DESC, entry.id"#,
        owner.uuid()
    )
    .fetch_all(connection)
    .await
}

/// Adds one, unless there are `most`. The account's row is locked by the caller: of many at once none is one too many.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    owner: AccountId,
    new: &Written<'_>,
    now: OffsetDateTime,
    most: i64,
) -> Result<bool, sqlx::Error> {
    let added = sqlx::query!(
        "INSERT INTO addresses (id, account_id, address, created_at)
         SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM addresses WHERE account_id = $2) < $5",
        new.id.uuid(),
        owner.uuid(),
        new.address,
        now,
        most
    );
    Ok(added.execute(connection).await?.rows_affected() == 1)
}

/// False where it is none of the owner's.
pub(crate) async fn update(
    connection: &mut PgConnection,
    owner: AccountId,
    changed: &Written<'_>,
) -> Result<bool, sqlx::Error> {
    let updated = sqlx::query!(
        "UPDATE addresses SET address = $3, version = version + 1 WHERE id = $1 AND account_id = $2",
        changed.id.uuid(),
        owner.uuid(),
        changed.address
    );
    Ok(updated.execute(connection).await?.rows_affected() == 1)
}

/// False where it is none of the owner's.
pub(crate) async fn delete(
    connection: &mut PgConnection,
    owner: AccountId,
    id: AddressId,
) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query!("DELETE FROM addresses WHERE id = $1 AND account_id = $2", id.uuid(), owner.uuid());
    Ok(deleted.execute(connection).await?.rows_affected() == 1)
}

/// Makes it the default for shipping, for billing, or no longer; `None` leaves as it is.
pub(crate) async fn set_defaults(
    connection: &mut PgConnection,
    owner: AccountId,
    id: AddressId,
    (shipping, billing): (Option<bool>, Option<bool>),
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE accounts SET
             shipping_address = CASE WHEN $3 THEN $2 WHEN NOT $3 AND shipping_address = $2 THEN NULL
                 ELSE shipping_address END,
             billing_address = CASE WHEN $4 THEN $2 WHEN NOT $4 AND billing_address = $2 THEN NULL
                 ELSE billing_address END
         WHERE id = $1",
        owner.uuid(),
        id.uuid(),
        shipping,
        billing
    )
    .execute(connection)
    .await?;
    Ok(())
}
