//! What was given back of an order, once per refund.

use contracts::{Money, OrderId, RefundId};
use sqlx::PgConnection;
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// A refund of an order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refund {
    pub(crate) id: RefundId,
    pub(crate) order_id: OrderId,
    pub(crate) amount: Money,
}

/// A refund as it was noted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noted {
    pub(crate) order_id: OrderId,
    /// Minor units of the order's currency.
    pub(crate) amount: i64,
}

/// Those that were noted before, whichever event told of them.
pub(crate) async fn known(
    connection: &mut PgConnection,
    ids: &[RefundId],
) -> Result<HashMap<RefundId, Noted>, sqlx::Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!("SELECT refund_id, order_id, amount FROM order_refunds WHERE refund_id = ANY($1)", &ids)
        .fetch_all(connection)
        .await?;
    let noted = |order_id: Uuid, amount| Noted { order_id: order_id.into(), amount };
    Ok(rows.into_iter().map(|row| (row.refund_id.into(), noted(row.order_id, row.amount))).collect())
}

/// Notes refunds of orders that are locked.
pub(crate) async fn note(
    connection: &mut PgConnection,
    refunds: &[Refund],
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = refunds.iter().map(|refund| refund.id.uuid()).collect();
    let orders: Vec<Uuid> = refunds.iter().map(|refund| refund.order_id.uuid()).collect();
    let amounts: Vec<i64> = refunds.iter().map(|refund| refund.amount.amount).collect();
    sqlx::query!(
        "INSERT INTO order_refunds (refund_id, order_id, amount, at)
         SELECT refund_id, order_id, amount, $4
         FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS refund (refund_id, order_id, amount)",
        &ids,
        &orders,
        &amounts,
        at
    )
    .execute(connection)
    .await?;
    Ok(())
}
