//! I11. The books balance: every transaction sums to zero, every capture and refund is booked with its amount.

use crate::doctor::{
    Finding,
    case::Case,
    facts::{LedgerEntry, LedgerTransaction},
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    let facts = &case.facts.payments;
    let mut entries: HashMap<Uuid, Vec<&LedgerEntry>> = HashMap::new();
    for entry in &facts.entries {
        entries.entry(entry.transaction_id).or_default().push(entry);
    }
    // What is to be booked, by kind and source: order, payment, amount, currency.
    let mut due: HashMap<(&str, Uuid), (Uuid, Uuid, i64, &str)> = HashMap::new();
    for payment in facts.payments.iter().filter(|payment| payment.captured != 0) {
        due.insert(("capture", payment.id), (payment.order_id, payment.id, payment.captured, &payment.currency));
    }
    for refund in facts.refunds.iter().filter(|refund| refund.status == "completed") {
        due.insert(("refund", refund.id), (refund.order_id, refund.payment_id, -refund.amount, &refund.currency));
    }
    for transaction in &facts.transactions {
        finding.looked_at(1);
        let own = entries.remove(&transaction.id).unwrap_or_default();
        judge_balance(finding, transaction, &own);
        let ids: [&dyn std::fmt::Display; 2] = [&transaction.order_id, &transaction.id];
        let Some((order, payment, amount, currency)) = due.remove(&(transaction.kind.as_str(), transaction.source_id))
        else {
            finding.violation(&ids, format!("A {} is booked that never happened, or twice.", transaction.kind));
            continue;
        };
        if (order, payment) != (transaction.order_id, transaction.payment_id) {
            finding.violation(&ids, format!("A {} is booked for another order or payment.", transaction.kind));
        }
        let cleared = own.iter().filter(|entry| entry.account == "provider_clearing" && entry.currency == currency);
        let cleared: i128 = cleared.map(|entry| i128::from(entry.amount)).sum();
        if cleared != i128::from(amount) {
            let sentence = format!("A {} of {amount} {currency} is booked as {cleared}.", transaction.kind);
            finding.violation(&ids, sentence);
        }
    }
    for ((kind, _), (order, payment, amount, currency)) in due {
        finding.violation(&[&order, &payment], format!("A {kind} of {amount} {currency} is not in the books."));
    }
    for orphan in entries.into_keys() {
        finding.violation(&[&orphan], "Entries belong to no transaction.");
    }
}

fn judge_balance(finding: &mut Finding, transaction: &LedgerTransaction, entries: &[&LedgerEntry]) {
    let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
    for entry in entries {
        *sums.entry(&entry.currency).or_default() += i128::from(entry.amount);
    }
    if sums.is_empty() {
        finding.violation(&[&transaction.order_id, &transaction.id], "The transaction has no entries.");
    }
    for (currency, sum) in sums.into_iter().filter(|(_, sum)| *sum != 0) {
        let sentence = format!("The transaction sums to {sum} {currency}, not to zero.");
        finding.violation(&[&transaction.order_id, &transaction.id], sentence);
    }
}
