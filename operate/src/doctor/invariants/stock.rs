//! I4. On hand is the sum of the movements, reserved the sum of what is held and committed; nothing is promised twice;
//! an order's reservation holds what the order holds.

use super::copies;
use crate::doctor::{
    Finding,
    case::Case,
    facts::{Order, Reservation},
};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

type Place<'a> = (Uuid, &'a str);

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    judge_levels(case, finding);
    let (ordered, reserved) = (ordered(case), reserved(case));
    for order in &case.facts.orders.orders {
        finding.looked_at(1);
        judge_order(case, finding, order);
        let lines = (ordered.get(&order.id), reserved.get(&order.checkout_id));
        if case.reservations.contains_key(&order.checkout_id) && lines.0 != lines.1 {
            let sentence = format!("The order holds {:?}, its reservation {:?}.", lines.0, lines.1);
            finding.violation_unless(case.is_moving(order.id), &[&order.id, &order.checkout_id], sentence);
        }
    }
    judge_strays(case, finding, &ordered, &reserved);
    judge_shipping(case, finding);
    copies::of_availability(case, finding);
    for reservation in &case.facts.products.reservations {
        judge_reservation(case, finding, reservation, reserved.contains_key(&reservation.checkout_id));
    }
    // Each works as it is typed; which of them is to stay is for a person to say.
    let alike: Vec<&str> = case.facts.products.alike.iter().map(|alike| alike.skus.as_str()).collect();
    if !alike.is_empty() {
        let alike = alike.join("; ");
        finding.note = Some(format!("SKUs that differ in their capital letters alone: {alike}; archive all but one"));
    }
}

/// What a level should be.
#[derive(Default)]
pub(crate) struct Due {
    /// The sum of the movements.
    pub(crate) on_hand: i128,
    /// What is held and committed.
    pub(crate) reserved: i128,
    /// The lowest that the movements ever left on hand.
    lowest: i128,
}

/// By variant and location.
pub(crate) fn due<'a>(case: &Case<'a>) -> HashMap<Place<'a>, Due> {
    let mut due: HashMap<Place<'a>, Due> = HashMap::new();
    for movement in &case.facts.products.movements {
        let level = due.entry((movement.variant_id, movement.location.as_str())).or_default();
        level.on_hand += i128::from(movement.quantity);
        level.lowest = level.lowest.min(level.on_hand);
    }
    for before in &case.facts.products.before {
        let level = due.entry((before.variant_id, before.location.as_str())).or_default();
        level.on_hand += i128::from(before.moved);
        level.reserved += i128::from(before.reserved);
    }
    for line in &case.facts.products.lines {
        if case.reservations.get(&line.checkout_id).is_some_and(|reservation| reservation.holds()) {
            due.entry((line.variant_id, line.location.as_str())).or_default().reserved += i128::from(line.quantity);
        }
    }
    due
}

/// One database: what does not add up there is never on its way.
fn judge_levels(case: &Case<'_>, finding: &mut Finding) {
    let mut due = due(case);
    for level in &case.facts.products.levels {
        finding.looked_at(1);
        let due = due.remove(&(level.variant_id, level.location.as_str())).unwrap_or_default();
        let ids: [&dyn std::fmt::Display; 2] = [&level.sku, &level.location];
        if i128::from(level.on_hand) != due.on_hand {
            let sentence = format!("{} are on hand, the movements sum to {}.", level.on_hand, due.on_hand);
            finding.violation(&ids, sentence);
        }
        if i128::from(level.reserved) != due.reserved {
            let sentence = format!("{} are reserved, the reservations hold {}.", level.reserved, due.reserved);
            finding.violation(&ids, sentence);
        }
        if !(0 <= level.reserved && level.reserved <= level.on_hand) || due.reserved > due.on_hand {
            let sentence =
                format!("{} of {} pieces are promised.", due.reserved.max(level.reserved.into()), level.on_hand);
            finding.violation(&ids, sentence);
        }
        if due.lowest < 0 {
            finding.violation(&ids, format!("The movements once left {} pieces on hand.", due.lowest));
        }
    }
    for ((variant, location), due) in due {
        let sentence =
            format!("{} pieces were moved and {} reserved where there is no stock.", due.on_hand, due.reserved);
        finding.violation(&[&variant, &location], sentence);
    }
}

/// Per order or checkout: pieces by SKU, name, unit price and currency.
type Lines<'a> = HashMap<Uuid, BTreeMap<(&'a str, &'a str, i64, &'a str), i64>>;

fn ordered<'a>(case: &Case<'a>) -> Lines<'a> {
    let mut lines = Lines::new();
    for line in &case.facts.orders.lines {
        let own = lines.entry(line.order_id).or_default();
        let currency = case.orders.get(&line.order_id).map_or("", |order| order.currency.as_str());
        *own.entry((&line.sku, &line.name, line.unit_price, currency)).or_default() += i64::from(line.quantity);
    }
    lines
}

fn reserved<'a>(case: &Case<'a>) -> Lines<'a> {
    let mut lines = Lines::new();
    for line in &case.facts.products.lines {
        let own = lines.entry(line.checkout_id).or_default();
        *own.entry((&line.sku, &line.name, line.amount, &line.currency)).or_default() += i64::from(line.quantity);
    }
    lines
}

