//! Which fault comes when, decided by the seed. Times are counted in orders, not in seconds, so that a seed gives the
//! same run on a slow machine and on a fast one.

use super::{
    dice::Dice,
    fault::Fault,
    options::Options,
    process::{Process, Replica},
    wiring::Link,
};
use contracts::{ServiceName, events::CATALOGUE};

/// A fault, and after how many orders it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) after: u64,
    pub(crate) fault: Fault,
}

/// A poison event is tried for about a minute before it is given up: it comes in the first part of the run.
const POISON_WITHIN: u64 = 40;

/// Who is handed events all the time while orders come.
const BUSY: [ServiceName; 4] = [ServiceName::Product, ServiceName::Order, ServiceName::Payment, ServiceName::Notify];

/// Who passes the steps that a build with `labs` can die at.
#[cfg(feature = "labs")]
fn passing(step: &str) -> &'static [ServiceName] {
    match step {
        "reserve" | "order-commit" | "answer" => &[ServiceName::Order],
        "provider-call" | "provider-answer" | "ledger-commit" => &[ServiceName::Payment],
        "mail-sent" | "mail-marked" => &[ServiceName::Notify],
        "compensate" => &[ServiceName::Product, ServiceName::Payment, ServiceName::Order],
        _ => &BUSY,
    }
}

/// All faults of a run, in order.
pub(crate) fn plan(seed: u64, options: &Options) -> Vec<Planned> {
    let mut dice = Dice::of(seed, "faults", 0);
    let mut faults = Vec::new();
    let share = |part: u64| options.kills.div_ceil(part);
    let replicas = options.replicas;
    let any_link = |dice: &mut Dice| *dice.pick(&Link::all(replicas).collect::<Vec<_>>());
    let any_replica = |dice: &mut Dice| *dice.pick(&Replica::all(replicas).collect::<Vec<_>>());
    let mut add = |times: u64, make: &mut dyn FnMut(&mut Dice) -> Fault| {
        faults.extend((0..times).map(|_| make(&mut dice)));
    };
    add(options.kills, &mut |dice| Fault::Kill { process: any_replica(dice).into(), away: dice.between(0, 700) });
    add(options.broker_kills, &mut |dice| Fault::KillBroker { away: dice.between(0, 1500) });
    add(options.postgres_kills, &mut |dice| Fault::KillPostgres { away: dice.between(0, 500) });
    add(share(10), &mut |dice| Fault::Kill { process: Process::Provider, away: dice.between(200, 1500) });
    add(share(4), &mut |dice| Fault::Halt { replica: any_replica(dice), time: dice.between(500, 6000) });
    add(share(4), &mut |dice| Fault::Cut { link: any_link(dice) });
    add(share(6), &mut |dice| Fault::Delay {
        link: any_link(dice),
        by: dice.between(20, 400),
        time: dice.between(1000, 4000),
    });
    add(share(6), &mut |dice| Fault::BlackHole { link: any_link(dice), time: dice.between(500, 8000) });
    add(share(6), &mut |dice| Fault::Repeat { events: dice.between(20, 120), seed: dice.next() });
    #[cfg(feature = "labs")]
    for round in 0..share(40) {
        for step in crate::labs::points::steps() {
            // One pass more in each round: a step is met early and late.
            add(1, &mut |dice| {
                let service = *dice.pick(passing(step));
                let pass = dice.between(1, 3 + 2 * round);
                // A roll only where there is a choice: with one replica a seed is what it was before there could be more.
                let number = if replicas > 1 { *dice.pick(&Vec::from_iter(0..replicas)) } else { 0 };
                Fault::Crash { replica: Replica { service, number }, step, pass }
            });
        }
    }
    if replicas > 1 {
        add(options.hangs, &mut |dice| Fault::Hang {
            service: *dice.pick(&ServiceName::ALL),
            time: dice.between(20_500, 25_000),
        });
    }
    add(options.refusals, &mut |dice| {
        let service = *dice.pick(&BUSY);
        // Mostly a restart, now and then an outage.
        let time = if dice.chance(25) { dice.between(60_000, 120_000) } else { dice.between(3_000, 20_000) };
        Fault::Refuse { service, time }
    });
    dice.shuffle(&mut faults);
    let mut planned: Vec<_> = spread(options.orders, faults);
    planned.extend(poison(&mut dice, options.orders, share(8).min(12)));
    planned.sort_by_key(|planned| planned.after);
    planned
}

