//! Declarations of withdrawal.

use contracts::{AccountId, OrderId};
use serde_json::Value;
use service_kit::pruning::{AT_ONCE, Pruning};
use sqlx::PgConnection;
use std::{collections::HashMap, ops::Range};
use time::OffsetDateTime;
use uuid::Uuid;

/// A declaration as it stands.
#[derive(Clone)]
pub(crate) struct WithdrawalRow {
    pub(crate) id: Uuid,
    /// As it was typed, as are name, address and reason: empty once the person was erased.
    pub(crate) order_number: String,
    pub(crate) order_id: Option<Uuid>,
    /// Whose order that is; none in a row that is to be stored.
    pub(crate) customer_id: Option<Uuid>,
    pub(crate) declared_by: Option<Uuid>,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) reason: Option<String>,
    pub(crate) received_at: OffsetDateTime,
    pub(crate) closed_at: Option<OffsetDateTime>,
    pub(crate) closed_by: Option<Uuid>,
    pub(crate) outcome: Option<String>,
}

/// Which orders have these numbers, and whose they are: held, so that no customer is erased meanwhile and leaves behind what is
/// declared. The orders of who was erased are nobody's.
pub(crate) async fn hold_orders(
    connection: &mut PgConnection,
    numbers: &[i64],
    nowhere: &Value,
) -> Result<HashMap<i64, (OrderId, AccountId)>, sqlx::Error> {
    let held = sqlx::query!(
        r#"SELECT id, number, customer_id, shipping_address = $2 AS "erased!" FROM orders
           WHERE id = ANY (ARRAY (SELECT id FROM orders WHERE number = ANY($1))) ORDER BY id FOR SHARE"#,
        numbers,
        nowhere
    );
    let held = held.fetch_all(connection).await?.into_iter().filter(|row| !row.erased);
    Ok(held.map(|row| (row.number, (row.id.into(), row.customer_id.into()))).collect())
}

/// What a guest declares who has joined an account is the account's.
pub(crate) async fn insert(connection: &mut PgConnection, rows: &[WithdrawalRow]) -> Result<(), sqlx::Error> {
    fn column<'a, T>(rows: &'a [WithdrawalRow], value: impl Fn(&'a WithdrawalRow) -> T) -> Vec<T> {
        rows.iter().map(value).collect()
    }
    sqlx::query!(
        "INSERT INTO withdrawals (id, order_number, order_id, declared_by, name, email, reason, received_at)
         SELECT id, order_number, order_id,
             coalesce((SELECT account_id FROM guests_joined WHERE guest_id = new.declared_by), new.declared_by),
             name, email, reason, received_at
         FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
             AS new (id, order_number, order_id, declared_by, name, email, reason, received_at)",
        &column(rows, |row| row.id),
        &column(rows, |row| &*row.order_number) as &[&str],
        &column(rows, |row| row.order_id) as &[Option<Uuid>],
        &column(rows, |row| row.declared_by) as &[Option<Uuid>],
        &column(rows, |row| &*row.name) as &[&str],
        &column(rows, |row| &*row.email) as &[&str],
        &column(rows, |row| row.reason.as_deref()) as &[Option<&str>],
        &column(rows, |row| row.received_at)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// One SELECT for all: only what follows differs. A macro, since checked queries are literals.
macro_rules! withdrawals {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            WithdrawalRow,
            "SELECT id, order_number, order_id, (SELECT customer_id FROM orders WHERE orders.id = order_id) AS customer_id,
                 declared_by, name, email, reason, received_at, closed_at, closed_by, outcome
             FROM withdrawals " + $rest,
            $($argument),+
        )
    };
}

/// Those that nobody has closed, the oldest first: it waits longest.
pub(crate) async fn open(
    connection: &mut PgConnection,
    after: Uuid,
    limit: i64,
) -> Result<Vec<WithdrawalRow>, sqlx::Error> {
    let open = withdrawals!("WHERE closed_at IS NULL AND id > $1 ORDER BY id LIMIT $2", after, limit);
    open.fetch_all(connection).await
}

/// Those that were closed, the newest first.
pub(crate) async fn closed(
    connection: &mut PgConnection,
    before: Uuid,
    limit: i64,
) -> Result<Vec<WithdrawalRow>, sqlx::Error> {
    let closed = withdrawals!("WHERE closed_at IS NOT NULL AND id < $1 ORDER BY id DESC LIMIT $2", before, limit);
    closed.fetch_all(connection).await
}

/// Of whose customer or declarer was erased there is none.
pub(crate) async fn find(connection: &mut PgConnection, id: Uuid) -> Result<Option<WithdrawalRow>, sqlx::Error> {
    withdrawals!("WHERE id = $1 AND email <> ''", id).fetch_optional(connection).await
}

