//! I10. The provider's log and the payments, entry by entry, both ways. The provider is always first to know: what it
//! did and payment-service has still to learn is on its way as long as the payment or refund is open.

use super::orphans::Orphans;
use crate::doctor::{
    Finding,
    case::Case,
    facts::{Payment, ProviderLog, Refund},
};
use provider_sim::{Abandoned, Charge, ChargeStatus, Entry, Refund as GivenBack};
use std::{collections::HashMap, fmt::Display};

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    let entries = match &case.facts.provider {
        ProviderLog::Read(entries) => entries,
        ProviderLog::Missing(why) => {
            finding.not_checked = Some(why.clone());
            return;
        }
    };
    let facts = &case.facts.payments;
    let payments: HashMap<&str, &Payment> = facts.payments.iter().map(|one| (one.provider_key.as_str(), one)).collect();
    let refunds: HashMap<&str, &Refund> = facts.refunds.iter().map(|one| (one.provider_key.as_str(), one)).collect();
    let (mut charged, mut given_back) = (HashMap::new(), HashMap::new());
    let orphans = Orphans::of(case, entries, &payments);
    for entry in entries {
        finding.looked_at(1);
        match entry {
            Entry::Charge(charge) => {
                charged.insert(charge.key.as_str(), entry);
                match payments.get(charge.key.as_str()) {
                    Some(payment) => judge_charge(case, finding, charge, payment),
                    None => orphans.judge_charge(case, finding, charge),
                }
            }
            Entry::Abandoned(abandoned) => {
                // Abandoned after a charge: the key was promised never to be charged, and was.
                if charged.insert(abandoned.key.as_str(), entry).is_some() {
                    finding.violation(&[&abandoned.key], "The provider abandoned a key that it had decided before.");
                }
                match payments.get(abandoned.key.as_str()) {
                    Some(payment) => judge_abandoned(case, finding, abandoned, payment),
                    None => orphans.judge_abandoned(case, finding, abandoned),
                }
            }
            Entry::Refund(refund) => {
                given_back.insert(refund.key.as_str(), refund);
                match refunds.get(refund.key.as_str()) {
                    Some(own) => judge_given_back(case, finding, refund, own),
                    None => orphans.judge_given_back(case, finding, refund),
                }
            }
        }
    }
    for payment in &facts.payments {
        finding.looked_at(1);
        judge_known(finding, payment, charged.get(payment.provider_key.as_str()).copied());
    }
    let missing = facts.refunds.iter().filter(|refund| refund.status == "completed");
    for refund in missing.filter(|refund| !given_back.contains_key(refund.provider_key.as_str())) {
        let sentence = "The refund counts as completed, the provider knows nothing of it.";
        finding.violation(&[&refund.order_id, &refund.id], sentence);
    }
}

/// What the provider did must have the same values with us.
fn compare(finding: &mut Finding, ids: &[&dyn Display], what: &str, theirs: &dyn Display, ours: &dyn Display) {
    let (theirs, ours) = (theirs.to_string(), ours.to_string());
    if theirs != ours {
        finding.violation(ids, format!("The provider has the {what} {theirs}, we have {ours}."));
    }
}

fn judge_charge(case: &Case<'_>, finding: &mut Finding, charge: &Charge, payment: &Payment) {
    let ids: [&dyn Display; 2] = [&payment.order_id, &charge.id];
    compare(finding, &ids, "amount", &charge.amount, &payment.total);
    compare(finding, &ids, "currency", &charge.currency, &payment.currency);
    compare(finding, &ids, "reference", &charge.reference, &payment.order_id);
    compare(finding, &ids, "method", &charge.method, &payment.method.as_deref().unwrap_or("none"));
    let open = payment.is_open() && !case.is_past(payment.deadline);
    match charge.status {
        ChargeStatus::Captured if payment.status == "captured" => {
            let reference = payment.provider_reference.as_deref().unwrap_or("none");
            compare(finding, &ids, "charge", &charge.id, &reference);
        }
        ChargeStatus::Captured => {
            let sentence = format!("The provider captured it, the payment is {}.", payment.status);
            finding.violation_unless(open || case.is_moving(payment.order_id), &ids, sentence);
        }
        ChargeStatus::Declined => {
            let reason = charge.reason.as_deref().unwrap_or("declined");
            let agrees = payment.status == "failed" && payment.failure_reason.as_deref() == Some(reason);
            let sentence = format!(
                "The provider declined it ({reason}), the payment is {} ({}).",
                payment.status,
                payment.failure_reason.as_deref().unwrap_or("no reason")
            );
            if !agrees {
                finding.violation_unless(open || case.is_moving(payment.order_id), &ids, sentence);
            }
        }
    }
}

fn judge_abandoned(case: &Case<'_>, finding: &mut Finding, abandoned: &Abandoned, payment: &Payment) {
    let agrees = match payment.status.as_str() {
        "cancelled" => true,
        "failed" => payment.failure_reason.as_deref() == Some("unavailable"),
        _ => false,
    };
    if !agrees {
        // Given up by its deadline: it is open a moment longer than that.
        let excused = payment.is_open() && case.is_fresh(abandoned.at.into()) || case.is_moving(payment.order_id);
        let sentence = format!("The provider abandoned the charge, the payment is {}.", payment.status);
        finding.violation_unless(excused, &[&payment.order_id, &abandoned.key], sentence);
    }
}

fn judge_given_back(case: &Case<'_>, finding: &mut Finding, given: &GivenBack, refund: &Refund) {
    let ids: [&dyn Display; 2] = [&refund.order_id, &given.id];
    compare(finding, &ids, "refunded amount", &given.amount, &refund.amount);
    compare(finding, &ids, "refunded currency", &given.currency, &refund.currency);
    let payment = case.payments.get(&refund.order_id);
    let charge = payment.and_then(|payment| payment.provider_reference.as_deref()).unwrap_or("none");
    compare(finding, &ids, "refunded charge", &given.charge_id, &charge);
    if refund.status == "completed" {
        compare(finding, &ids, "refund", &given.id, &refund.provider_reference.as_deref().unwrap_or("none"));
    } else {
        let sentence = format!("The provider gave the money back, the refund is {}.", refund.status);
        finding.violation_unless(case.is_fresh(given.at.into()), &ids, sentence);
    }
}

/// What a payment believes must be in the provider's log.
fn judge_known(finding: &mut Finding, payment: &Payment, entry: Option<&Entry>) {
    let expected = match (payment.status.as_str(), payment.failure_reason.as_deref()) {
        ("captured", _) => "a capture",
        ("failed", Some("unavailable")) => "its being abandoned",
        ("failed", _) => "a refusal",
        _ => return,
    };
    if entry.is_none() {
        let sentence = format!("The payment is {}, the provider knows nothing of {expected}.", payment.status);
        finding.violation(&[&payment.order_id, &payment.id], sentence);
    }
}
