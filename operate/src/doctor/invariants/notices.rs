//! I8. Whatever is to be told is told once, in the right words, to the right person, and leaves.

use super::copies;
use crate::doctor::{
    Finding,
    case::{Case, Whereabouts},
    facts::{Delivery, Mails, Message, ServiceEvents, Since},
};
use contracts::ServiceName;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The words for each event; those of notify-service's reactions.
pub(in crate::doctor) fn template(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "user.registered" | "user.verification_requested" => "verify_email",
        "user.registration_repeated" => "registration_repeated",
        "user.verified" => "welcome",
        "user.password_reset_requested" => "password_reset",
        "user.password_changed" => "password_changed",
        "user.logins_slowed_down" => "logins_slowed_down",
        "user.email_change_requested" => "email_change",
        "user.email_changed" => "email_changed",
        "user.invited" => "invitation",
        "user.erasure_requested" => "erasure",
        "user.export_ready" => "export_ready",
        "user.provider_linked" => "provider_linked",
        "user.passkeys_changed" => "passkeys_changed",
        "order.created" => "order_received",
        "order.paid" => "order_paid",
        "order.cancelled" => "order_cancelled",
        "order.fulfilled" => "order_shipped",
        "payment.refunded" => "refund_sent",
        "withdrawal.declared" => "withdrawal_received",
        _ => return None,
    })
}

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    let notices = &case.facts.notices;
    let told: HashSet<Uuid> = notices.messages.iter().map(|message| message.event_id).collect();
    judge_events(case, finding, &told);
    let mut deliveries: HashMap<Uuid, Vec<&Delivery>> = HashMap::new();
    for delivery in &notices.deliveries {
        deliveries.entry(delivery.message_id).or_default().push(delivery);
    }
    for message in &notices.messages {
        finding.looked_at(1);
        judge_message(case, finding, message);
        let own = deliveries.remove(&message.id).unwrap_or_default();
        if own.len() != 1 {
            finding
                .violation(&[&message.id], format!("The message ({}) has {} deliveries.", message.template, own.len()));
        }
        for delivery in own {
            judge_delivery(case, finding, message, delivery);
        }
    }
    for orphan in deliveries.into_values().flatten() {
        finding.violation(&[&orphan.id], "The delivery belongs to no message.");
    }
    judge_headers(finding, &notices.deliveries);
    if let Some(mails) = &case.facts.mails {
        judge_mails(case, finding, mails);
    }
}

/// Events that should have been told and were not.
fn judge_events(case: &Case<'_>, finding: &mut Finding, told: &HashSet<Uuid>) {
    let dead = case.facts.events.get(&ServiceName::Notify).map(ServiceEvents::dead).unwrap_or_default();
    for (_, logged) in case.events.values() {
        if !logged.is_told() || told.contains(&logged.event_id) || dead.contains(&logged.event_id) {
            continue;
        }
        let inbox = case.facts.events.get(&ServiceName::Notify).map(|own| &own.inbox);
        let row = inbox.and_then(|inbox| inbox.get(&logged.event_id));
        let under_way = case.whereabouts(logged, ServiceName::Notify) == Whereabouts::UnderWay
            || row.is_some_and(|row| row.status == "waiting");
        if row.is_some_and(|row| row.status == "dropped") {
            continue;
        }
        let sentence = format!("{} was announced and nobody was told.", logged.kind);
        finding.violation_unless(under_way, &[&logged.subject, &logged.event_id], sentence);
    }
}

