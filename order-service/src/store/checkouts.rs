//! Who came first: the order, or the expiry of its reservation.

use crate::domain::Intent;
use contracts::CheckoutId;
use sqlx::PgConnection;
use std::collections::HashSet;
use uuid::Uuid;

/// Claims the checkouts for orders, each of which takes the place of its customer's intent. Gives those that were free:
/// for the others an order was stored or the reservation expired before, and nothing is written. Waits for the other
/// side's transaction when both come at once.
pub(crate) async fn order_them(
    connection: &mut PgConnection,
    intents: &[Intent],
) -> Result<HashSet<CheckoutId>, sqlx::Error> {
    let checkouts: Vec<Uuid> = intents.iter().map(|intent| intent.checkout_id.uuid()).collect();
    let customers: Vec<Uuid> = intents.iter().map(|intent| intent.customer_id.uuid()).collect();
    // Intents are locked in the order in which they are begun, so that those who begin and those who end never wait for
    // each other.
    let claimed = sqlx::query_scalar!(
        "WITH claimed AS (
             INSERT INTO checkouts (checkout_id, outcome)
             SELECT checkout_id, 'ordered' FROM unnest($1::uuid[]) AS wanted (checkout_id) ORDER BY checkout_id
             ON CONFLICT DO NOTHING RETURNING checkout_id
         ), replaced AS (
             SELECT customer_id, checkout_id
             FROM unnest($1::uuid[], $2::uuid[]) AS wanted (checkout_id, customer_id)
             JOIN checkout_intents AS intent USING (customer_id, checkout_id)
             WHERE checkout_id IN (SELECT checkout_id FROM claimed)
             ORDER BY hashtext(customer_id::text), checkout_id FOR UPDATE OF intent
         ), ended AS (
             DELETE FROM checkout_intents AS intent USING replaced
             WHERE intent.customer_id = replaced.customer_id AND intent.checkout_id = replaced.checkout_id
         )
         SELECT checkout_id FROM claimed",
        &checkouts,
        &customers
    )
    .fetch_all(connection)
    .await?;
    Ok(claimed.into_iter().map(CheckoutId::from).collect())
}

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
