//! The words that an order's status and the reason of its cancellation are stored under.

use contracts::{api::order::OrderStatus, events::order::CancelReason};

pub(crate) const REASONS: [CancelReason; 5] = [
    CancelReason::Requested,
    CancelReason::PaymentDeclined,
    CancelReason::PaymentOverdue,
    CancelReason::ReservationExpired,
    CancelReason::Other,
];

pub(crate) fn reason_name(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::Requested => "requested",
        CancelReason::PaymentDeclined => "payment_declined",
        CancelReason::PaymentOverdue => "payment_overdue",
        CancelReason::ReservationExpired => "reservation_expired",
        CancelReason::Other => "other",
    }
}

pub(crate) fn parse_reason(name: &str) -> Option<CancelReason> {
    REASONS.into_iter().find(|reason| reason_name(*reason) == name)
}

pub(crate) fn parse_status(name: &str) -> Option<OrderStatus> {
    use OrderStatus::{Cancelled, Completed, Fulfilled, Paid, Pending};
    [Pending, Paid, Fulfilled, Completed, Cancelled].into_iter().find(|status| status.as_str() == name)
}
