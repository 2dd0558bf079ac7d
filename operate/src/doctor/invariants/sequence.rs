//! I7. Each aggregate's events are numbered in the order in which they happened, and each order's history hangs
//! together. Consumers do not rely on order (their states decide, see ADR 0013): what arrived out of order is counted
//! for information.

use super::copies;
use crate::doctor::{Finding, case::Case};
use std::collections::HashMap;
use uuid::Uuid;

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    for (service, own) in &case.facts.events {
        let mut last: HashMap<Uuid, i64> = HashMap::new();
        for logged in &own.log {
            finding.looked_at(1);
            let before = last.insert(logged.subject, logged.sequence);
            if before.is_some_and(|before| before >= logged.sequence) {
                let sentence = format!(
                    "{service} announced {} as number {} after number {}.",
                    logged.kind,
                    logged.sequence,
                    before.unwrap_or_default()
                );
                finding.violation(&[&logged.subject, &logged.event_id], sentence);
            }
        }
    }
    judge_history(case, finding);
    copies::of_versions(case, finding);
    let turned = turned(case);
    if turned > 0 {
        finding.note = Some(format!("{turned} events arrived out of order, which consumers must stand"));
    }
}

fn judge_history(case: &Case<'_>, finding: &mut Finding) {
    let mut stands: HashMap<Uuid, &str> = HashMap::new();
    for entry in &case.facts.orders.history {
        finding.looked_at(1);
        let before = stands.insert(entry.order_id, &entry.to_status);
        if before != entry.from_status.as_deref() {
            let (from, before) = (entry.from_status.as_deref().unwrap_or("nothing"), before.unwrap_or("nothing"));
            let sentence = format!("The history goes on from {from} ({}), the entry before left {before}.", entry.what);
            finding.violation(&[&entry.order_id], sentence);
        }
    }
    for order in &case.facts.orders.orders {
        let last = stands.get(&order.id).copied().unwrap_or("nothing");
        if last != order.status {
            let sentence = format!("The order is {}, its history ends with {last}.", order.status);
            finding.violation(&[&order.id], sentence);
        }
    }
}

/// Arrivals that an arrival with a higher number was before.
fn turned(case: &Case<'_>) -> usize {
    let mut turned = 0;
    for own in case.facts.events.values() {
        let mut rows: Vec<_> = own.inbox.values().collect();
        rows.sort_unstable_by_key(|row| (row.received_at, row.sequence));
        let mut highest: HashMap<Uuid, i64> = HashMap::new();
        for row in rows {
            let highest = highest.entry(row.subject).or_insert(row.sequence);
            turned += usize::from(row.sequence < *highest);
            *highest = row.sequence.max(*highest);
        }
    }
    turned
}
