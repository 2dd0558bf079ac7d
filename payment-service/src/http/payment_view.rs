//! A payment as it is shown.

use crate::{
    domain::{State, reason_text},
    store::payments::Stored,
};
use contracts::{
    Money,
    api::payment::{PaymentStatus, PaymentView},
};

pub(super) fn view(stored: Stored) -> PaymentView {
    let payment = stored.payment;
    let money = |amount| Money::new(amount, payment.total.currency);
    let failure_reason = match payment.state {
        State::Failed { reason } => Some(reason_text(reason).to_owned()),
        _ => None,
    };
    PaymentView {
        id: payment.id,
        order_id: payment.order_id,
        order_number: stored.order_number,
        customer_id: payment.customer_id,
        total: payment.total,
        status: status(&payment.state),
        // The providers so far capture what they authorise, at once.
        authorised: money(payment.captured_amount()),
        captured: money(payment.captured_amount()),
        refunded: money(payment.refunded),
        method: payment.method,
        failure_reason,
        created_at: stored.created_at,
        updated_at: stored.updated_at,
    }
}

fn status(state: &State) -> PaymentStatus {
    match state {
        State::Created => PaymentStatus::Created,
        State::Unknown => PaymentStatus::Unknown,
        State::Captured { .. } => PaymentStatus::Captured,
        State::Failed { .. } => PaymentStatus::Failed,
        State::Cancelled => PaymentStatus::Cancelled,
    }
}
