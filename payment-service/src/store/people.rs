//! What is handed over of a person, and of a guest to their account. Nothing is erased: a payment names nobody, and is part of the books.

use contracts::AccountId;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// Their payments, the newest first.
pub(crate) async fn payments(
    connection: &mut PgConnection,
    customer: AccountId,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<(Uuid, Value)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT id, jsonb_build_object('order_id', order_id, 'order_number', order_number, 'status', status, 'method', method,
               'currency', currency, 'total', total, 'captured', captured, 'refunded', refunded, 'failure_reason',
               failure_reason, 'created_at', created_at, 'updated_at', updated_at) AS "item!"
           FROM payments WHERE customer_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"#,
        customer.uuid(),
        before.unwrap_or(Uuid::max()),
        limit
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.id, row.item)).collect())
}

/// A guest's payments become an account's; gives how many.
pub(crate) async fn join(
    connection: &mut PgConnection,
    guest: AccountId,
    account: AccountId,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let joined = sqlx::query!(
        "UPDATE payments SET customer_id = $2 WHERE id = ANY (ARRAY (
             SELECT id FROM payments WHERE customer_id = $1 ORDER BY id LIMIT $3 FOR UPDATE))",
        guest.uuid(),
        account.uuid(),
        limit
    );
    Ok(joined.execute(connection).await?.rows_affected())
}
