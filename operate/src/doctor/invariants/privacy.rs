//! I14. No personal data in events, in the databases that know no people, in the provider's log or in log files.

use crate::doctor::{Finding, case::Case};

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    // Every service's events and arrivals were searched, and what else was asked for.
    finding.looked_at(2 * case.facts.events.len() + case.options.logs.len());
    let what = if case.options.canary.is_some() { "The canary's data" } else { "Mail addresses" };
    for leak in &case.facts.leaks {
        finding.violation(&[&leak.place], format!("{what} were found here, in {} places.", leak.times));
    }
}
