//! I9. Dead letters are exactly those that somebody injected; and nothing is tried for ever.

use crate::doctor::{Finding, case::Case};
use service_kit::inbox::MAX_ATTEMPTS;
use std::collections::BTreeSet;

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    let poison = &case.options.poison;
    let mut found = BTreeSet::new();
    for (service, own) in &case.facts.events {
        finding.looked_at(own.inbox.len());
        for row in own.inbox.values() {
            if row.status == "dead" {
                found.insert(row.event_id);
                if !poison.contains(&row.event_id) {
                    let why = row.reason.as_deref().unwrap_or("no reason is known");
                    let sentence = format!("{service} gave up {} after {} attempts: {why}.", row.kind, row.attempts);
                    finding.violation(&[&row.event_id, &row.subject], sentence);
                }
            } else if row.status == "waiting" && row.attempts > MAX_ATTEMPTS {
                let sentence = format!("{service} tried {} {} times and goes on.", row.kind, row.attempts);
                finding.violation(&[&row.event_id, &row.subject], sentence);
            }
        }
    }
    for missing in poison.difference(&found) {
        finding.violation(&[missing], "The injected event is no dead letter anywhere.");
    }
}
