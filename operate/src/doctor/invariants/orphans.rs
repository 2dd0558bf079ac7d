//! I10, second part: what the provider has under keys that none of our rows has. A key is stored before it is used, so
//! whoever finds one without its row finds a database that was put back to an earlier moment.

use crate::doctor::{Finding, case::Case, facts::Payment};
use provider_sim::{Abandoned, Charge, ChargeStatus, Entry, Refund};
use std::collections::{HashMap, HashSet};

/// What to do about traces of what our databases have forgotten.
pub(super) const RESTORED: &str = "Was a backup restored? `ecom restored` puts it right.";

pub(super) struct Orphans<'a> {
    /// What the provider gave back, by its id of the charge.
    given_back: HashMap<&'a str, i128>,
    /// Charges of orphans that an operator took note of.
    settled: HashSet<&'a str>,
}

impl<'a> Orphans<'a> {
    pub(super) fn of(case: &Case<'_>, entries: &'a [Entry], payments: &HashMap<&str, &Payment>) -> Self {
        let mut given_back: HashMap<&str, i128> = HashMap::new();
        let mut settled = HashSet::new();
        for entry in entries {
            match entry {
                Entry::Refund(refund) => {
                    *given_back.entry(&refund.charge_id).or_default() += i128::from(refund.amount);
                }
                Entry::Charge(charge)
                    if !payments.contains_key(charge.key.as_str()) && is_acknowledged(case, &charge.key) =>
                {
                    settled.insert(charge.id.as_str());
                }
                Entry::Charge(_) | Entry::Abandoned(_) => {}
            }
        }
        Self { given_back, settled }
    }

    pub(super) fn judge_charge(&self, case: &Case<'_>, finding: &mut Finding, charge: &Charge) {
        let given_back = self.given_back.get(charge.id.as_str()).copied().unwrap_or_default();
        let kept = if charge.status == ChargeStatus::Captured { i128::from(charge.amount) - given_back } else { 0 };
        if kept == 0 && self.settled.contains(charge.id.as_str()) {
            return;
        }
        let what = match charge.status {
            ChargeStatus::Captured => format!("captured {} {}", charge.amount, charge.currency),
            ChargeStatus::Declined => "declined a charge".to_owned(),
        };
        let sentence = format!("The provider {what} under a key that no payment has. {RESTORED}");
        finding.violation_unless(case.is_younger(charge.at.into()), &[&charge.reference, &charge.key], sentence);
    }

    pub(super) fn judge_abandoned(&self, case: &Case<'_>, finding: &mut Finding, abandoned: &Abandoned) {
        if is_acknowledged(case, &abandoned.key) {
            return;
        }
        let sentence = format!("The provider abandoned a key that no payment has. {RESTORED}");
        finding.violation_unless(case.is_younger(abandoned.at.into()), &[&abandoned.key], sentence);
    }

    pub(super) fn judge_given_back(&self, case: &Case<'_>, finding: &mut Finding, given: &Refund) {
        if self.settled.contains(given.charge_id.as_str()) {
            return;
        }
        let sentence = format!("The provider gave {} back under a key that no refund has. {RESTORED}", given.amount);
        finding.violation_unless(case.is_younger(given.at.into()), &[&given.id, &given.key], sentence);
    }
}

fn is_acknowledged(case: &Case<'_>, key: &str) -> bool {
    case.facts.payments.acknowledged.contains(key)
}
