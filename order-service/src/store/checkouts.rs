//! Who came first: the order, or the expiry of its reservation.

use super::orders;
use crate::Error;
use contracts::{AccountId, CheckoutId, api::order::OrderStatus};
use sqlx::PgConnection;

/// Claims the checkout for an order, which takes the place of the customer's intent; false when another order was stored
/// or the reservation expired before. Waits for the other side's transaction when both come at once.
pub(crate) async fn order_it(
    connection: &mut PgConnection,
    id: CheckoutId,
    customer: AccountId,
) -> Result<bool, sqlx::Error> {
    let result = sqlx::query!(
        "WITH ended AS (DELETE FROM checkout_intents WHERE customer_id = $2 AND checkout_id = $1)
         INSERT INTO checkouts (checkout_id, outcome) VALUES ($1, 'ordered') ON CONFLICT DO NOTHING",
        id.uuid(),
        customer.uuid()
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Notes that the reservation expired; false when an order was stored before. Waits for the other side's transaction.
pub(crate) async fn expire(connection: &mut PgConnection, id: CheckoutId) -> Result<bool, sqlx::Error> {
    let result = sqlx::query!(
        "INSERT INTO checkouts (checkout_id, outcome) VALUES ($1, 'expired') ON CONFLICT DO NOTHING",
        id.uuid()
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Whether a checkout's reservation may expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LetGo {
    /// From now on: no order was stored, and none will be.
    Now,
    /// It had expired, or its order was cancelled.
    Before,
    /// A live order holds it.
    Never,
}

/// Makes sure that no live order holds a checkout and none ever will, unless one does.
pub(crate) async fn let_go(connection: &mut PgConnection, id: CheckoutId) -> Result<LetGo, Error> {
    if expire(connection, id).await? {
        return Ok(LetGo::Now);
    }
    let status = orders::status_of_checkout(connection, id).await?;
    let gone = status.is_none_or(|status| status == OrderStatus::Cancelled);
    Ok(if gone { LetGo::Before } else { LetGo::Never })
}
