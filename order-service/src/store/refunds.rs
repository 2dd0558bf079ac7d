//! What was given back of an order, once per refund.

use contracts::{Money, OrderId, RefundId};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Notes a refund of an order that is locked; false when it was noted before, whichever event told of it.
pub(crate) async fn note(
    connection: &mut PgConnection,
    id: RefundId,
    order_id: OrderId,
    amount: Money,
    at: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let result = sqlx::query!(
        "INSERT INTO order_refunds (refund_id, order_id, amount, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        id.uuid(),
        order_id.uuid(),
        amount.amount,
        at
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected() == 1)
}
