//! What a fault run came to: a table for people, a line for the record.

use super::{
    client::Shoppers,
    client_log::Outcome,
    fault::Fault,
    inject::Injected,
    options::Options,
    process::{Cause, Death, Process},
    stack_options::Deadlines,
};
use anyhow::Context;
use operate::{doctor, terminal::say};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::Write,
    path::Path,
    time::Duration,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

#[cfg(test)]
mod tests;

/// What is promised, in seconds; missing one is told and does not fail a run, since machines differ.
const SERVICE_SECONDS: f64 = 3.0;
const POSTGRES_SECONDS: f64 = 10.0;
const BROKER_SECONDS: f64 = 30.0;
const HANG_SECONDS: f64 = 15.0;
const SETTLED_SECONDS: f64 = 60.0;

pub(crate) struct Summary {
    pub(crate) seed: u64,
    pub(crate) options: Options,
    pub(crate) deadlines: Deadlines,
    pub(crate) at: OffsetDateTime,
    pub(crate) outcomes: BTreeMap<Outcome, u64>,
    pub(crate) cancelled: u64,
    pub(crate) fulfilled: u64,
    pub(crate) shoppers: Shoppers,
    /// How many faults there were to be.
    pub(crate) planned: u64,
    pub(crate) injected: Injected,
    /// From a service's start until it was ready, when nothing else was out of order.
    pub(crate) services: Vec<Duration>,
    /// Processes that ended without being told to.
    pub(crate) deaths: Vec<Death>,
    /// Starts after which a minute was not enough to be ready.
    pub(crate) never_ready: Vec<Process>,
    /// While orders were taken.
    pub(crate) driving: Duration,
    /// From the last fault until nothing was pending; none when something still was in the end.
    pub(crate) settled: Option<Duration>,
    pub(crate) whole: Duration,
    pub(crate) events: u64,
    /// Tables that were different after every event had been published once more.
    pub(crate) changed_by_replay: Vec<String>,
    pub(crate) found: doctor::Report,
}

impl Summary {
    /// Violations of the invariants, what the replay changed, and an end that never came.
    pub(crate) fn violations(&self) -> usize {
        self.found.violations() + self.changed_by_replay.len() + usize::from(self.settled.is_none())
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.troubles().is_empty()
    }

    /// Whatever keeps it from being clean.
    fn troubles(&self) -> Vec<String> {
        let (violations, ended, never_ready) = (self.violations(), self.died(Cause::Itself), self.never_ready.len());
        let hung = self.injected.hangs.iter().filter(|followed| followed.is_none()).count();
        let troubles = [
            (violations > 0, format!("{violations} VIOLATIONS")),
            (!self.found.could_not_look.is_empty(), "NOT ALL COULD BE LOOKED AT".to_owned()),
            (
                !self.is_complete(),
                format!(
                    "NOT COMPLETE ({} of {} orders, {} of {} faults)",
                    self.orders(),
                    self.options.orders,
                    self.faults(),
                    self.planned
                ),
            ),
            (ended > 0, format!("{ended} ENDED BY THEMSELVES")),
            (never_ready > 0, format!("{never_ready} NEVER READY")),
            (hung > 0, format!("{hung} HANGS THAT NO OTHER REPLICA RELAYED IN")),
        ];
        troubles.into_iter().filter_map(|(there, text)| there.then_some(text)).collect()
    }

    /// Every order was tried and every fault done: the time did not end first.
    fn is_complete(&self) -> bool {
        (self.orders(), self.faults()) == (self.options.orders, self.planned)
    }

    fn orders(&self) -> u64 {
        self.outcomes.values().sum()
    }

    fn faults(&self) -> u64 {
        self.injected.faults.values().sum()
    }

    /// How long another replica took to follow, where one did.
    fn followed(&self) -> Vec<Duration> {
        self.injected.hangs.iter().copied().flatten().collect()
    }

    fn died(&self, cause: Cause) -> usize {
        self.deaths.iter().filter(|death| death.cause == cause).count()
    }

