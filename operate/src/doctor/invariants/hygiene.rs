//! I15. Nothing lies about: old outbox rows, retries and leases long past their time, transactions left open.

use crate::doctor::{Finding, case::Case, facts::Moment};
use std::{fmt::Display, time::Duration};

/// A lease or a retry that is this late (and the grace on top) has nobody who looks after it.
const LATE: Duration = Duration::from_secs(60);

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    let oldest = case.now.back(case.options.oldest_outbox);
    for (service, own) in &case.facts.events {
        for logged in own.log.iter().filter(|logged| logged.pending) {
            let since = logged.announced_at;
            let sentence = format!(
                "{} waits in {service}'s outbox since {since}, refused {} times.",
                logged.kind, logged.refusals
            );
            finding.looked_at(1);
            finding.violation_unless(since >= oldest, &[&logged.event_id, &logged.subject], sentence);
        }
        for row in own.inbox.values().filter(|row| row.status == "waiting") {
            let what = format!("The retry of {} at {service}", row.kind);
            judge_due(case, finding, row.next_at, &[&row.event_id, &row.subject], &what);
        }
    }
    for payment in case.facts.payments.payments.iter().filter(|payment| payment.is_open()) {
        let what = format!("The work on the payment ({})", payment.status);
        judge_due(case, finding, payment.next_at, &[&payment.order_id, &payment.id], &what);
    }
    for refund in case.facts.payments.refunds.iter().filter(|refund| refund.status != "completed") {
        judge_due(case, finding, refund.next_at, &[&refund.order_id, &refund.id], "The work on the refund");
    }
    for delivery in &case.facts.notices.deliveries {
        if matches!(delivery.status.as_str(), "waiting" | "sending") {
            judge_due(
                case,
                finding,
                delivery.next_at,
                &[&delivery.message_id, &delivery.id],
                "The sending of the mail",
            );
        }
    }
    for reservation in case.facts.products.reservations.iter().filter(|one| one.status == "held") {
        let ids: [&dyn Display; 2] = [&reservation.checkout_id, &reservation.order_id];
        judge_due(case, finding, Some(reservation.look_at), &ids, "The look at the held reservation");
    }
    finding.looked_at(case.facts.events.len());
    for session in &case.facts.sessions {
        finding.violation(&[&session.service.database()], format!("{} {}.", session.name, session.sentence));
    }
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
