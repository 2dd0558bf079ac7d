//! I15. Nothing lies about: old outbox rows, retries and leases long past their time, transactions left open.

use crate::doctor::{
    Finding,
    case::Case,
    facts::{Logged, Moment},
};
use contracts::ServiceName;
use std::{fmt::Display, time::Duration};

/// A lease or a retry that is this late (and the grace on top) has nobody who looks after it.
const LATE: Duration = Duration::from_secs(60);

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    let before = &case.facts.open_before;
    for (service, logged) in &before.events {
        judge_pending(case, finding, *service, logged);
    }
    for (service, own) in &case.facts.events {
        for logged in own.log.iter().filter(|logged| logged.pending) {
            judge_pending(case, finding, *service, logged);
        }
        for row in own.inbox.values().filter(|row| row.status == "waiting") {
            let what = format!("The retry of {} at {service}", row.kind);
            judge_due(case, finding, row.next_at, &[&row.event_id, &row.subject], &what);
        }
    }
    for payment in case.facts.payments.payments.iter().chain(&before.payments).filter(|payment| payment.is_open()) {
        let what = format!("The work on the payment ({})", payment.status);
        judge_due(case, finding, payment.next_at, &[&payment.order_id, &payment.id], &what);
    }
    for refund in case.facts.payments.refunds.iter().chain(&before.refunds).filter(|refund| refund.is_open()) {
        judge_due(case, finding, refund.next_at, &[&refund.order_id, &refund.id], "The work on the refund");
    }
    for delivery in case.facts.notices.deliveries.iter().chain(&before.deliveries).filter(|one| one.is_open()) {
        let ids: [&dyn Display; 2] = [&delivery.message_id, &delivery.id];
        judge_due(case, finding, delivery.next_at, &ids, "The sending of the mail");
    }
    let reservations = case.facts.products.reservations.iter().chain(&before.reservations);
    for reservation in reservations.filter(|one| one.status == "held") {
        let ids: [&dyn Display; 2] = [&reservation.checkout_id, &reservation.order_id];
        judge_due(case, finding, Some(reservation.look_at), &ids, "The look at the held reservation");
    }
    finding.looked_at(case.facts.events.len());
    for session in &case.facts.sessions {
        finding.violation(&[&session.service.database()], format!("{} {}.", session.name, session.sentence));
    }
}

fn judge_pending(case: &Case<'_>, finding: &mut Finding, service: ServiceName, logged: &Logged) {
    let (since, oldest) = (logged.announced_at, case.now.back(case.options.oldest_outbox));
    let sentence =
        format!("{} waits in {service}'s outbox since {since}, refused {} times.", logged.kind, logged.refusals);
    finding.looked_at(1);
    finding.violation_unless(since >= oldest, &[&logged.event_id, &logged.subject], sentence);
}

fn judge_due(case: &Case<'_>, finding: &mut Finding, next_at: Option<Moment>, ids: &[&dyn Display], what: &str) {
    finding.looked_at(1);
    match next_at {
        None => finding.violation(ids, format!("{what} has no time at which it goes on.")),
        Some(at) if at < case.now.back(case.options.grace).back(LATE) => {
            finding.violation(ids, format!("{what} was due at {at} and nobody took it up."));
        }
        Some(_) => {}
    }
}
