//! An order as it is answered.

use crate::{
    error::Error,
    store::order_lists::{LineRow, OrderRow},
};
use contracts::{
    Money, MoneyError,
    api::order::{LineView, OrderView},
};

pub(crate) fn view(order: OrderRow) -> Result<OrderView, Error> {
    let lines = order.lines.into_iter().map(line);
    Ok(OrderView {
        lines: lines.collect::<Result<_, Error>>()?,
        id: order.id,
        number: order.number,
        customer_id: order.customer_id,
        status: order.status,
        cancel_reason: order.cancel_reason,
        total: order.total,
        refunded: order.refunded,
        payment_method: order.payment_method,
        shipping_address: order.shipping_address,
        created_at: order.created_at,
        updated_at: order.updated_at,
    })
}

fn line(line: LineRow) -> Result<LineView, Error> {
    let LineRow { sku, name, quantity, unit_price } = line;
    let line_total = unit_price.amount.checked_mul(i64::from(quantity)).ok_or(MoneyError::Overflow)?;
    let line_total = Money::new(line_total, unit_price.currency);
    Ok(LineView { sku, name, quantity, unit_price, line_total })
}

/// Who was refused stays so.
pub(crate) fn views(orders: Vec<Result<OrderRow, Error>>) -> Vec<Result<OrderView, Error>> {
    orders.into_iter().map(|order| order.and_then(view)).collect()
}
