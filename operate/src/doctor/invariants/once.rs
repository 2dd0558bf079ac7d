//! I6. Nothing is done twice, however often it is asked for.

use crate::doctor::{Finding, case::Case};
use provider_sim::{ChargeStatus, Entry};
use std::{
    collections::{HashMap, hash_map},
    fmt::Display,
    hash::Hash,
};

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    judge_orders(case, finding);
    judge_payments(case, finding);
    judge_notices(case, finding);
    judge_events(case, finding);
    judge_provider(case, finding);
}

/// Counts what has the same key and reports what is there more than once.
fn once<K: Eq + Hash, I: Display>(
    finding: &mut Finding,
    things: impl Iterator<Item = (K, I)>,
    sentence: impl Fn(usize) -> String,
) {
    let mut seen: HashMap<K, (I, usize)> = HashMap::new();
    for (key, id) in things {
        finding.looked_at(1);
        match seen.entry(key) {
            hash_map::Entry::Occupied(mut known) => known.get_mut().1 += 1,
            hash_map::Entry::Vacant(new) => {
                new.insert((id, 1));
            }
        }
    }
    for (id, times) in seen.into_values().filter(|(_, times)| *times > 1) {
        finding.violation(&[&id], sentence(times));
    }
}

fn judge_orders(case: &Case<'_>, finding: &mut Finding) {
    let history = case.facts.orders.history.iter();
    let caused = history.filter_map(|entry| Some(((entry.order_id, entry.cause_id?), entry.order_id)));
    once(finding, caused, |times| format!("One event changed the order's history {times} times."));
    let shipped = case.facts.products.movements.iter().filter(|movement| movement.kind == "shipped");
    let shipped =
        shipped.filter_map(|one| Some(((one.order_id?, one.variant_id, one.location.as_str()), one.order_id?)));
    once(finding, shipped, |times| format!("The same pieces of the order left the warehouse {times} times."));
    let taken = case.facts.products.reservations.iter().filter(|one| one.holds() || one.status == "shipped");
    let taken = taken.map(|reservation| (reservation.order_id, reservation.order_id));
    once(finding, taken, |times| format!("The order has taken its stock {times} times."));
}

fn judge_payments(case: &Case<'_>, finding: &mut Finding) {
    let facts = &case.facts.payments;
    let payments = facts.payments.iter().map(|payment| (payment.order_id, payment.order_id));
    once(finding, payments, |times| format!("The order has {times} payments."));
    let refunds = facts.refunds.iter().map(|refund| ((refund.order_id, refund.cause), refund.order_id));
    once(finding, refunds, |times| format!("One event gave the order's money back {times} times."));
    let booked = facts.transactions.iter().map(|one| ((one.kind.as_str(), one.source_id), one.order_id));
    once(finding, booked, |times| format!("One capture or refund of the order was booked {times} times."));
}

fn judge_notices(case: &Case<'_>, finding: &mut Finding) {
    let notices = &case.facts.notices;
    let told = notices.messages.iter().map(|message| (message.event_id, message.event_id));
    once(finding, told, |times| format!("The event was told {times} times."));
    let sent = notices.deliveries.iter().map(|one| ((one.message_id, one.channel.as_str()), one.message_id));
    once(finding, sent, |times| format!("The message has {times} deliveries on one channel."));
}

fn judge_events(case: &Case<'_>, finding: &mut Finding) {
    const ONCE: [&str; 9] = [
        "order.created",
        "order.paid",
        "order.cancelled",
        "order.fulfilled",
        "payment.completed",
        "payment.failed",
        "reservation.expired",
        "notification.sent",
        "notification.failed",
    ];
    let logged = || case.facts.events.values().flat_map(|own| &own.log);
    let once_each = logged().filter(|logged| ONCE.contains(&logged.kind.as_str()));
    once(finding, once_each.map(|one| ((&one.kind, one.subject), one.subject)), |times| {
        format!("The same was announced {times} times about it.")
    });
    let refunded = logged().filter(|logged| logged.kind == "payment.refunded");
    once(finding, refunded.map(|one| (&one.refund_id, one.subject)), |times| {
        format!("One refund of the payment was announced {times} times.")
    });
}

fn judge_provider(case: &Case<'_>, finding: &mut Finding) {
    let entries = case.facts.provider.entries().unwrap_or_default();
    let captured = entries.iter().filter_map(|entry| match entry {
        Entry::Charge(charge) if charge.status == ChargeStatus::Captured => {
            Some((&charge.reference, &charge.reference))
        }
        _ => None,
    });
    once(finding, captured, |times| format!("The provider charged the order {times} times."));
    let keys = entries.iter().map(|entry| match entry {
        Entry::Charge(charge) => (("charge", &charge.key), &charge.key),
        Entry::Abandoned(abandoned) => (("charge", &abandoned.key), &abandoned.key),
        Entry::Refund(refund) => (("refund", &refund.key), &refund.key),
    });
    once(finding, keys, |times| format!("The provider acted {times} times on one key."));
    let refunds = entries.iter().filter_map(|entry| match entry {
        Entry::Refund(refund) => Some(((&refund.charge_id, refund.amount), &refund.charge_id)),
        _ => None,
    });
    // Partial refunds are not made yet: the same amount of the same charge is the same refund.
    once(finding, refunds, |times| format!("The provider gave the same amount of one charge back {times} times."));
}
