//! The judgements: pure functions over the facts, one file per invariant.

mod addresses;
mod announcements;
mod causes;
mod copies;
mod effects;
mod ends;
mod hygiene;
mod ledger;
mod loss;
mod money;
mod notices;
mod once;
mod orphans;
mod poison;
mod privacy;
mod reconciliation;
mod requests;
mod sequence;
mod states;
pub(super) mod stock;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(super) use notices::template;

use super::{Finding, Invariant, case::Case};

/// One finding per invariant, in their order.
pub(crate) fn judge(case: &Case<'_>) -> Vec<Finding> {
    Invariant::ALL.into_iter().map(|invariant| judge_one(case, invariant)).collect()
}

fn judge_one(case: &Case<'_>, invariant: Invariant) -> Finding {
    let mut finding = Finding::new(invariant);
    match invariant {
        Invariant::Requests => requests::judge(case, &mut finding),
        Invariant::Ends => ends::judge(case, &mut finding),
        Invariant::Money => money::judge(case, &mut finding),
        Invariant::Stock => stock::judge(case, &mut finding),
        Invariant::Loss => loss::judge(case, &mut finding),
        Invariant::Once => once::judge(case, &mut finding),
        Invariant::Sequence => sequence::judge(case, &mut finding),
        Invariant::Notices => notices::judge(case, &mut finding),
        Invariant::Poison => poison::judge(case, &mut finding),
        Invariant::Reconciliation => reconciliation::judge(case, &mut finding),
        Invariant::Ledger => ledger::judge(case, &mut finding),
        Invariant::States => states::judge(case, &mut finding),
        Invariant::Causes => causes::judge(case, &mut finding),
        Invariant::Privacy => privacy::judge(case, &mut finding),
        Invariant::Hygiene => {
            hygiene::judge(case, &mut finding);
            addresses::judge(case, &mut finding);
        }
    }
    for unreadable in case.facts.unreadable.iter().filter(|one| one.invariant == invariant) {
        finding.violation(&[], unreadable.sentence.clone());
    }
    finding
}
