//! I14. No personal data in events, in the databases that know no people, in the provider's log or in log files; and of who was
//! erased nothing anywhere.

use crate::doctor::{Finding, case::Case, facts::Moment};
use contracts::ServiceName;
use std::time::Duration;

/// A guest's last token may live so long.
const GUESTS_KEPT: Duration = Duration::from_hours(24);

pub(super) fn judge(case: &Case<'_>, finding: &mut Finding) {
    // Every service's events and arrivals were searched, and what else was asked for.
    finding.looked_at(2 * case.facts.events.len() + case.options.logs.len());
    let what = if case.options.canary.is_some() { "The canary's data" } else { "Mail addresses" };
    for leak in &case.facts.leaks {
        finding.violation(&[&leak.place], format!("{what} were found here, in {} places.", leak.times));
    }
    judge_erased(case, finding);
}

/// Whoever is to be erased is, in time, by all services, and each has nothing left that it gave its receipt for.
fn judge_erased(case: &Case<'_>, finding: &mut Finding) {
    let others = ServiceName::ALL.len() - 1;
    for person in &case.facts.erased.people {
        finding.looked_at(1);
        let lacking = others.saturating_sub(usize::try_from(person.receipts).unwrap_or_default());
        match person.erased_at {
            None => {
                let sentence = format!("The account is to be erased since {} and is not.", person.due_at);
                finding.violation_unless(!is_late(case, person.due_at), &[&person.account_id], sentence);
            }
            Some(at) if lacking > 0 => {
                let sentence = format!("The account was erased at {at}; {lacking} services have sent no receipt.");
                finding.violation_unless(case.is_fresh(at), &[&person.account_id], sentence);
            }
            Some(_) => {}
        }
    }
    for guest in &case.facts.erased.overdue_guests {
        finding.looked_at(1);
        let sentence = format!("The guest ordered nothing and is to be forgotten since {}.", guest.expires_at);
        finding.violation_unless(!is_late(case, guest.expires_at.on(GUESTS_KEPT)), &[&guest.id], sentence);
    }
    for left in &case.facts.erased.left {
        let sentence = format!("The person was erased, and {} rows of theirs are left in {}.", left.rows, left.place);
        finding.violation(&[&left.account_id], sentence);
    }
}

/// The job looks once a minute.
fn is_late(case: &Case<'_>, due_at: Moment) -> bool {
    due_at < case.now.back(case.options.grace).back(Duration::from_secs(120))
}
