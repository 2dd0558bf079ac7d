//! Who came first: the order, or the expiry of its reservation.

use contracts::CheckoutId;
use sqlx::PgConnection;

/// Claims the checkout for an order; false when its reservation expired before.
pub(crate) async fn order_it(connection: &mut PgConnection, id: CheckoutId) -> Result<bool, sqlx::Error> {
    claim(connection, id, "ordered").await
}

/// Notes that the reservation expired; false when an order was stored before.
pub(crate) async fn expire(connection: &mut PgConnection, id: CheckoutId) -> Result<bool, sqlx::Error> {
    claim(connection, id, "expired").await
}

/// Waits for the other side's transaction when both come at once.
async fn claim(connection: &mut PgConnection, id: CheckoutId, outcome: &str) -> Result<bool, sqlx::Error> {
    let result = sqlx::query!(
        "INSERT INTO checkouts (checkout_id, outcome) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        id.uuid(),
        outcome
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}
