//! I1. Every answered request has its one order with what was answered; a key has at most one order; no order without
//! a request. With the load client's log it is what the client saw that counts.

use crate::doctor::{
    Finding,
    case::Case,
    facts::{Answer, ClientKey, Order, Outcome},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};
use uuid::Uuid;

/// Idempotency keys older than this may have been deleted (docs/operations/queries.md).
const ANSWERS_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    let mut answers: HashMap<Uuid, Vec<&Answer>> = HashMap::new();
    for answer in &case.facts.orders.answers {
        judge_answer(case, finding, answer);
        if let Some(order) = order_of(answer) {
            answers.entry(order).or_default().push(answer);
        }
    }
    let lines = lines(case);
    for order in &case.facts.orders.orders {
        judge_order(finding, order, lines.get(&order.id));
        match answers.get(&order.id).map_or(0, Vec::len) {
            1 => {}
            // Old keys may be pruned.
            0 if order.created_at < case.now.back(ANSWERS_KEPT) => {}
            // Whose customer was erased, and with them what was answered.
            0 if case.facts.erased.ids.contains(&order.customer_id) => {}
            // Whose answer is gone with the database that was lost.
            0 if case.facts.orders.remembered.contains(&order.id.to_string()) => {}
            0 => finding.violation(&[&order.id], "No request was ever answered with this order."),
            number => finding.violation(&[&order.id], format!("{number} keys were answered with this order.")),
        }
    }
    judge_checkouts(case, finding);
    if let Some(client) = &case.facts.client {
        judge_client(case, finding, client, &lines);
    }
}

fn order_of(answer: &Answer) -> Option<Uuid> {
    answer.order_id.as_deref().and_then(|text| Uuid::parse_str(text).ok())
}

fn judge_answer(case: &Case<'_>, finding: &mut Finding, answer: &Answer) {
    finding.looked_at(1);
    let key = &answer.key;
    let order = order_of(answer).and_then(|id| case.orders.get(&id));
    let Some(order) = order else {
        let told = answer.order_id.as_deref().unwrap_or("none");
        finding.violation(&[&told, key], "The answer stored under this key tells of an order that does not exist.");
        return;
    };
    if order.customer_id != answer.owner {
        finding.violation(&[&order.id, key], format!("The order answered to {} is another customer's.", answer.owner));
    }
    let told = (answer.amount.as_deref().and_then(|text| text.parse().ok()), answer.currency.as_deref());
    if told != (Some(order.total), Some(order.currency.as_str())) {
        let (amount, currency) = (answer.amount.as_deref().unwrap_or("nothing"), told.1.unwrap_or("no currency"));
        let stored = format!("{} {}", order.total, order.currency);
        finding.violation(
            &[&order.id, key],
            format!("The customer was told {amount} {currency}, the order costs {stored}."),
        );
    }
    let number = order.number.to_string();
    for (what, told, stored) in
        [("number", &answer.number, &number), ("payment method", &answer.payment_method, &order.payment_method)]
    {
        if let Some(told) = told.as_ref().filter(|told| *told != stored) {
            finding
                .violation(&[&order.id, key], format!("The customer was told {what} {told}, the order has {stored}."));
        }
    }
    for (what, agrees) in [("lines", answer.lines_agree), ("shipping address", answer.address_agrees)] {
        if agrees == Some(false) {
            finding.violation(&[&order.id, key], format!("The order has another {what} than the customer was told."));
        }
    }
}

/// Pieces per SKU, and the sum of the lines.
#[derive(Default)]
struct Lines<'a> {
    pieces: BTreeMap<&'a str, i64>,
    sum: i128,
}

fn lines<'a>(case: &Case<'a>) -> HashMap<Uuid, Lines<'a>> {
    let mut all: HashMap<Uuid, Lines<'a>> = HashMap::new();
    for line in &case.facts.orders.lines {
        let own = all.entry(line.order_id).or_default();
        *own.pieces.entry(&line.sku).or_default() += i64::from(line.quantity);
        own.sum += i128::from(line.quantity) * i128::from(line.unit_price);
    }
    all
}

fn judge_order(finding: &mut Finding, order: &Order, lines: Option<&Lines<'_>>) {
    finding.looked_at(1);
    let sum = lines.map_or(0, |lines| lines.sum);
    if lines.is_none() {
        finding.violation(&[&order.id], "The order has no lines.");
    } else if sum != i128::from(order.total) {
        finding.violation(&[&order.id], format!("The order costs {}, its lines sum to {sum}.", order.total));
    }
}

