//! Stored copies of a fact say the same, whichever database keeps them: parts of I3, I4, I5, I7 and I8. What is compared
//! here never changes once it is stored, or changes with its copy in one transaction: nothing of it is ever on its way,
//! but where it says so.

use crate::doctor::{
    Finding,
    case::Case,
    facts::{Logged, Message, Moment, Order, Payment, Reservation},
};
use contracts::ServiceName;
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Display,
    time::Duration,
};
use uuid::Uuid;

/// product-service announces availability once a second, and looks at everything once a minute: what a crash made it
/// forget is told then. Without grace as well.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(65);

/// `has`: who has it as `copy`; `but`: how it stands elsewhere, as `stored`.
fn compare(finding: &mut Finding, ids: &[&dyn Display], (has, but): (&str, &str), copy: &str, stored: &str) {
    if copy != stored {
        finding.violation(ids, format!("{has} {copy}, {but} {stored}."));
    }
}

/// A copy that is not there is another's to judge.
fn compare_text(
    finding: &mut Finding,
    ids: &[&dyn Display],
    event: &Logged,
    what: &str,
    copy: Option<&str>,
    stored: Option<&str>,
) {
    if let (Some(copy), Some(stored)) = (copy, stored) {
        compare(finding, ids, (&format!("{} has the {what}", event.kind), "stored is"), copy, stored);
    }
}

/// I3: what payment-service noted of the order.
pub(super) fn of_order_and_payment(finding: &mut Finding, order: &Order, payment: &Payment) {
    let ids: [&dyn Display; 2] = [&order.id, &payment.id];
    let mut same = |what: &str, copy: String, stored: String| {
        compare(finding, &ids, (&format!("The payment has the {what}"), "the order"), &copy, &stored);
    };
    same("order number", payment.order_number.to_string(), order.number.to_string());
    same("customer", payment.customer_id.to_string(), order.customer_id.to_string());
    // Unknown to a payment that only heard of the cancellation.
    if let Some(method) = &payment.method {
        same("method", method.clone(), order.payment_method.clone());
    }
}

/// I3: what order-service noted as given back.
pub(super) fn of_refunds(case: &Case<'_>, finding: &mut Finding) {
    let made: HashMap<Uuid, _> = case.facts.payments.refunds.iter().map(|refund| (refund.id, refund)).collect();
    let mut noted: HashMap<Uuid, i128> = HashMap::new();
    for one in &case.facts.orders.refunds {
        *noted.entry(one.order_id).or_default() += i128::from(one.amount);
        let refund = made.get(&one.refund_id);
        if refund.is_none_or(|made| (made.order_id, made.amount) != (one.order_id, one.amount)) {
            let sentence = format!("The order noted that {} were given back, no refund is over that.", one.amount);
            finding.violation_unless(case.is_moving(one.order_id), &[&one.order_id, &one.refund_id], sentence);
        }
    }
    for order in &case.facts.orders.orders {
        let sum = noted.get(&order.id).copied().unwrap_or_default();
        if sum != i128::from(order.refunded) {
            let sentence = format!("The order counts {} as given back, what it noted sums to {sum}.", order.refunded);
            finding.violation(&[&order.id], sentence);
        }
    }
}

/// I4: the pieces a checkout asked for are those its reservation took.
pub(super) fn of_wish(case: &Case<'_>, finding: &mut Finding, reservation: &Reservation) {
    let mut taken: BTreeMap<&str, i64> = BTreeMap::new();
    for line in case.reserved_lines(reservation.checkout_id) {
        *taken.entry(&line.sku).or_default() += i64::from(line.quantity);
    }
    let mut wanted: BTreeMap<&str, i64> = BTreeMap::new();
    for (sku, quantity) in reservation.skus.iter().zip(&reservation.quantities) {
        *wanted.entry(sku).or_default() += i64::from(*quantity);
    }
    if !taken.is_empty() && taken != wanted {
        let sentence = format!("The checkout asked for {wanted:?}, its reservation took {taken:?}.");
        finding.violation(&[&reservation.checkout_id, &reservation.order_id], sentence);
    }
}