/// In the order of their ids.
pub(crate) async fn lock(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<WithdrawalRow>, sqlx::Error> {
    withdrawals!("WHERE id = ANY($1) ORDER BY id FOR UPDATE", ids).fetch_all(connection).await
}

pub(crate) async fn close(connection: &mut PgConnection, rows: &[WithdrawalRow]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let times: Vec<Option<OffsetDateTime>> = rows.iter().map(|row| row.closed_at).collect();
    let by: Vec<Option<Uuid>> = rows.iter().map(|row| row.closed_by).collect();
    let outcomes: Vec<Option<&str>> = rows.iter().map(|row| row.outcome.as_deref()).collect();
    sqlx::query!(
        "UPDATE withdrawals SET closed_at = new.closed_at, closed_by = new.closed_by, outcome = new.outcome
         FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[]) AS new (id, closed_at, closed_by, outcome)
         WHERE withdrawals.id = new.id AND withdrawals.id = ANY (ARRAY (SELECT unnest($1::uuid[])))",
        &ids,
        &times as &[Option<OffsetDateTime>],
        &by as &[Option<Uuid>],
        &outcomes as &[Option<&str>]
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How many are open, counted up to `most`.
pub(crate) async fn waiting(connection: &mut PgConnection, most: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "open!" FROM (SELECT FROM withdrawals WHERE closed_at IS NULL LIMIT $1) AS counted"#,
        most
    )
    .fetch_one(connection)
    .await
}

/// What this person declared, newest first; and of what was declared for their orders without a log-in what is no word of
/// whoever did, which may have been somebody else.
pub(crate) async fn exported(
    connection: &mut PgConnection,
    person: AccountId,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<(Uuid, Value)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT id, jsonb_build_object('order_number', order_number, 'received_at', received_at, 'closed_at', closed_at,
               'outcome', outcome)
               || CASE WHEN declared_by = $1 THEN jsonb_build_object('name', name, 'email', email, 'reason', reason)
                  ELSE '{}' END AS "item!"
           FROM withdrawals
           WHERE (declared_by = $1 OR order_id = ANY (ARRAY (SELECT id FROM orders WHERE customer_id = $1))) AND id < $2
           ORDER BY id DESC LIMIT $3"#,
        person.uuid(),
        before.unwrap_or(Uuid::max()),
        limit
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.id, row.item)).collect())
}

/// Takes out what was typed, and written about it, by these people and for their orders; gives how many. That a contract was
/// withdrawn from, and when that was seen to, stays.
pub(crate) async fn forget_people(
    connection: &mut PgConnection,
    people: &[Uuid],
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let forgotten = sqlx::query!(
        "UPDATE withdrawals SET name = '', email = '', reason = NULL, declared_by = NULL,
             order_number = CASE WHEN order_id IS NULL THEN '' ELSE order_number END,
             outcome = CASE WHEN closed_at IS NULL THEN NULL ELSE '' END
         WHERE id = ANY (ARRAY (
             SELECT id FROM (
                 SELECT id FROM withdrawals WHERE declared_by = ANY($1)
                 UNION
                 SELECT id FROM withdrawals
                 WHERE order_id = ANY (ARRAY (SELECT orders.id FROM orders WHERE customer_id = ANY($1))) AND email <> ''
             ) AS theirs LIMIT $2))",
        people,
        limit
    );
    Ok(forgotten.execute(connection).await?.rows_affected())
}

/// What a guest declared becomes an account's; gives how many.
pub(crate) async fn join(
    connection: &mut PgConnection,
    guest: AccountId,
    account: AccountId,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let joined = sqlx::query!(
        "UPDATE withdrawals SET declared_by = $2
         WHERE id = ANY (ARRAY (SELECT id FROM withdrawals WHERE declared_by = $1 LIMIT $3))",
        guest.uuid(),
        account.uuid(),
        limit
    );
    Ok(joined.execute(connection).await?.rows_affected())
}

/// All that are old, also those that nobody closed.
pub(crate) const WITHDRAWALS: Pruning = Pruning {
    table: "withdrawals",
    next: |connection, ids| Box::pin(next(connection, ids)),
    delete: |connection, ids| Box::pin(delete(connection, ids)),
};

async fn next(connection: &mut PgConnection, ids: Range<Uuid>) -> Result<Option<Uuid>, sqlx::Error> {
    let next = sqlx::query_scalar!(
        "SELECT id FROM withdrawals WHERE id >= $1 AND id < $2 ORDER BY id OFFSET $3 LIMIT 1",
        ids.start,
        ids.end,
        AT_ONCE
    );
    next.fetch_optional(connection).await
}

async fn delete(connection: &mut PgConnection, ids: Range<Uuid>) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!("DELETE FROM withdrawals WHERE id >= $1 AND id < $2", ids.start, ids.end);
    Ok(deleted.execute(connection).await?.rows_affected())
}
