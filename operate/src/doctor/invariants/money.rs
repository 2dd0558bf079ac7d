//! I3. Per order the same money everywhere: what the provider took less what it gave back, what the books say, what the
//! payment says, and what the order's status asks for.

use super::{copies, orphans::RESTORED};
use crate::doctor::{
    Finding,
    case::Case,
    facts::{Moment, Payment, ProviderLog},
};
use provider_sim::{ChargeStatus, Entry};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// What the provider holds for one order.
#[derive(Default)]
struct Held {
    captured: i128,
    refunded: i128,
    /// Charges of which anything is left.
    live: usize,
    /// When the provider last did anything for it.
    last: Option<Moment>,
}

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    if let ProviderLog::Missing(why) = &case.facts.provider {
        finding.not_checked = Some(format!("without the provider's side: {why}"));
    }
    let provider = case.facts.provider.entries().map(held_by_provider);
    let books = booked(case);
    let mut orders: BTreeSet<Uuid> = case.orders.keys().copied().collect();
    orders.extend(case.payments.keys());
    orders.extend(provider.iter().flat_map(HashMap::keys));
    for id in orders {
        finding.looked_at(1);
        let payment = case.payments.get(&id).copied();
        if payment.is_none() && !case.orders.contains_key(&id) {
            // Known to the provider alone: reconciliation tells.
            continue;
        }
        if let Some(payment) = payment {
            judge_payment(case, finding, payment, books.get(&payment.id).copied().unwrap_or_default());
        }
        if let Some(held) = provider.as_ref().map(|held| held.get(&id)) {
            judge_provider(case, finding, id, payment, held.unwrap_or(&Held::default()));
        }
        judge_order(case, finding, id, payment);
    }
    copies::of_refunds(case, finding);
}

fn held_by_provider(entries: &[Entry]) -> HashMap<Uuid, Held> {
    let mut refunds: HashMap<&str, (i128, Option<Moment>)> = HashMap::new();
    for entry in entries {
        if let Entry::Refund(refund) = entry {
            let (amount, last) = refunds.entry(&refund.charge_id).or_default();
            *amount += i128::from(refund.amount);
            *last = (*last).max(Some(refund.at.into()));
        }
    }
    let mut held: HashMap<Uuid, Held> = HashMap::new();
    for entry in entries {
        if let Entry::Charge(charge) = entry
            && charge.status == ChargeStatus::Captured
            // A reference that is no order of ours is an orphan: reconciliation tells.
            && let Ok(order) = Uuid::parse_str(&charge.reference)
        {
            let (refunded, last) = refunds.get(charge.id.as_str()).copied().unwrap_or_default();
            let own = held.entry(order).or_default();
            own.captured += i128::from(charge.amount);
            own.refunded += refunded;
            own.live += usize::from(i128::from(charge.amount) > refunded);
            own.last = own.last.max(last).max(Some(charge.at.into()));
        }
    }
    held
}

/// What lies with the provider by our books, by payment.
fn booked(case: &Case<'_>) -> HashMap<Uuid, i128> {
    let payments: HashMap<Uuid, Uuid> =
        case.facts.payments.transactions.iter().map(|one| (one.id, one.payment_id)).collect();
    let mut booked = HashMap::new();
    for entry in case.facts.payments.entries.iter().filter(|entry| entry.account == "provider_clearing") {
        if let Some(payment) = payments.get(&entry.transaction_id) {
            *booked.entry(*payment).or_default() += i128::from(entry.amount);
        }
    }
    booked
}

fn kept(payment: &Payment) -> i128 {
    i128::from(payment.captured) - i128::from(payment.refunded)
}

