//! I12. Every recorded change of state is an allowed one, and order, payment and reservation stand where they can stand
//! together. What one of them has still to learn is not a contradiction: that it ends is another invariant's.

use crate::doctor::{
    Finding,
    case::Case,
    facts::{Order, Payment},
};

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    for entry in &case.facts.orders.history {
        finding.looked_at(1);
        let change = (entry.from_status.as_deref(), entry.to_status.as_str());
        if !is_allowed(change.0, change.1) {
            let from = change.0.unwrap_or("nothing");
            let sentence = format!("The order went from {from} to {} ({}).", change.1, entry.what);
            finding.violation(&[&entry.order_id], sentence);
        }
    }
    for order in &case.facts.orders.orders {
        finding.looked_at(1);
        judge_order(finding, order);
        judge_together(case, finding, order);
    }
    for payment in &case.facts.payments.payments {
        finding.looked_at(1);
        judge_payment(case, finding, payment);
    }
}

/// The table of an order's changes. A status may also be noted again, with what was learned in it.
fn is_allowed(from: Option<&str>, to: &str) -> bool {
    const STATUSES: [&str; 5] = ["pending", "paid", "fulfilled", "completed", "cancelled"];
    match (from, to) {
        (None, "pending")
        | (Some("pending"), "paid" | "cancelled")
        | (Some("paid"), "fulfilled" | "cancelled")
        | (Some("fulfilled"), "completed") => true,
        (Some(from), to) => from == to && STATUSES.contains(&to),
        _ => false,
    }
}

/// What an order's row says about itself.
fn judge_order(finding: &mut Finding, order: &Order) {
    let paid = order.paid_at.is_some();
    let wrong = match order.status.as_str() {
        "pending" if paid || order.payment_id.is_some() => "knows a payment",
        "pending" | "paid" if order.fulfilled_at.is_some() => "has left the warehouse",
        "paid" | "fulfilled" | "completed" if !paid || order.payment_id.is_none() => "knows no payment",
        "fulfilled" | "completed" if order.fulfilled_at.is_none() => "never left the warehouse",
        "cancelled" if order.fulfilled_at.is_some() => "has left the warehouse",
        "cancelled" if order.cancelled_at.is_none() => "was cancelled at no time",
        "pending" | "paid" | "fulfilled" | "completed" if order.cancelled_at.is_some() => "was cancelled",
        "pending" | "paid" | "fulfilled" | "completed" | "cancelled" => return,
        _ => "that is no status",
    };
    finding.violation(&[&order.id], format!("The order is {} and {wrong}.", order.status));
}

fn judge_together(case: &Case<'_>, finding: &mut Finding, order: &Order) {
    let moving = case.is_moving(order.id);
    let payment = case.payments.get(&order.id);
    let reservation = case.reservations.get(&order.checkout_id).map_or("missing", |one| one.status.as_str());
    let status = order.status.as_str();
    if order.stands() {
        if let Some(payment) = payment {
            if payment.status != "captured" {
                let sentence = format!("The order is {status}, its payment is {}.", payment.status);
                finding.violation_unless(moving, &[&order.id, &payment.id], sentence);
            }
            if order.payment_id.is_some_and(|id| id != payment.id) {
                let sentence = "The order was paid by another payment than its own.";
                finding.violation(&[&order.id, &payment.id], sentence);
            }
        }
        if matches!(reservation, "released" | "expired" | "refused") {
            let sentence = format!("The order is {status}, its stock was given back ({reservation}).");
            finding.violation_unless(moving, &[&order.id, &order.checkout_id], sentence);
        }
    }
    let impossible = match status {
        "pending" => matches!(reservation, "committed" | "shipped" | "released" | "refused"),
        "paid" => reservation == "shipped",
        "cancelled" => matches!(reservation, "shipped" | "refused"),
        _ => false,
    };
    if impossible {
        let sentence = format!("The order is {status}, its reservation {reservation}.");
        finding.violation_unless(moving, &[&order.id, &order.checkout_id], sentence);
    }
}

fn judge_payment(case: &Case<'_>, finding: &mut Finding, payment: &Payment) {
    let status = payment.status.as_str();
    let ids: [&dyn std::fmt::Display; 2] = [&payment.order_id, &payment.id];
    let wrong = match status {
        "captured" if payment.provider_reference.is_none() => "knows no charge of the provider",
        "captured" | "unknown" | "failed" if payment.attempts == 0 => "was never sent to the provider",
        "created" if payment.attempts != 0 => "was sent to the provider",
        "created" | "unknown" | "failed" | "cancelled" if payment.captured != 0 => "has captured money",
        "cancelled" if payment.cancelled_by.is_none() => "knows no order's cancellation",
        "captured" if payment.captured != payment.total => "did not capture what was owed",
        "created" | "unknown" | "captured" | "failed" | "cancelled" => "",
        _ => "that is no status",
    };
    if !wrong.is_empty() {
        finding.violation(&ids, format!("The payment is {status} and {wrong}."));
    }
    let cancelled = case.orders.get(&payment.order_id).map(|order| order.status == "cancelled");
    if payment.cancelled_by.is_some() && cancelled == Some(false) {
        let sentence = "The payment was told that the order is cancelled, and it is not.";
        finding.violation_unless(case.is_moving(payment.order_id), &ids, sentence);
    }
}