/// The table that decides between an order and the expiry of its reservation.
fn judge_checkouts(case: &Case<'_>, finding: &mut Finding) {
    let mut orders: HashMap<Uuid, Vec<&Order>> = HashMap::new();
    for order in &case.facts.orders.orders {
        orders.entry(order.checkout_id).or_default().push(order);
    }
    let mut claimed = HashSet::new();
    for checkout in &case.facts.orders.checkouts {
        claimed.insert(checkout.checkout_id);
        let order = orders.get(&checkout.checkout_id).and_then(|orders| orders.first());
        match (checkout.outcome.as_str(), order) {
            ("ordered", Some(_)) | ("expired", None) => {}
            ("ordered", None) => {
                finding.violation(&[&checkout.checkout_id], "The checkout counts as ordered and has no order.");
            }
            (outcome, Some(order)) => {
                let sentence = format!("The order's checkout {} counts as {outcome}.", checkout.checkout_id);
                finding.violation(&[&order.id], sentence);
            }
            (outcome, None) => {
                finding.violation(&[&checkout.checkout_id], format!("The checkout counts as {outcome}."));
            }
        }
    }
    for (checkout, orders) in &orders {
        let first = orders[0].id;
        if orders.len() > 1 {
            finding.violation(&[&first, checkout], format!("One checkout has {} orders.", orders.len()));
        }
        if !claimed.contains(checkout) {
            finding.violation(&[&first, checkout], "The order never claimed its checkout against the expiry.");
        }
    }
}

fn judge_client(case: &Case<'_>, finding: &mut Finding, client: &[ClientKey], lines: &HashMap<Uuid, Lines<'_>>) {
    let stored: HashMap<(Uuid, &str), &Answer> =
        case.facts.orders.answers.iter().map(|answer| ((answer.owner, answer.key.as_str()), answer)).collect();
    let mut customers = HashSet::new();
    let mut accounted = HashSet::new();
    for key in client {
        finding.looked_at(1);
        customers.insert(key.customer_id);
        let answer = stored.get(&(key.customer_id, key.key.as_str()));
        let order = answer.and_then(|answer| order_of(answer)).and_then(|id| case.orders.get(&id)).copied();
        accounted.extend(order.map(|order| order.id));
        if key.differing_answers {
            finding.violation(&[&key.key], "The same key was answered differently.");
        }
        if key.order_ids.len() > 1 {
            let number = key.order_ids.len();
            finding.violation(&[&key.order_ids[0], &key.key], format!("One key was answered with {number} orders."));
        }
        match key.outcome {
            Outcome::Ok => judge_ok(finding, key, order, lines),
            Outcome::Failed if order.is_some() || !key.order_ids.is_empty() => {
                let id = order.map(|order| order.id).or(key.order_ids.first().copied()).unwrap_or_default();
                finding.violation(&[&id, &key.key], "The client was told that it failed, and there is an order.");
            }
            Outcome::Failed | Outcome::Unknown => {}
        }
        for id in key.order_ids.iter().filter(|id| order.is_none_or(|order| order.id != **id)) {
            finding.violation(&[id, &key.key], "The order the client was told of is not the key's order.");
        }
    }
    let theirs = case.facts.orders.orders.iter().filter(|order| customers.contains(&order.customer_id));
    for order in theirs.filter(|order| !accounted.contains(&order.id)) {
        let sentence = "A customer of the load client has an order that none of its keys accounts for.";
        finding.violation_unless(case.is_fresh(order.created_at), &[&order.id], sentence);
    }
}

fn judge_ok(finding: &mut Finding, key: &ClientKey, order: Option<&Order>, lines: &HashMap<Uuid, Lines<'_>>) {
    let told = key.order_ids.first().map_or("no id".to_owned(), Uuid::to_string);
    let Some(order) = order else {
        finding.violation(&[&told, &key.key], "The client was told that its order is placed, and there is none.");
        return;
    };
    if let Some(total) = &key.total
        && (total.amount, total.currency.as_str()) != (order.total, order.currency.as_str())
    {
        let sentence = format!("The client saw a total of {}, the order costs {}.", total.amount, order.total);
        finding.violation(&[&order.id, &key.key], sentence);
    }
    let mut wanted: BTreeMap<&str, i64> = BTreeMap::new();
    for line in &key.lines {
        *wanted.entry(&line.sku).or_default() += line.quantity;
    }
    let stored = lines.get(&order.id).map(|lines| &lines.pieces);
    if !wanted.is_empty() && stored != Some(&wanted) {
        finding
            .violation(&[&order.id, &key.key], format!("The client ordered {wanted:?}, the order holds {stored:?}."));
    }
}