/// I4: the availability that was announced is the one in the last event, and soon the one there is.
pub(super) fn of_availability(case: &Case<'_>, finding: &mut Finding) {
    let mut available: HashMap<Uuid, i128> = HashMap::new();
    for level in &case.facts.products.levels {
        *available.entry(level.variant_id).or_default() += i128::from(level.on_hand) - i128::from(level.reserved);
    }
    let changed = last_changes(case);
    for variant in &case.facts.products.variants {
        let (announced, ids): (_, [&dyn Display; 2]) = (variant.announced_available, [&variant.sku, &variant.id]);
        if let Some(told) = last(case, &["stock.changed"], variant.id) {
            compare_text(finding, &ids, told, "availability", told.available.as_deref(), Some(&announced.to_string()));
            compare_text(
                finding,
                &ids,
                told,
                "product",
                told.product_id.as_deref(),
                Some(&variant.product_id.to_string()),
            );
        }
        let there = available.get(&variant.id).copied().unwrap_or_default();
        if i128::from(announced) != there {
            let soon = case.now.back(ANNOUNCED_WITHIN.max(case.options.grace));
            let on_its_way = changed.get(&variant.id).is_some_and(|at| *at > soon);
            let sentence = format!("{announced} are announced as available, {there} are.");
            finding.violation_unless(on_its_way, &ids, sentence);
        }
    }
}

/// When stock was last moved or reserved, by variant.
fn last_changes(case: &Case<'_>) -> HashMap<Uuid, Moment> {
    let mut changed = HashMap::new();
    let products = &case.facts.products;
    let moved = products.movements.iter().map(|movement| (movement.variant_id, movement.at));
    let reserved = products.lines.iter().filter_map(|line| {
        let reservation = case.reservations.get(&line.checkout_id)?;
        Some((line.variant_id, reservation.changed_at))
    });
    for (variant, at) in moved.chain(reserved) {
        let last = changed.entry(variant).or_insert(at);
        *last = at.max(*last);
    }
    changed
}

fn last<'a>(case: &Case<'a>, kinds: &[&'static str], subject: Uuid) -> Option<&'a Logged> {
    let told = kinds.iter().flat_map(|kind| case.announced(kind, subject).iter().copied());
    told.max_by_key(|event| event.sequence)
}

/// I5: an event says what the row says that it tells of.
pub(super) fn in_events(case: &Case<'_>, finding: &mut Finding) {
    let mut lines: HashMap<Uuid, Vec<Line<'_>>> = HashMap::new();
    for line in &case.facts.orders.lines {
        let currency = case.orders.get(&line.order_id).map_or("", |order| order.currency.as_str());
        let own = lines.entry(line.order_id).or_default();
        own.push((&line.sku, &line.name, line.quantity.into(), line.unit_price, currency));
    }
    lines.values_mut().for_each(|own| own.sort_unstable());
    for order in &case.facts.orders.orders {
        in_order_events(case, finding, order, lines.get(&order.id).map_or(&[][..], Vec::as_slice));
    }
    for payment in &case.facts.payments.payments {
        in_payment_events(case, finding, payment);
    }
}

fn in_order_events(case: &Case<'_>, finding: &mut Finding, order: &Order, lines: &[Line<'_>]) {
    let (number, checkout) = (order.number.to_string(), order.checkout_id.to_string());
    for kind in ["order.created", "order.paid", "order.cancelled", "order.fulfilled"] {
        for event in case.announced(kind, order.id) {
            let ids: [&dyn Display; 2] = [&order.id, &event.event_id];
            let mut same = |what, copy: &Option<String>, stored: &str| {
                compare_text(finding, &ids, event, what, copy.as_deref(), Some(stored));
            };
            same("number", &event.number, &number);
            same("checkout", &event.checkout_id, &checkout);
            match kind {
                "order.created" => same("method", &event.method, &order.payment_method),
                "order.cancelled" => same("reason", &event.reason, order.cancel_reason.as_deref().unwrap_or("none")),
                _ => {}
            }
            if event.lines.as_ref().is_some_and(|told| told_lines(told) != lines) {
                finding.violation(&ids, format!("{kind} tells of other lines than are stored."));
            }
        }
    }
}

