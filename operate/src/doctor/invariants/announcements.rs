//! I5, first part: every change was announced in the transaction that made it, and nothing was announced that did not
//! happen. Row and event lie in one database, so that neither can be on its way.

use crate::doctor::{
    Finding,
    case::Case,
    facts::{Logged, Order, Payment},
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    for order in &case.facts.orders.orders {
        judge_order(case, finding, order);
    }
    let refunded = refunds_told(case);
    for payment in &case.facts.payments.payments {
        judge_payment(case, finding, payment);
    }
    for refund in case.facts.payments.refunds.iter().filter(|refund| refund.status == "completed") {
        match refunded.get(&refund.id) {
            None => {
                let sentence = "The refund is completed and payment.refunded was never announced.";
                finding.violation(&[&refund.order_id, &refund.id], sentence);
            }
            Some(event) if amount(event) != Some(refund.amount) => {
                let sentence = format!("{} were given back, payment.refunded tells of another amount.", refund.amount);
                finding.violation(&[&refund.order_id, &event.event_id], sentence);
            }
            Some(_) => {}
        }
    }
    for reservation in case.facts.products.reservations.iter().filter(|one| one.status == "expired") {
        if case.announced("reservation.expired", reservation.checkout_id).is_empty() {
            let sentence = "The reservation expired and reservation.expired was never announced.";
            finding.violation(&[&reservation.checkout_id, &reservation.order_id], sentence);
        }
    }
    for delivery in &case.facts.notices.deliveries {
        let kind = match delivery.status.as_str() {
            "sent" => "notification.sent",
            // Of whom was erased mails end without a word.
            "failed" if case.facts.erased.ids.contains(&delivery.account_id) => continue,
            "failed" => "notification.failed",
            _ => continue,
        };
        if case.announced(kind, delivery.message_id).is_empty() {
            let sentence = format!("The mail is {} and {kind} was never announced.", delivery.status);
            finding.violation(&[&delivery.message_id, &delivery.id], sentence);
        }
    }
    judge_events(case, finding);
}

fn refunds_told<'a>(case: &Case<'a>) -> HashMap<Uuid, &'a Logged> {
    let logged = case.events.values().map(|(_, logged)| *logged).filter(|logged| logged.kind == "payment.refunded");
    let refund = |logged: &'a Logged| Some((Uuid::parse_str(logged.refund_id.as_deref()?).ok()?, logged));
    logged.filter_map(refund).collect()
}

fn amount(logged: &Logged) -> Option<i64> {
    logged.amount.as_deref().and_then(|text| text.parse().ok())
}

fn judge_order(case: &Case<'_>, finding: &mut Finding, order: &Order) {
    let happened = [
        ("order.created", true),
        ("order.paid", order.paid_at.is_some()),
        ("order.cancelled", order.status == "cancelled"),
        ("order.fulfilled", order.fulfilled_at.is_some() || matches!(order.status.as_str(), "fulfilled" | "completed")),
    ];
    for (kind, happened) in happened {
        let events = case.announced(kind, order.id);
        if happened && events.is_empty() {
            finding.violation(&[&order.id], format!("The order is {}, {kind} was never announced.", order.status));
        }
        for event in events {
            if !happened {
                let sentence = format!("{kind} was announced, the order is {}.", order.status);
                finding.violation(&[&order.id, &event.event_id], sentence);
            }
            let total = (amount(event), event.currency.as_deref());
            if event.amount.is_some() && total != (Some(order.total), Some(order.currency.as_str())) {
                let sentence = format!("{kind} tells of another total than {} {}.", order.total, order.currency);
                finding.violation(&[&order.id, &event.event_id], sentence);
            }
            if event.account_id.as_deref() != Some(order.customer_id.to_string().as_str()) {
                let sentence = format!("{kind} names another customer than {}.", order.customer_id);
                finding.violation(&[&order.id, &event.event_id], sentence);
            }
            if event.sequence > order.version {
                let sentence = format!("{kind} has sequence {}, the order is at {}.", event.sequence, order.version);
                finding.violation(&[&order.id, &event.event_id], sentence);
            }
        }
    }
    if case.announced("order.created", order.id).first().is_some_and(|event| event.sequence != 1) {
        finding.violation(&[&order.id], "order.created is not the order's first event.");
    }
    let was_paid = if order.paid_at.is_some() { "true" } else { "false" };
    for event in case.announced("order.cancelled", order.id) {
        if event.was_paid.as_deref() != Some(was_paid) {
            let sentence = format!("order.cancelled does not say was_paid: {was_paid}, which is what the order says.");
            finding.violation(&[&order.id, &event.event_id], sentence);
        }
    }
}

fn judge_payment(case: &Case<'_>, finding: &mut Finding, payment: &Payment) {
    let completed = case.announced("payment.completed", payment.id);
    let failed = case.announced("payment.failed", payment.id);
    let ids: [&dyn std::fmt::Display; 2] = [&payment.order_id, &payment.id];
    match payment.status.as_str() {
        // A capture that came too late is given back without a word of success.
        "captured" if completed.is_empty() && payment.refunds_requested < payment.captured => {
            finding.violation(&ids, "The payment is captured and payment.completed was never announced.");
        }
        "failed" if failed.is_empty() => {
            finding.violation(&ids, "The payment failed and payment.failed was never announced.");
        }
        _ => {}
    }
    if !completed.is_empty() && payment.status != "captured" {
        finding.violation(&ids, format!("payment.completed was announced, the payment is {}.", payment.status));
    }
    let given_back = payment.status == "captured" && payment.refunds_requested == payment.captured;
    if !failed.is_empty() && payment.status != "failed" && !given_back {
        finding.violation(&ids, format!("payment.failed was announced, the payment is {}.", payment.status));
    }
    if !failed.is_empty() && !completed.is_empty() {
        finding.violation(&ids, "The order was told both that it is paid and that its payment failed.");
    }
    if let Some(event) = completed.iter().find(|event| amount(event) != Some(payment.captured)) {
        let sentence = format!("payment.completed tells of another amount than {}.", payment.captured);
        finding.violation(&[&payment.order_id, &event.event_id], sentence);
    }
}

/// Events whose subject is not there, or did not do what they tell.
fn judge_events(case: &Case<'_>, finding: &mut Finding) {
    let payments: HashSet<Uuid> = case.facts.payments.payments.iter().map(|payment| payment.id).collect();
    let refunds: HashSet<Uuid> =
        case.facts.payments.refunds.iter().filter(|refund| refund.status == "completed").map(|one| one.id).collect();
    for (_, logged) in case.events.values() {
        let wrong = match logged.kind.as_str() {
            _ if logged.is_receipt() => None,
            kind if kind.starts_with("order.") => (!case.orders.contains_key(&logged.subject)).then_some("order"),
            "payment.refunded" => {
                let refund = logged.refund_id.as_deref().and_then(|text| Uuid::parse_str(text).ok());
                refund.is_none_or(|id| !refunds.contains(&id)).then_some("completed refund")
            }
            kind if kind.starts_with("payment.") => (!payments.contains(&logged.subject)).then_some("payment"),
            "reservation.expired" => {
                let reservation = case.reservations.get(&logged.subject);
                reservation.is_none_or(|one| one.status != "expired").then_some("expired reservation")
            }
            _ => None,
        };
        if let Some(missing) = wrong {
            let sentence = format!("{} was announced, and there is no {missing} it tells of.", logged.kind);
            finding.violation(&[&logged.subject, &logged.event_id], sentence);
        }
    }
}
