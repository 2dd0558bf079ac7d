//! What is kept of a person: erased, and handed over.

use contracts::{AccountId, OrderId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// Orders of theirs that have not left and are not over.
pub(crate) async fn unfinished(
    connection: &mut PgConnection,
    customers: &[Uuid],
    limit: i64,
) -> Result<Vec<OrderId>, sqlx::Error> {
    // Through the person's own orders: of a status there may be a million.
    let ids = sqlx::query_scalar!(
        "SELECT id FROM orders WHERE customer_id = ANY($1) AND status || '' IN ('pending', 'paid') LIMIT $2",
        customers,
        limit
    );
    Ok(ids.fetch_all(connection).await?.into_iter().map(OrderId::from).collect())
}

/// Puts `nowhere` in the place of where their orders went; gives how many.
pub(crate) async fn forget_addresses(
    connection: &mut PgConnection,
    customers: &[Uuid],
    nowhere: &Value,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let forgotten = sqlx::query!(
        "UPDATE orders SET shipping_address = $2 WHERE id = ANY (ARRAY (
             SELECT id FROM orders WHERE customer_id = ANY($1) AND shipping_address <> $2 LIMIT $3))",
        customers,
        nowhere,
        limit
    );
    Ok(forgotten.execute(connection).await?.rows_affected())
}

/// Their orders with all that is kept of each, the newest first.
pub(crate) async fn orders(
    connection: &mut PgConnection,
    customer: AccountId,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<(Uuid, Value)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT id, jsonb_build_object('number', number, 'status', status, 'cancel_reason', cancel_reason,
               'payment_method', payment_method, 'currency', currency, 'total', total, 'refunded', refunded,
               'shipping_address', shipping_address, 'created_at', created_at, 'paid_at', paid_at, 'fulfilled_at',
               fulfilled_at, 'cancelled_at', cancelled_at, 'lines',
               (SELECT jsonb_agg(jsonb_build_object('sku', sku, 'name', name, 'quantity', quantity, 'unit_price', unit_price)
                    ORDER BY position)
                FROM order_lines WHERE order_id = orders.id)) AS "item!"
           FROM orders WHERE customer_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"#,
        customer.uuid(),
        before.unwrap_or(Uuid::max()),
        limit
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.id, row.item)).collect())
}

/// A guest's orders become an account's; gives how many.
pub(crate) async fn join(
    connection: &mut PgConnection,
    guest: AccountId,
    account: AccountId,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let joined = sqlx::query!(
        "UPDATE orders SET customer_id = $2 WHERE id = ANY (ARRAY (
             SELECT id FROM orders WHERE customer_id = $1 ORDER BY id LIMIT $3 FOR UPDATE))",
        guest.uuid(),
        account.uuid(),
        limit
    );
    Ok(joined.execute(connection).await?.rows_affected())
}