/// One database, one transaction: no excuse.
fn judge_payment(case: &Case<'_>, finding: &mut Finding, payment: &Payment, booked: i128) {
    let kept = kept(payment);
    if booked != kept {
        let sentence = format!("The payment keeps {kept} {}, the ledger says {booked}.", payment.currency);
        finding.violation(&[&payment.order_id, &payment.id], sentence);
    }
    let amounts = [0, payment.refunded, payment.refunds_requested, payment.captured, payment.total];
    if !amounts.is_sorted() {
        let sentence = format!(
            "Refunded {}, promised back {}, captured {} and owed {} are not in this order.",
            payment.refunded, payment.refunds_requested, payment.captured, payment.total
        );
        finding.violation(&[&payment.order_id, &payment.id], sentence);
    }
    let own: Vec<_> = case.refunds.get(&payment.order_id).map_or(&[][..], Vec::as_slice).to_vec();
    let promised: i128 = own.iter().map(|refund| i128::from(refund.amount)).sum();
    let done = own.iter().filter(|refund| refund.status == "completed");
    let done: i128 = done.map(|refund| i128::from(refund.amount)).sum();
    if (promised, done) != (i128::from(payment.refunds_requested), i128::from(payment.refunded)) {
        let (requested, refunded) = (payment.refunds_requested, payment.refunded);
        let sentence = format!(
            "The payment has {requested} promised back and {refunded} given back, its refunds {promised} and {done}."
        );
        finding.violation(&[&payment.order_id, &payment.id], sentence);
    }
}

fn judge_provider(case: &Case<'_>, finding: &mut Finding, order: Uuid, payment: Option<&Payment>, held: &Held) {
    let net = held.captured - held.refunded;
    if held.live > 1 {
        finding.violation(&[&order], format!("The provider holds {} live captures for one order.", held.live));
    }
    let refunding = case.refunds.get(&order).is_some_and(|own| own.iter().any(|one| one.status != "completed"));
    let open = payment.is_some_and(Payment::is_open);
    // It was read after the databases: what it did since then is in none of them.
    let moving = case.is_moving(order) || held.last.is_some_and(|at| case.is_fresh(at));
    let known = payment.map_or(0, kept);
    if net != known {
        // The provider is always first to know: what it did and we have not heard of is asked for.
        let sentence = format!("The provider keeps {net} minor units, the payment says {known}.");
        finding.violation_unless(open || refunding || moving, &[&order], sentence);
    }
    if let Some(order) = case.orders.get(&order)
        && order.status != "pending"
    {
        let due = if order.stands() { i128::from(order.total) } else { 0 };
        let sentence = format!("The order is {}: the provider should keep {due}, it keeps {net}.", order.status);
        let returning = (open || refunding) && !order.stands();
        if net != due {
            finding.violation_unless(returning || moving, &[&order.id], sentence);
        }
    }
}

fn judge_order(case: &Case<'_>, finding: &mut Finding, id: Uuid, payment: Option<&Payment>) {
    let moving = case.is_moving(id);
    let Some(order) = case.orders.get(&id) else {
        match payment {
            Some(payment) if case.is_forgotten(id) => {
                let sentence = format!(
                    "payment-service has a payment over {} {} for order {}, which order-service does not know. {RESTORED}",
                    payment.total, payment.currency, payment.order_number
                );
                finding.violation(&[&id, &payment.id], sentence);
            }
            Some(payment) => {
                let sentence = "There is a payment for an order that does not exist.";
                finding.violation_unless(moving, &[&id, &payment.id], sentence);
            }
            None => {}
        }
        return;
    };
    let Some(payment) = payment else {
        if order.stands() {
            finding.violation_unless(moving, &[&id], format!("The order is {} and has no payment.", order.status));
        }
        return;
    };
    if (payment.total, &payment.currency) != (order.total, &order.currency) {
        let (owed, costs) = (payment.total, order.total);
        let sentence =
            format!("The payment is over {owed} {}, the order costs {costs} {}.", payment.currency, order.currency);
        finding.violation(&[&id, &payment.id], sentence);
    }
    copies::of_order_and_payment(finding, order, payment);
    let due = if order.stands() { i128::from(order.total) } else { 0 };
    let refunding = payment.captured == payment.refunds_requested;
    if order.status != "pending" && kept(payment) != due {
        let sentence =
            format!("The order is {}: its payment should keep {due}, it keeps {}.", order.status, kept(payment));
        // A refund on its way is another invariant's: that it ends.
        finding.violation_unless(moving || (!order.stands() && refunding), &[&id, &payment.id], sentence);
    }
    if order.refunded != payment.refunded {
        let sentence =
            format!("The order knows of {} given back, the payment of {}.", order.refunded, payment.refunded);
        finding.violation_unless(moving, &[&id, &payment.id], sentence);
    }
}