fn judge_message(case: &Case<'_>, finding: &mut Finding, message: &Message) {
    let Some((_, event)) = case.events.get(&message.event_id) else {
        if message.order_id.is_some_and(|id| case.is_forgotten(id)) {
            return;
        }
        let sentence = format!("The message ({}) tells of an event that is in nobody's log.", message.template);
        finding.violation_unless(case.is_fresh(message.created_at), &[&message.id, &message.event_id], sentence);
        return;
    };
    if template(&event.kind) != Some(message.template.as_str()) {
        let sentence = format!("{} was told in the words of {}.", event.kind, message.template);
        finding.violation(&[&message.id, &message.event_id], sentence);
    }
    // Whoever is invited has no account yet, and whoever withdraws may be a stranger: the message is filed under that itself.
    let told = event.account_id.clone().or_else(|| {
        matches!(event.kind.as_str(), "user.invited" | "withdrawal.declared").then(|| event.subject.to_string())
    });
    if told != Some(message.account_id.to_string()) {
        finding.violation(&[&message.id, &message.event_id], format!("{} was told to somebody else.", event.kind));
    }
    if message.order_id != event.order() {
        finding.violation(&[&message.id, &message.event_id], format!("{} was told of another order.", event.kind));
    }
    // Of whom was erased no message says anything.
    if !case.facts.erased.ids.contains(&message.account_id) {
        copies::in_message(finding, message, event);
    }
}

fn judge_delivery(case: &Case<'_>, finding: &mut Finding, message: &Message, delivery: &Delivery) {
    let template = &message.template;
    if delivery.account_id != message.account_id {
        finding.violation(&[&message.id, &delivery.id], format!("The mail ({template}) goes to somebody else."));
    }
    match delivery.status.as_str() {
        "sent" => {}
        // Nobody to send it to.
        "failed" if case.facts.erased.ids.contains(&message.account_id) => {}
        "failed" => {
            let why = delivery.last_error.as_deref().unwrap_or("no reason is known");
            finding.violation(&[&message.id, &delivery.id], format!("The mail ({template}) was given up: {why}."));
        }
        status => {
            let why = delivery.last_error.as_deref().unwrap_or("no attempt has failed yet");
            let sentence = format!("The mail ({template}) is {status} since {}: {why}.", delivery.created_at);
            finding.violation_unless(case.is_fresh(delivery.created_at), &[&message.id, &delivery.id], sentence);
        }
    }
    // The deduplication key is made from the event and the words, so that a mail sent again is recognised.
    let expected = format!("<{}.{template}@", message.event_id);
    if !delivery.message_id_header.starts_with(&expected) {
        let sentence = format!("The Message-ID {} does not name the event.", delivery.message_id_header);
        finding.violation(&[&message.id, &delivery.id], sentence);
    }
}

fn judge_headers(finding: &mut Finding, deliveries: &[Delivery]) {
    let mut seen = HashSet::new();
    for delivery in deliveries {
        if !seen.insert(&delivery.message_id_header) {
            let sentence = format!("The Message-ID {} is used twice.", delivery.message_id_header);
            finding.violation(&[&delivery.id], sentence);
        }
    }
}

fn judge_mails(case: &Case<'_>, finding: &mut Finding, mails: &Mails) {
    let deliveries = &case.facts.notices.deliveries;
    let known: HashMap<Uuid, &Delivery> = deliveries.iter().map(|delivery| (delivery.id, delivery)).collect();
    for delivery in deliveries.iter().filter(|delivery| delivery.status == "sent") {
        if mails.may_be_gone(delivery.id) || case.facts.erased.ids.contains(&delivery.account_id) {
            continue;
        }
        finding.looked_at(1);
        if !mails.message_ids.contains_key(&delivery.id) {
            finding
                .violation(&[&delivery.message_id, &delivery.id], "The mail counts as sent and is not in the folder.");
        }
    }
    for (id, headers) in &mails.message_ids {
        let Some(delivery) = known.get(id) else {
            // The folder knows nothing of retention.
            if case.facts.since != Since::default() {
                continue;
            }
            finding.violation(&[id], "A mail in the folder belongs to no delivery.");
            continue;
        };
        if *headers != [delivery.message_id_header.as_str()] {
            let sentence = format!("The mail carries {headers:?}, not {}.", delivery.message_id_header);
            finding.violation(&[&delivery.message_id, id], sentence);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::template;
    use crate::doctor::facts::events::UNTOLD;
    use contracts::{ServiceName, events::subscribed_by};

    /// Else the first such event is a violation to whoever runs the doctor.
    #[test]
    fn the_words_of_every_event_that_is_told_are_known() {
        for event in subscribed_by(ServiceName::Notify).filter(|event| !UNTOLD.contains(&event.name)) {
            assert!(template(event.name).is_some(), "in which words is {} told?", event.name);
        }
    }
}
