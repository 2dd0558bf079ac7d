//! What staff wrote about orders. Only ever added to, and gone with the person it is about.

use contracts::{AccountId, NoteId, OrderId};
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// A note as it stands.
#[derive(Clone, Debug)]
pub(crate) struct NoteRow {
    pub(crate) id: Uuid,
    pub(crate) order_id: Uuid,
    /// An account, or an API key.
    pub(crate) author: Uuid,
    /// Under which it came.
    pub(crate) key: String,
    pub(crate) text: String,
    pub(crate) written_at: OffsetDateTime,
}

/// Which of the orders there are, and of those whose customer was erased: held, so that none is erased meanwhile and leaves
/// what is written about it behind.
pub(crate) async fn hold_orders(
    connection: &mut PgConnection,
    orders: &[OrderId],
    nowhere: &Value,
) -> Result<HashMap<OrderId, bool>, sqlx::Error> {
    let orders: Vec<Uuid> = orders.iter().map(|id| id.uuid()).collect();
    let held = sqlx::query!(
        r#"SELECT id, shipping_address = $2 AS "erased!" FROM orders WHERE id = ANY($1) ORDER BY id FOR SHARE"#,
        &orders,
        nowhere
    );
    Ok(held.fetch_all(connection).await?.into_iter().map(|row| (row.id.into(), row.erased)).collect())
}

/// Adds those that did not come under their keys before; gives their ids.
pub(crate) async fn add(connection: &mut PgConnection, notes: &[NoteRow]) -> Result<Vec<Uuid>, sqlx::Error> {
    let ids: Vec<Uuid> = notes.iter().map(|note| note.id).collect();
    let orders: Vec<Uuid> = notes.iter().map(|note| note.order_id).collect();
    let authors: Vec<Uuid> = notes.iter().map(|note| note.author).collect();
    let keys: Vec<&str> = notes.iter().map(|note| &*note.key).collect();
    let texts: Vec<&str> = notes.iter().map(|note| &*note.text).collect();
    let times: Vec<OffsetDateTime> = notes.iter().map(|note| note.written_at).collect();
    // In one order for everybody: whoever inserts what another has not committed yet waits for it.
    let added = sqlx::query_scalar!(
        "INSERT INTO order_notes (id, order_id, author, key, text, written_at)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[])
             AS note (id, order_id, author, key, text, written_at)
         ORDER BY note.order_id, note.author, note.key
         ON CONFLICT ON CONSTRAINT order_notes_key_unique DO NOTHING RETURNING id",
        &ids,
        &orders,
        &authors,
        &keys as &[&str],
        &texts as &[&str],
        &times
    );
    added.fetch_all(connection).await
}

/// What is stored under the keys of these.
pub(crate) async fn under_keys(connection: &mut PgConnection, notes: &[NoteRow]) -> Result<Vec<NoteRow>, sqlx::Error> {
    let orders: Vec<Uuid> = notes.iter().map(|note| note.order_id).collect();
    let authors: Vec<Uuid> = notes.iter().map(|note| note.author).collect();
    let keys: Vec<&str> = notes.iter().map(|note| &*note.key).collect();
    sqlx::query_as!(
        NoteRow,
        "SELECT id, order_id, author, key, text, written_at FROM order_notes
         WHERE order_id = ANY($1) AND author = ANY($2) AND key = ANY($3)",
        &orders,
        &authors,
        &keys as &[&str]
    )
    .fetch_all(connection)
    .await
}

/// Newest first.
pub(crate) async fn of_order(
    connection: &mut PgConnection,
    order_id: OrderId,
    before: Option<NoteId>,
    limit: i64,
) -> Result<Vec<NoteRow>, sqlx::Error> {
    sqlx::query_as!(
        NoteRow,
        "SELECT id, order_id, author, key, text, written_at FROM order_notes
         WHERE order_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        order_id.uuid(),
        before.map_or(Uuid::max(), NoteId::uuid),
        limit
    )
    .fetch_all(connection)
    .await
}

/// What was written about this person's orders, newest first, without who wrote it.
pub(crate) async fn exported(
    connection: &mut PgConnection,
    customer: AccountId,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<(Uuid, Value)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT note.id, jsonb_build_object('order_number', orders.number, 'text', note.text, 'written_at',
               note.written_at) AS "item!"
           FROM orders
           CROSS JOIN LATERAL (SELECT id, text, written_at FROM order_notes WHERE order_id = orders.id OFFSET 0) AS note
           WHERE orders.customer_id = $1 AND note.id < $2 ORDER BY note.id DESC LIMIT $3"#,
        customer.uuid(),
        before.unwrap_or(Uuid::max()),
        limit
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.id, row.item)).collect())
}

/// What was written about these people's orders; gives how many.
pub(crate) async fn forget_people(
    connection: &mut PgConnection,
    customers: &[Uuid],
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let forgotten = sqlx::query!(
        "DELETE FROM order_notes WHERE id = ANY (ARRAY (
             SELECT note.id FROM orders
             CROSS JOIN LATERAL (SELECT id FROM order_notes WHERE order_id = orders.id OFFSET 0) AS note
             WHERE orders.customer_id = ANY($1) LIMIT $2))",
        customers,
        limit
    );
    Ok(forgotten.execute(connection).await?.rows_affected())
}
