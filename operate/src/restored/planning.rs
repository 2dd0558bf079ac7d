//! Finding what is to be done, by comparing what each side knows.

use super::{
    memory, money, numbers,
    plan::{Plan, Wanted},
    step::Step,
};
use crate::{
    doctor::{
        Options,
        case::Case,
        facts::{self, Moment, ProviderLog},
        repair,
    },
    reach::Reach,
};
use anyhow::bail;
use service_kit::Clock;
use std::time::Duration;

/// Finds what there is to do now. Some steps bring others with them: plan again after they are done.
///
/// # Errors
/// A database does not answer, or the provider shows no log and nobody said that it has none.
pub async fn plan(reach: &Reach, clock: &Clock, wanted: Wanted) -> anyhow::Result<Plan> {
    let options = Options { grace: Duration::ZERO, no_provider_log: wanted.no_provider_log, ..Options::default() };
    let facts = facts::older::read_younger(reach, &options).await?;
    if let (ProviderLog::Missing(_), false) = (&facts.provider, wanted.no_provider_log) {
        bail!("{}", facts.could_not_look.join(" "));
    }
    let case = Case::new(&facts, &options, Moment::from(clock.now()));
    let mut plan = Plan::default();
    plan.notes.extend(facts.since.time().map(|since| {
        let since = Moment::from(since);
        format!(
            "looked at orders and events younger than {since}: of older ones a part was deleted (RETENTION), and nothing is \
             done about them"
        )
    }));
    let orphans = money::orphans(&case);
    plan.steps.extend(numbers::step(reach, orphans.unknown_orders()).await?);
    memory::remember(reach, &case, &mut plan).await?;
    memory::cancel_as_before(&case, &mut plan);
    send_again(&case, &mut plan);
    money::cancel_remembered(&case, wanted, &mut plan);
    orphans.give_back(wanted, &mut plan);
    Ok(plan)
}

/// What others announced while the database that is no more was there to hear it.
fn send_again(case: &Case<'_>, plan: &mut Plan) {
    for step in repair::lost(case) {
        let repair::Step::SendAgain { event, .. } = &step else { continue };
        let order = case.events.get(event).and_then(|(_, logged)| logged.order());
        if order.is_some_and(|order| !case.orders.contains_key(&order) && case.is_forgotten(order)) {
            continue;
        }
        plan.steps.push(Step::Repair(step));
    }
}
