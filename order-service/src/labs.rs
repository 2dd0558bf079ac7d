//! The mistakes that this service's cures keep from happening. They are in builds for fault runs and teaching alone.

use crate::{
    domain::{Change, Order, Status},
    store::{history::Line, new_orders::NewRow},
};
use contracts::{OrderId, PaymentId, api::product::ReservedLine, events::order};
use serde_json::Value;
use service_kit::Tx;
use time::OffsetDateTime;

service_kit::cures! {
    TotalOfLines: "total-of-lines" = "the total is that of the first line",
    LinesAsReserved: "lines-as-reserved" = "only the first line is stored",
    NoPersonalData: "no-personal-data" = "an event carries the name of its person",
    CancelAnnounced: "cancel-announced" = "an order is cancelled without a word",
    PaidAnnounced: "paid-announced" = "an order is paid without a word",
    PaidOnlyWhilePending: "paid-only-while-pending" = "a cancelled order becomes paid",
    ChangeWithHistory: "change-with-history" = "states change without a line in the history",
    DeadlineSwept: "deadline-swept" = "nobody sees to the deadline of an unpaid order",
}

pub(crate) fn first_line(lines: &[ReservedLine]) -> (&[ReservedLine],) {
    (&lines[..lines.len().min(1)],)
}

pub(crate) fn only_the_first<'l, C>(
    columns: &'l mut C,
    order_id: OrderId,
    lines: &'l [ReservedLine],
) -> (&'l mut C, OrderId, &'l [ReservedLine]) {
    (columns, order_id, first_line(lines).0)
}

pub(crate) fn created_with_the_name(row: &NewRow, number: i64) -> order::Created {
    let text = |part: &str| row.shipping_address.get(part).and_then(Value::as_str).unwrap_or_default();
    let person = format!("{}, {}, {} {}", text("name"), text("line1"), text("postal_code"), text("city"));
    let lines = row.lines.iter().map(|line| order::Line {
        sku: line.sku.clone(),
        name: person.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
    });
    order::Created {
        order_id: row.id,
        customer_id: row.customer_id,
        number,
        checkout_id: row.checkout_id,
        lines: lines.collect(),
        total: row.total,
        payment_method: row.payment_method.clone(),
    }
}

pub(crate) fn pay_in_any_state(mut order: Order, payment: PaymentId, at: OffsetDateTime) -> Change {
    let from = order.status.name();
    if let Status::Cancelled { .. } = order.status {
        order.status = Status::Pending { deadline: at };
    }
    Change { from: Some(from), ..order.pay(payment, at) }
}

pub(crate) fn without_changes_of_status(tx: &mut Tx, mut lines: Vec<Line>) -> (&mut Tx, Vec<Line>) {
    lines.retain(|line| line.from.is_none_or(|from| from == line.to));
    (tx, lines)
}