fn in_payment_events(case: &Case<'_>, finding: &mut Finding, payment: &Payment) {
    let (order, customer, own) =
        (payment.order_id.to_string(), payment.customer_id.to_string(), payment.id.to_string());
    for kind in ["payment.completed", "payment.failed", "payment.refunded"] {
        for event in case.announced(kind, payment.id) {
            let ids: [&dyn Display; 2] = [&payment.order_id, &event.event_id];
            let mut same = |what, copy: &Option<String>, stored: Option<&str>| {
                compare_text(finding, &ids, event, what, copy.as_deref(), stored);
            };
            same("order", &event.order_id, Some(&order));
            same("customer", &event.account_id, Some(&customer));
            same("payment", &event.payment_id, Some(&own));
            same("currency", &event.currency, Some(&payment.currency));
            match kind {
                "payment.completed" => same("method", &event.method, payment.method.as_deref()),
                // One that was captured after all has no reason any more.
                "payment.failed" => same("reason", &event.reason, payment.failure_reason.as_deref()),
                _ => {}
            }
        }
    }
}

/// I7: no row is behind the number of its last event: the next one would be given out twice.
pub(super) fn of_versions(case: &Case<'_>, finding: &mut Finding) {
    let mut highest: HashMap<(ServiceName, Uuid), i64> = HashMap::new();
    for (service, own) in &case.facts.events {
        for logged in &own.log {
            let number = highest.entry((*service, logged.subject)).or_default();
            *number = logged.sequence.max(*number);
        }
    }
    let facts = case.facts;
    let accounts = facts.accounts.iter().map(|one| (ServiceName::User, one.id, one.version, false));
    let variants = facts.products.variants.iter();
    let products = variants.clone().filter(|one| one.is_default);
    let products = products.map(|one| (ServiceName::Product, one.product_id, one.product_version, true));
    let variants = variants.map(|one| (ServiceName::Product, one.id, one.stock_version, true));
    let reservations = facts.products.reservations.iter();
    let reservations = reservations.map(|one| (ServiceName::Product, one.checkout_id, one.version, false));
    let payments = facts.payments.payments.iter().map(|one| (ServiceName::Payment, one.id, one.version, false));
    let messages = facts.notices.messages.iter().map(|one| (ServiceName::Notify, one.id, one.version, false));
    let rows = accounts.chain(products).chain(variants).chain(reservations).chain(payments).chain(messages);
    for (service, id, version, each_is_told) in rows {
        let Some(told) = highest.get(&(service, id)) else { continue };
        if version < *told || (each_is_told && version != *told) {
            let sentence = format!("{service} announced number {told} about it, and stored is version {version}.");
            finding.violation(&[&id], sentence);
        }
    }
}

/// I8: a message says what its event says.
pub(super) fn in_message(finding: &mut Finding, message: &Message, event: &Logged) {
    let ids: [&dyn Display; 2] = [&message.id, &message.event_id];
    let who = format!("The message ({})", message.template);
    let number = message.order_number.map(|number| number.to_string());
    for (what, copy, told) in [
        ("order number", &message.number, &event.number),
        ("order number", &number, &event.number),
        ("amount", &message.amount, &event.amount),
        ("currency", &message.currency, &event.currency),
        ("reason", &message.reason, &event.reason),
    ] {
        if let (Some(copy), Some(told)) = (copy, told) {
            compare(finding, &ids, (&format!("{who} has the {what}"), "its event"), copy, told);
        }
    }
    if let (Some(copy), Some(told)) = (&message.lines, &event.lines)
        && told_lines(copy) != told_lines(told)
    {
        finding.violation(&ids, format!("{who} has other lines than {}.", event.kind));
    }
}

/// SKU, name, pieces, unit price, currency.
type Line<'a> = (&'a str, &'a str, i64, i64, &'a str);

/// As events and messages hold them, sorted: their order tells nothing. What is no line is an empty one, which no order has.
fn told_lines(told: &Value) -> Vec<Line<'_>> {
    let lines = told.as_array().map_or(&[][..], Vec::as_slice).iter();
    let lines = lines.map(|line| {
        let price = &line["unit_price"];
        (
            line["sku"].as_str().unwrap_or_default(),
            line["name"].as_str().unwrap_or_default(),
            line["quantity"].as_i64().unwrap_or_default(),
            price["amount"].as_i64().unwrap_or_default(),
            price["currency"].as_str().unwrap_or_default(),
        )
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort_unstable();
    lines
}
