//! I5. Nothing is lost on the way: every change has its event, every event is in the outbox, with every subscriber, or of
//! a type that nobody needs and that stays in the log; and every arrival had its effect. The other way round as well: nothing arrived that nobody announced.

use super::{announcements, copies, effects};
use crate::doctor::{
    Finding,
    case::{Case, Whereabouts},
    facts::{InboxRow, Logged},
};
use contracts::{ServiceName, events};

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    for (service, own) in &case.facts.events {
        for logged in &own.log {
            finding.looked_at(1);
            judge_logged(case, finding, *service, logged);
        }
        for row in own.inbox.values() {
            finding.looked_at(1);
            judge_arrival(case, finding, *service, row);
        }
        for position in &own.unlogged {
            finding
                .violation(&[position], format!("{service}'s outbox holds what is not in its log: it is never sent."));
        }
    }
    announcements::judge(case, finding);
    copies::in_events(case, finding);
    effects::judge(case, finding);
}

fn judge_logged(case: &Case<'_>, finding: &mut Finding, service: ServiceName, logged: &Logged) {
    let (id, kind) = (logged.event_id, logged.kind.as_str());
    if logged.agrees != Some(true) {
        finding
            .violation(&[&id], format!("The envelope of {kind} in {service}'s log says something else than its row."));
    }
    let Some(known) = events::find(kind).filter(|known| known.announced_by == service) else {
        finding.violation(&[&id], format!("{service} announced {kind}, which it never does."));
        return;
    };
    if logged.pending {
        finding.in_flight += 1;
        return;
    }
    for subscriber in known.subscribers {
        let whereabouts = case.whereabouts(logged, *subscriber);
        let forgotten = *subscriber == ServiceName::Order && logged.order().is_some_and(|id| case.is_forgotten(id));
        if whereabouts != Whereabouts::Arrived && !forgotten {
            let sentence = format!("{kind} of {service} left its outbox and never reached {subscriber}.");
            let about: &dyn std::fmt::Display = &logged.order().unwrap_or(logged.subject);
            finding.violation_unless(whereabouts == Whereabouts::UnderWay, &[about, &id], sentence);
        }
    }
}

fn judge_arrival(case: &Case<'_>, finding: &mut Finding, service: ServiceName, row: &InboxRow) {
    let (id, kind) = (row.event_id, &row.kind);
    if case.options.poison.contains(&id) {
        return;
    }
    match case.events.get(&id) {
        // A stranger's message that somebody has looked at and put aside.
        None if row.status == "dropped" => {}
        None if case.is_forgotten(row.subject) || case.was_left_out(id) => {}
        None => {
            let sentence = format!("{service} has {kind}, which is in nobody's event log.");
            finding.violation_unless(case.is_fresh(row.received_at), &[&row.subject, &id], sentence);
        }
        Some((_, logged)) if (&logged.kind, logged.subject, logged.sequence) != (kind, row.subject, row.sequence) => {
            let sentence = format!(
                "{service} has it as {kind}, it was announced as {}, or its subject or sequence differ.",
                logged.kind
            );
            finding.violation(&[&row.subject, &id], sentence);
        }
        Some((announcer, logged)) => {
            let wanted = events::find(&logged.kind).is_some_and(|known| known.subscribers.contains(&service));
            if !wanted {
                let sentence = format!("{service} has {kind} of {announcer}, which it does not subscribe to.");
                finding.violation(&[&row.subject, &id], sentence);
            }
        }
    }
    if row.status == "waiting" {
        finding.in_flight += 1;
    }
}
