//! An order as it is answered.

use super::place_order_body::AddressBody;
use crate::{
    error::Error,
    store::order_lists::{LineRow, OrderRow},
};
use contracts::{AccountId, Money, MoneyError, OrderId, api::order::OrderStatus, events::order::CancelReason};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// An order with its lines, as it is answered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OrderView {
    pub(crate) id: OrderId,
    /// For people.
    number: i64,
    customer_id: AccountId,
    status: OrderStatus,
    /// Why it was cancelled: `requested`, `payment_declined`, `payment_overdue` or `reservation_expired`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CancelReason>)]
    cancel_reason: Option<String>,
    lines: Vec<LineView>,
    total: Money,
    /// What was given back so far.
    refunded: Money,
    payment_method: String,
    #[schema(value_type = AddressBody)]
    shipping_address: Value,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LineView {
    sku: String,
    /// As it was when the order was placed.
    name: String,
    quantity: i32,
    unit_price: Money,
    line_total: Money,
}

impl TryFrom<OrderRow> for OrderView {
    type Error = Error;

    fn try_from(order: OrderRow) -> Result<Self, Error> {
        let lines = order.lines.into_iter().map(LineView::try_from);
        Ok(Self {
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
}

impl TryFrom<LineRow> for LineView {
    type Error = Error;

    fn try_from(line: LineRow) -> Result<Self, Error> {
        let LineRow { sku, name, quantity, unit_price } = line;
        let line_total = unit_price.amount.checked_mul(i64::from(quantity)).ok_or(MoneyError::Overflow)?;
        let line_total = Money::new(line_total, unit_price.currency);
        Ok(Self { sku, name, quantity, unit_price, line_total })
    }
}

/// Who was refused stays so.
pub(crate) fn views(orders: Vec<Result<OrderRow, Error>>) -> Vec<Result<OrderView, Error>> {
    orders.into_iter().map(|order| order.and_then(OrderView::try_from)).collect()
}