/// Evenly over the run, which begins and ends in peace.
fn spread(orders: u64, faults: Vec<Fault>) -> Vec<Planned> {
    let parts = faults.len() as u64 + 1;
    let numbered = (1..).zip(faults);
    numbered.map(|(number, fault)| Planned { after: orders * number / parts, fault }).collect()
}

/// By turns readable and not.
fn poison(dice: &mut Dice, orders: u64, times: u64) -> Vec<Planned> {
    let kinds: Vec<_> =
        CATALOGUE.iter().filter(|event| !event.subscribers.is_empty()).map(|event| event.name).collect();
    let within = (orders * POISON_WITHIN / 100).max(1);
    let mut one = |number: u64| Planned {
        after: dice.below(within),
        fault: Fault::Poison { kind: dice.pick::<&str>(&kinds), readable: number.is_multiple_of(2) },
    };
    (0..times).map(&mut one).collect()
}

#[cfg(test)]
mod tests {
    use super::{Planned, plan};
    use crate::{fault::Fault, options::Options, process::Process};
    use clap::Parser;
    use std::collections::{BTreeMap, BTreeSet};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn options(arguments: &[&str]) -> Options {
        Line::parse_from([&["chaos"], arguments].concat()).options
    }

    fn kinds(planned: &[Planned]) -> BTreeMap<&'static str, usize> {
        planned.iter().fold(BTreeMap::new(), |mut kinds, planned| {
            *kinds.entry(planned.fault.kind()).or_default() += 1;
            kinds
        })
    }

    #[test]
    fn a_seed_repeats_its_faults_and_another_has_others() {
        let options = options(&[]);
        assert_eq!(plan(3, &options), plan(3, &options));
        assert_ne!(plan(3, &options), plan(4, &options));
    }

    #[test]
    fn every_kind_comes_as_often_as_it_was_asked_for() {
        let options =
            options(&["--orders", "20000", "--kills", "200", "--broker-kills", "20", "--postgres-kills", "20"]);
        let kinds = kinds(&plan(1, &options));
        assert_eq!(kinds["service killed"], 200);
        assert_eq!((kinds["broker killed"], kinds["PostgreSQL killed"]), (20, 20));
        assert_eq!(kinds["database refused"], 1);
        let outside = 11;
        assert_eq!(kinds.len(), outside + usize::from(cfg!(feature = "labs")), "{kinds:?}");
        let planned = plan(1, &options);
        assert!(planned.is_sorted_by_key(|planned| planned.after));
        assert!(planned.iter().all(|planned| planned.after < options.orders));
    }

    #[test]
    fn without_kills_and_refusals_nothing_happens() {
        let options = options(&["--kills", "0", "--broker-kills", "0", "--postgres-kills", "0", "--refusals", "0"]);
        assert_eq!(plan(1, &options), []);
    }

    #[test]
    fn with_replicas_each_is_killed_and_what_relays_hangs() {
        let arguments = ["--orders", "3000", "--kills", "60", "--replicas", "2", "--hangs", "6", "--refusals", "4"];
        let planned = plan(1, &options(&arguments));
        let kinds = kinds(&planned);
        assert_eq!((kinds["relaying service hung"], kinds["database refused"], kinds["service killed"]), (6, 4, 60));
        let killed = planned.iter().filter_map(|planned| match planned.fault {
            Fault::Kill { process: Process::Service(replica), .. } => Some(replica.to_string()),
            _ => None,
        });
        let killed: BTreeSet<_> = killed.collect();
        assert_eq!(killed.len(), 10, "two of each: {killed:?}");
    }
}
