//! I13. Nothing happens before what must cause it: no capture without its reservation, no confirmation of what was not
//! confirmed, no order paid without a payment's word.

use crate::doctor::{
    Finding,
    case::Case,
    facts::{Logged, Message, Moment, Order, Reservation},
};
use contracts::ServiceName;
use provider_sim::{ChargeStatus, Entry};
use std::collections::HashSet;
use uuid::Uuid;

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    judge_captures(case, finding);
    for payment in case.facts.payments.payments.iter().filter(|payment| payment.captured != 0) {
        finding.looked_at(1);
        if !case.reservations_of.contains_key(&payment.order_id) {
            let sentence = "Money was captured for an order without a reservation.";
            finding.violation_unless(case.is_moving(payment.order_id), &[&payment.order_id, &payment.id], sentence);
        }
    }
    for message in &case.facts.notices.messages {
        finding.looked_at(1);
        judge_message(case, finding, message);
    }
    for logged in case.facts.events.get(&ServiceName::Order).iter().flat_map(|own| &own.log) {
        finding.looked_at(1);
        judge_order_event(case, finding, logged);
    }
    for order in case.facts.orders.orders.iter().filter(|order| order.status == "cancelled") {
        finding.looked_at(1);
        judge_cancelling(case, finding, order);
    }
    for reservation in case.facts.products.reservations.iter().filter(|one| one.status == "expired") {
        finding.looked_at(1);
        judge_expiry(case, finding, reservation);
    }
    judge_refunds(case, finding);
}

/// The reason an order was cancelled for must be so. A wrong one leaves everything consistent, and a customer without
/// their order.
fn judge_cancelling(case: &Case<'_>, finding: &mut Finding, order: &Order) {
    let payment_failed = || {
        let payment = case.payments.get(&order.id);
        payment.is_some_and(|payment| !case.announced("payment.failed", payment.id).is_empty())
    };
    let overdue = || order.cancelled_at.is_some_and(|at| order.deadline <= at);
    let holds = match order.cancel_reason.as_deref() {
        Some("payment_declined") => payment_failed(),
        Some("payment_overdue") => overdue() || payment_failed(),
        Some("reservation_expired") => !case.announced("reservation.expired", order.checkout_id).is_empty(),
        _ => true,
    };
    if !holds {
        let reason = order.cancel_reason.as_deref().unwrap_or_default();
        let sentence = format!("The order was cancelled as {reason}, and that was not so.");
        finding.violation_unless(case.is_moving(order.id), &[&order.id], sentence);
    }
}

/// An order that was stored before its reservation's time was over keeps it: product-service asks first.
fn judge_expiry(case: &Case<'_>, finding: &mut Finding, reservation: &Reservation) {
    let Some(order) = case.orders.get(&reservation.order_id) else { return };
    let cancelled_before = order.cancelled_at.is_some_and(|at| at <= reservation.changed_at);
    if order.created_at < reservation.expires_at && !cancelled_before {
        let sentence = format!("The stock of a live order was given back at {}.", reservation.changed_at);
        let fresh = case.is_fresh(reservation.changed_at);
        finding.violation_unless(fresh, &[&order.id, &reservation.checkout_id], sentence);
    }
}

/// The provider's own times against the reservation's.
fn judge_captures(case: &Case<'_>, finding: &mut Finding) {
    for entry in case.facts.provider.entries().unwrap_or_default() {
        let Entry::Charge(charge) = entry else { continue };
        let Ok(order) = Uuid::parse_str(&charge.reference) else { continue };
        // An order that the provider alone knows is reconciliation's.
        let unknown = !case.orders.contains_key(&order) && !case.payments.contains_key(&order);
        if charge.status != ChargeStatus::Captured || unknown {
            continue;
        }
        finding.looked_at(1);
        let reserved = case.reservations_of.get(&order).and_then(|own| own.iter().map(|one| one.created_at).min());
        match reserved {
            None => {
                let sentence = "The provider captured money for an order without a reservation.";
                let moving = case.is_moving(order) || case.is_fresh(charge.at.into());
                finding.violation_unless(moving, &[&order, &charge.id], sentence);
            }
            Some(reserved) if Moment::from(charge.at) < reserved => {
                let at = Moment::from(charge.at);
                let sentence = format!("Money was captured at {at}, the stock was reserved only at {reserved}.");
                finding.violation(&[&order, &charge.id], sentence);
            }
            Some(_) => {}
        }
    }
}

/// A message tells of what is so.
fn judge_message(case: &Case<'_>, finding: &mut Finding, message: &Message) {
    let Some(id) = message.order_id.filter(|id| !case.is_forgotten(*id)) else { return };
    let order = case.orders.get(&id);
    let holds = match message.template.as_str() {
        "order_received" => order.is_some(),
        "order_paid" => order.is_some_and(|order| order.paid_at.is_some()),
        "order_shipped" => order.is_some_and(|order| order.fulfilled_at.is_some()),
        "order_cancelled" => order.is_some_and(|order| order.status == "cancelled"),
        "refund_sent" => {
            let refunds = case.refunds.get(&id);
            refunds.is_some_and(|own| own.iter().any(|refund| refund.status == "completed"))
        }
        _ => true,
    };
    if !holds {
        let status = order.map_or("unknown", |order| order.status.as_str());
        let sentence = format!("The customer was told {}, the order is {status}.", message.template);
        finding.violation_unless(case.is_fresh(message.created_at), &[&id, &message.id], sentence);
    }
}

/// Why an order changed must itself have been announced.
fn judge_order_event(case: &Case<'_>, finding: &mut Finding, logged: &Logged) {
    if logged.kind != "order.paid" {
        return;
    }
    let cause = logged.causation_id.and_then(|id| case.events.get(&id));
    let caused =
        cause.is_some_and(|(_, cause)| cause.kind == "payment.completed" && cause.order() == Some(logged.subject));
    if !caused {
        let sentence = "The order was announced as paid, and no payment.completed of it is the cause.";
        finding.violation_unless(case.is_fresh(logged.announced_at), &[&logged.subject, &logged.event_id], sentence);
    }
}

/// Money goes back only for an order that was cancelled, or a payment that the order was told to have failed.
fn judge_refunds(case: &Case<'_>, finding: &mut Finding) {
    let payments: HashSet<Uuid> = case.facts.payments.payments.iter().map(|payment| payment.id).collect();
    for refund in &case.facts.payments.refunds {
        finding.looked_at(1);
        let cause = case.events.get(&refund.cause).map(|(_, cause)| *cause);
        let cancelled = cause.is_some_and(|cause| cause.kind == "order.cancelled" && cause.subject == refund.order_id);
        if !cancelled && !payments.contains(&refund.cause) && !case.is_forgotten(refund.order_id) {
            let sentence = "Money goes back, and no cancellation of the order is the cause.";
            let fresh = case.is_fresh(refund.requested_at);
            finding.violation_unless(fresh, &[&refund.order_id, &refund.id], sentence);
        }
    }
}