    /// Which ones, and how.
    fn who_died(&self, cause: Cause) -> String {
        let died = self.deaths.iter().filter(|death| death.cause == cause);
        let died: BTreeSet<_> = died.map(|death| format!("{} ({})", death.process, death.status)).collect();
        Vec::from_iter(died).join(", ")
    }

    fn outcome(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }

    fn rate(&self) -> f64 {
        count(self.orders()) / self.driving.as_secs_f64().max(0.001)
    }

    /// The table, and as its last line the summary.
    pub(crate) fn print(&self) {
        say("\norders");
        row("  taken (ok)", self.outcome(Outcome::Ok), "");
        row("  refused (failed)", self.outcome(Outcome::Failed), "");
        row("  given up by the shopper (unknown)", self.outcome(Outcome::Unknown), "");
        row("  cancelled afterwards", self.cancelled, "");
        row("  fulfilled", self.fulfilled, "");
        say("shoppers");
        for (method, times) in &self.shoppers.methods {
            row(&format!("  paying by {method}"), times, "");
        }
        row("  clicking several times at once", self.shoppers.double_clicks, "");
        row("  guests with a cart", self.shoppers.carts, "");
        say("faults");
        for (kind, times) in &self.injected.faults {
            let note = match *kind {
                Fault::CRASH => format!("armed, {} of them met", self.died(Cause::Armed)),
                Fault::REFUSAL => format!("{} times its connections to the broker broke meanwhile", self.injected.cuts),
                _ => String::new(),
            };
            row(&format!("  {kind}"), times, &note);
        }
        say("processes");
        row("  ended by themselves", self.died(Cause::Itself), &self.who_died(Cause::Itself));
        row("  gave up their start amid a fault", self.died(Cause::Start), &self.who_died(Cause::Start));
        row("  not ready a minute after their start", self.never_ready.len(), "");
        say("recovery, in seconds");
        times("  service, start to ready", &self.services, SERVICE_SECONDS);
        times("  PostgreSQL, kill to all ready", &self.injected.postgres, POSTGRES_SECONDS);
        times("  broker, back to all connected", &self.injected.broker, BROKER_SECONDS);
        times("  relay hung, to another's publish", &self.followed(), HANG_SECONDS);
        times("  database refused, open to all ready", &self.injected.refusals, POSTGRES_SECONDS);
        times("  all settled after the last fault", self.settled.as_slice(), SETTLED_SECONDS);
        say("violations");
        doctor::report::lines(&self.found, false).into_iter().for_each(|line| say(format!("  {line}")));
        row("  I6  tables changed by a replay", self.changed_by_replay.len(), &self.changed_by_replay.join(", "));
        say(format!("\n{}", self.line()));
    }

    fn line(&self) -> String {
        let troubles = self.troubles();
        let verdict = if troubles.is_empty() { "clean".to_owned() } else { troubles.join(", ") };
        let settled = self.settled.map_or("never".to_owned(), |time| format!("{:.1} s", time.as_secs_f64()));
        format!(
            "chaos seed {}: {verdict}; {} orders, {} faults, {} events in {:.0} s ({:.1} orders/s); recovered at the most \
             within: service {}, PostgreSQL {}, broker {}, relay {}; settled {settled}",
            self.seed,
            self.orders(),
            self.faults(),
            self.events,
            self.whole.as_secs_f64(),
            self.rate(),
            longest(&self.services),
            longest(&self.injected.postgres),
            longest(&self.injected.broker),
            longest(&self.followed()),
        )
    }

