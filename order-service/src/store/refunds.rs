//! What was given back of an order, once per refund.

use contracts::{Money, OrderId, RefundId};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A refund as it was noted.
pub(crate) struct Noted {
    pub(crate) order_id: OrderId,
    /// Minor units of the order's currency.
    pub(crate) amount: i64,
}

/// A refund that was noted before, whichever event told of it.
pub(crate) async fn find(connection: &mut PgConnection, id: RefundId) -> Result<Option<Noted>, sqlx::Error> {
    sqlx::query_as!(Noted, "SELECT order_id, amount FROM order_refunds WHERE refund_id = $1", id.uuid())
        .fetch_optional(connection)
        .await
}

/// Notes a refund of an order that is locked.
pub(crate) async fn note(
    connection: &mut PgConnection,
    id: RefundId,
    order_id: OrderId,
    amount: Money,
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO order_refunds (refund_id, order_id, amount, at) VALUES ($1, $2, $3, $4)",
        id.uuid(),
        order_id.uuid(),
        amount.amount,
        at
    )
    .execute(connection)
    .await?;
    Ok(())
}
