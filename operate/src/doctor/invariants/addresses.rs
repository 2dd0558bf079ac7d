//! Part of I15. One address, one account: what older rules did not see as one waits for a person.

use crate::doctor::{Finding, case::Case};

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    for pair in &case.facts.addresses {
        finding.looked_at(1);
        let sentence = "Two accounts have one address; each is still found the way its owner writes it. Decide which one \
                        stays, and change the address of the other.";
        finding.violation(&[&pair.under_old_key, &pair.holder], sentence);
    }
}