    /// The record.
    pub(crate) fn json(&self) -> Value {
        let seconds = |times: &[Duration]| times.iter().map(Duration::as_secs_f64).fold(None, most);
        let violations = self.found.findings.iter();
        let violations = violations.map(|found| (found.invariant.code(), found.violations.len()));
        json!({
            "at": self.at.format(&Rfc3339).unwrap_or_default(),
            "seed": self.seed,
            "build": build(),
            "options": asked(&self.options),
            "deadlines_s": {
                "payment": self.deadlines.payment, "give_up": self.deadlines.give_up,
                "reservation": self.deadlines.reservation, "provider": count(self.deadlines.provider) / 1000.0,
            },
            "orders": {
                "ok": self.outcome(Outcome::Ok), "failed": self.outcome(Outcome::Failed),
                "unknown": self.outcome(Outcome::Unknown), "cancelled": self.cancelled, "fulfilled": self.fulfilled,
            },
            "shoppers": {
                "payment_methods": self.shoppers.methods, "double_clicks": self.shoppers.double_clicks,
                "carts": self.shoppers.carts,
            },
            "faults": self.injected.faults,
            "faults_planned": self.planned,
            "cuts_in_refusals": self.injected.cuts,
            "hangs_not_followed": self.injected.hangs.iter().filter(|followed| followed.is_none()).count(),
            "crashes_met": self.died(Cause::Armed),
            "complete": self.is_complete(),
            "processes": {
                "ended_by_themselves": self.died(Cause::Itself), "gave_up_their_start": self.died(Cause::Start),
                "never_ready": self.never_ready.len(),
            },
            "events": self.events,
            "seconds": {
                "whole": self.whole.as_secs_f64(), "driving": self.driving.as_secs_f64(),
                "service_most": seconds(&self.services), "postgres_most": seconds(&self.injected.postgres),
                "broker_most": seconds(&self.injected.broker), "hang_most": seconds(&self.followed()),
                "refusal_most": seconds(&self.injected.refusals), "settled": self.settled.map(|time| time.as_secs_f64()),
            },
            "violations": violations.collect::<BTreeMap<_, _>>(),
            "changed_by_replay": self.changed_by_replay,
            "clean": self.is_clean(),
        })
    }
}

/// The record of a run that broke off: nothing is judged.
pub(crate) fn broken_off(seed: u64, options: &Options, at: OffsetDateTime, cause: &anyhow::Error) -> Value {
    json!({
        "at": at.format(&Rfc3339).unwrap_or_default(),
        "seed": seed,
        "build": build(),
        "options": asked(options),
        "broke_off": format!("{cause:#}"),
        "clean": false,
    })
}

/// Adds the record of a run to those before.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn append(path: &Path, record: &Value) -> anyhow::Result<()> {
    let doing = || format!("adding the run to {}", path.display());
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(doing)?;
    }
    let mut file = File::options().create(true).append(true).open(path).with_context(doing)?;
    file.write_all(format!("{record}\n").as_bytes()).with_context(doing)
}

fn build() -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"), "labs": cfg!(feature = "labs"), "optimized": !cfg!(debug_assertions),
    })
}

fn asked(options: &Options) -> Value {
    let set: Vec<_> = options.variables.iter().map(|set| format!("{}={}", set.name, set.value)).collect();
    json!({
        "set": set,
        "orders": options.orders, "kills": options.kills, "broker_kills": options.broker_kills,
        "postgres_kills": options.postgres_kills, "workers": options.workers, "minutes": options.minutes,
        "replicas": options.replicas, "hangs": options.hangs, "refusals": options.refusals,
    })
}

fn row(name: &str, value: impl std::fmt::Display, note: &str) {
    say(format!("{name:<44}{value:>8}  {note}").trim_end());
}

fn times(name: &str, times: &[Duration], promised: f64) {
    let mut sorted: Vec<f64> = times.iter().map(Duration::as_secs_f64).collect();
    sorted.sort_by(f64::total_cmp);
    let (Some(most), Some(middle)) = (sorted.last(), sorted.get(sorted.len() / 2)) else {
        return row(name, "-", "");
    };
    let kept = if *most <= promised { "" } else { ", NOT KEPT" };
    let note = format!("median {middle:.2}, {} times, promised {promised:.0}{kept}", sorted.len());
    row(name, format!("{most:.2}"), &note);
}

fn longest(times: &[Duration]) -> String {
    times.iter().max().map_or("-".to_owned(), |most| format!("{:.1} s", most.as_secs_f64()))
}

fn most(most: Option<f64>, time: f64) -> Option<f64> {
    Some(most.map_or(time, |most| most.max(time)))
}

/// Far below the numbers that a float cannot hold.
fn count(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