/// No foreign key says so: both are written in one transaction.
fn judge_strays(case: &Case<'_>, finding: &mut Finding, ordered: &Lines<'_>, reserved: &Lines<'_>) {
    for order in ordered.keys().filter(|id| !case.orders.contains_key(*id)) {
        finding.violation(&[order], "There are lines of an order that is not there.".to_owned());
    }
    for checkout in reserved.keys().filter(|id| !case.reservations.contains_key(*id)) {
        finding.violation(&[checkout], "There are lines of a reservation that is not there.".to_owned());
    }
}

fn judge_order(case: &Case<'_>, finding: &mut Finding, order: &Order) {
    let moving = case.is_moving(order.id);
    let own = case.reservations_of.get(&order.id).map_or(&[][..], Vec::as_slice);
    let holding = own.iter().filter(|reservation| reservation.holds()).count();
    let committed = own.iter().filter(|reservation| reservation.status == "committed").count();
    match order.status.as_str() {
        "cancelled" if holding > 0 => {
            let sentence = format!("The order is cancelled and holds {holding} reservations.");
            finding.violation_unless(moving, &[&order.id], sentence);
        }
        "paid" if (holding, committed) != (1, 1) => {
            let sentence =
                format!("The order is paid and holds {holding} reservations, {committed} of them committed.");
            finding.violation_unless(moving, &[&order.id], sentence);
        }
        "fulfilled" | "completed" if holding > 0 => {
            let sentence = format!("The order has left the warehouse and holds {holding} reservations.");
            finding.violation_unless(moving, &[&order.id], sentence);
        }
        _ => {}
    }
    match case.reservations.get(&order.checkout_id) {
        None => finding.violation_unless(moving, &[&order.id, &order.checkout_id], "The order has no reservation."),
        Some(reservation) if reservation.order_id != order.id => {
            let sentence = format!("The order's reservation is held for order {}.", reservation.order_id);
            finding.violation(&[&order.id, &order.checkout_id], sentence);
        }
        Some(_) => {}
    }
}

fn judge_reservation(case: &Case<'_>, finding: &mut Finding, reservation: &Reservation, has_lines: bool) {
    finding.looked_at(1);
    let ids: [&dyn std::fmt::Display; 2] = [&reservation.checkout_id, &reservation.order_id];
    let used = matches!(reservation.status.as_str(), "held" | "committed" | "shipped" | "expired");
    if used && !has_lines {
        finding.violation(&ids, format!("The reservation is {} and has no lines.", reservation.status));
    }
    copies::of_wish(case, finding, reservation);
    let order = case.orders.get(&reservation.order_id);
    if matches!(reservation.status.as_str(), "committed" | "shipped")
        && order.is_none()
        && !case.is_forgotten(reservation.order_id)
    {
        let sentence = format!("The reservation is {} for an order that does not exist.", reservation.status);
        finding.violation_unless(case.is_moving(reservation.order_id), &ids, sentence);
    }
    if order.is_some_and(|order| order.checkout_id != reservation.checkout_id) && reservation.holds() {
        finding.violation(&ids, "The reservation's order was placed by another checkout.");
    }
}

/// What left the warehouse is what the shipped reservations held, and every fulfilled order has left.
fn judge_shipping(case: &Case<'_>, finding: &mut Finding) {
    let products = &case.facts.products;
    let mut shipped: HashMap<Uuid, BTreeMap<Place<'_>, i64>> = HashMap::new();
    for movement in products.movements.iter().filter(|movement| movement.kind == "shipped") {
        let Some(order) = movement.order_id else {
            finding.violation(&[&movement.variant_id], "Pieces were shipped for no order.");
            continue;
        };
        let own = shipped.entry(order).or_default();
        *own.entry((movement.variant_id, movement.location.as_str())).or_default() -= movement.quantity;
    }
    let mut due: HashMap<Uuid, BTreeMap<Place<'_>, i64>> = HashMap::new();
    for line in &products.lines {
        let reservation = case.reservations.get(&line.checkout_id);
        if let Some(reservation) = reservation.filter(|reservation| reservation.status == "shipped") {
            let own = due.entry(reservation.order_id).or_default();
            *own.entry((line.variant_id, line.location.as_str())).or_default() += i64::from(line.quantity);
        }
    }
    let orders: HashSet<Uuid> = shipped.keys().chain(due.keys()).copied().collect();
    for order in &orders {
        let (left, held) = (shipped.get(order), due.get(order));
        if left != held {
            let count = |pieces: Option<&BTreeMap<Place<'_>, i64>>| pieces.map_or(0, |all| all.values().sum::<i64>());
            let (left, held) = (count(left), count(held));
            let sentence = format!("{left} pieces left the warehouse, the shipped reservation holds {held}.");
            finding.violation(&[order], sentence);
        }
    }
    let fulfilled = |order: &&Order| matches!(order.status.as_str(), "fulfilled" | "completed");
    for order in case.facts.orders.orders.iter().filter(fulfilled).filter(|order| !orders.contains(&order.id)) {
        let sentence = "The order is fulfilled, and nothing has left the warehouse for it.";
        finding.violation_unless(case.is_moving(order.id), &[&order.id], sentence);
    }
}
