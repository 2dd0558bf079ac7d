//! Orders, as the merchant sees them: found, looked at, sent off, given up.

mod detail;
mod find;
pub(super) mod list;
pub(super) mod show;
mod wish;

use contracts::api::order::{OrderStatus, OrderView};

/// Where an order stands, in a word or two.
pub(crate) const fn word(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Pending => "waits for payment",
        OrderStatus::Paid => "to be sent",
        OrderStatus::Fulfilled => "sent",
        OrderStatus::Completed => "done",
        OrderStatus::Cancelled => "cancelled",
    }
}

/// How the word is marked.
pub(crate) const fn mark(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Paid => "tag good",
        OrderStatus::Cancelled => "tag wrong",
        OrderStatus::Pending | OrderStatus::Fulfilled | OrderStatus::Completed => "tag",
    }
}

/// Why it was cancelled, where it was.
pub(crate) fn reason(order: &OrderView) -> Option<&str> {
    Some(match order.cancel_reason.as_deref()? {
        "requested" => "on request",
        "payment_declined" => "the payment was declined",
        "payment_overdue" => "the payment did not come in time",
        "reservation_expired" => "its stock was given back",
        other => other,
    })
}

/// Who gets it.
pub(crate) fn recipient(order: &OrderView) -> &str {
    order.shipping_address["name"].as_str().unwrap_or_default()
}
