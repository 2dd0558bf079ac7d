//! I2. Whatever begins comes to an end in time: a paid order has its stock, a cancelled one gave all back.

use crate::doctor::{
    Finding,
    case::Case,
    facts::{Order, Reservation},
};

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    for order in &case.facts.orders.orders {
        finding.looked_at(1);
        judge_order(case, finding, order);
    }
    let before = &case.facts.open_before;
    for order in &before.orders {
        finding.looked_at(1);
        judge_pending(case, finding, order);
    }
    for payment in case.facts.payments.payments.iter().chain(&before.payments).filter(|payment| payment.is_open()) {
        let (status, deadline) = (&payment.status, payment.deadline);
        let sentence = format!("The payment is still {status}; it was to be given up at {deadline}.");
        finding.violation_unless(!case.is_past(deadline), &[&payment.order_id, &payment.id], sentence);
    }
    for refund in case.facts.payments.refunds.iter().chain(&before.refunds).filter(|refund| refund.is_open()) {
        let sentence = format!("{} {} are to go back since {}.", refund.amount, refund.currency, refund.requested_at);
        finding.violation_unless(case.is_fresh(refund.requested_at), &[&refund.order_id, &refund.id], sentence);
    }
    for reservation in case.facts.products.reservations.iter().filter(|one| one.status == "held") {
        judge_held(case, finding, reservation);
    }
    for reservation in &before.reservations {
        let at = reservation.expires_at;
        let sentence =
            format!("The reservation is held since it expired at {at}: its order is from before that is looked at.");
        finding.looked_at(1);
        finding.violation_unless(!case.is_past(at), &[&reservation.checkout_id, &reservation.order_id], sentence);
    }
}

fn judge_pending(case: &Case<'_>, finding: &mut Finding, order: &Order) {
    let sentence = format!("The order is still pending; its deadline was {}.", order.deadline);
    finding.violation_unless(!case.is_past(order.deadline), &[&order.id], sentence);
}

fn judge_order(case: &Case<'_>, finding: &mut Finding, order: &Order) {
    let moving = case.is_moving(order.id);
    let held = case.reservations.get(&order.checkout_id).map_or("missing", |reservation| reservation.status.as_str());
    match order.status.as_str() {
        "pending" => judge_pending(case, finding, order),
        "paid" if held != "committed" => {
            let sentence = format!("The order is paid and its reservation is {held}, not committed.");
            finding.violation_unless(moving, &[&order.id, &order.checkout_id], sentence);
        }
        "fulfilled" | "completed" if held != "shipped" => {
            let sentence = format!("The order is {} and its reservation is {held}, not shipped.", order.status);
            finding.violation_unless(moving, &[&order.id, &order.checkout_id], sentence);
        }
        "cancelled" => {
            if matches!(held, "held" | "committed") {
                let sentence = format!("The order is cancelled and its reservation is still {held}.");
                finding.violation_unless(moving, &[&order.id, &order.checkout_id], sentence);
            }
            if let Some(payment) = case.payments.get(&order.id)
                && payment.captured != payment.refunded
            {
                let kept = i128::from(payment.captured) - i128::from(payment.refunded);
                let sentence = format!("The order is cancelled and {kept} {} did not go back.", payment.currency);
                finding.violation_unless(moving, &[&order.id, &payment.id], sentence);
            }
        }
        _ => {}
    }
}

/// Held for an order that is not there, or no longer: it expires after its time.
fn judge_held(case: &Case<'_>, finding: &mut Finding, reservation: &Reservation) {
    let sentence = match case.orders.get(&reservation.order_id) {
        None => "no order was ever stored for it",
        Some(order) if order.status == "cancelled" => "its order is cancelled",
        Some(_) => return,
    };
    let sentence = format!("The reservation is held since it expired at {}: {sentence}.", reservation.expires_at);
    let ids: [&dyn std::fmt::Display; 2] = [&reservation.checkout_id, &reservation.order_id];
    finding.violation_unless(!case.is_past(reservation.expires_at), &ids, sentence);
}
