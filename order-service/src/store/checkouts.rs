//! Who came first: the order, or the expiry of its reservation. The orders' side of it is in `new_orders.rs`.

use contracts::CheckoutId;
use sqlx::PgConnection;
use std::collections::HashSet;
use uuid::Uuid;

/// Notes that the reservations expired; gives those that were free, without an order or an expiry from before. Waits for
/// the other side's transaction.
pub(crate) async fn expire(
    connection: &mut PgConnection,
    ids: &[CheckoutId],
) -> Result<HashSet<CheckoutId>, sqlx::Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let expired = sqlx::query_scalar!(
        "INSERT INTO checkouts (checkout_id, outcome)
         SELECT checkout_id, 'expired' FROM unnest($1::uuid[]) AS asked (checkout_id) ORDER BY checkout_id
         ON CONFLICT DO NOTHING RETURNING checkout_id",
        &ids
    )
    .fetch_all(connection)
    .await?;
    Ok(expired.into_iter().map(CheckoutId::from).collect())
}
