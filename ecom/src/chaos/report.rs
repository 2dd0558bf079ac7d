//! What a fault run came to: a table for people, a line for the record.

use super::{client_log::Outcome, inject::Injected, options::Options, services::Process, stack::Deadlines};
use crate::{doctor, terminal::say};
use anyhow::Context;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    path::Path,
    process::ExitStatus,
    time::Duration,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// What is promised, in seconds; missing one is told and does not fail a run, since machines differ.
const SERVICE_SECONDS: f64 = 3.0;
const POSTGRES_SECONDS: f64 = 10.0;
const BROKER_SECONDS: f64 = 30.0;
const SETTLED_SECONDS: f64 = 60.0;

pub(crate) struct Summary {
    pub(crate) seed: u64,
    pub(crate) options: Options,
    pub(crate) deadlines: Deadlines,
    pub(crate) at: OffsetDateTime,
    pub(crate) outcomes: BTreeMap<Outcome, u64>,
    pub(crate) cancelled: u64,
    pub(crate) fulfilled: u64,
    pub(crate) injected: Injected,
    /// From a service's start until it was ready, when nothing else was out of order.
    pub(crate) services: Vec<Duration>,
    /// Processes that ended without being told to.
    pub(crate) deaths: Vec<(Process, ExitStatus)>,
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
        self.violations() == 0 && self.found.is_clean()
    }

    fn orders(&self) -> u64 {
        self.outcomes.values().sum()
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
        say("faults");
        for (kind, times) in &self.injected.faults {
            row(&format!("  {kind}"), times, "");
        }
        for (name, times) in self.deaths_by_kind() {
            row(&format!("  {name}"), times, "");
        }
        say("recovery, in seconds");
        times("  service, start to ready", &self.services, SERVICE_SECONDS);
        times("  PostgreSQL, kill to all ready", &self.injected.postgres, POSTGRES_SECONDS);
        times("  broker, back to all connected", &self.injected.broker, BROKER_SECONDS);
        times("  all settled after the last fault", self.settled.as_slice(), SETTLED_SECONDS);
        say("violations");
        doctor::report::lines(&self.found, false).into_iter().for_each(|line| say(format!("  {line}")));
        row("  I6  tables changed by a replay", self.changed_by_replay.len(), &self.changed_by_replay.join(", "));
        say(format!("\n{}", self.line()));
    }

    /// Some are asked for: a crash at a step ends a process by SIGABRT.
    fn deaths_by_kind(&self) -> BTreeMap<String, u64> {
        self.deaths.iter().fold(BTreeMap::new(), |mut kinds, (_, status)| {
            *kinds.entry(format!("process ended by itself ({status})")).or_default() += 1;
            kinds
        })
    }

    fn line(&self) -> String {
        let verdict = if self.is_clean() { "clean".to_owned() } else { format!("{} VIOLATIONS", self.violations()) };
        let settled = self.settled.map_or("never".to_owned(), |time| format!("{:.1} s", time.as_secs_f64()));
        format!(
            "chaos seed {}: {verdict}; {} orders, {} faults, {} events in {:.0} s ({:.1} orders/s); recovered at the most \
             within: service {}, PostgreSQL {}, broker {}; settled {settled}",
            self.seed,
            self.orders(),
            self.injected.faults.values().sum::<u64>(),
            self.events,
            self.whole.as_secs_f64(),
            self.rate(),
            longest(&self.services),
            longest(&self.injected.postgres),
            longest(&self.injected.broker),
        )
    }

    fn json(&self) -> Value {
        let seconds = |times: &[Duration]| times.iter().map(Duration::as_secs_f64).fold(None, most);
        let violations = self.found.findings.iter();
        let violations = violations.map(|found| (found.invariant.code(), found.violations.len()));
        json!({
            "at": self.at.format(&Rfc3339).unwrap_or_default(),
            "seed": self.seed,
            "build": {
                "version": env!("CARGO_PKG_VERSION"),
                "labs": cfg!(feature = "labs"),
                "optimized": !cfg!(debug_assertions),
            },
            "options": {
                "orders": self.options.orders, "kills": self.options.kills, "broker_kills": self.options.broker_kills,
                "postgres_kills": self.options.postgres_kills, "workers": self.options.workers,
                "minutes": self.options.minutes,
            },
            "deadlines_s": {
                "payment": self.deadlines.payment, "give_up": self.deadlines.give_up,
                "reservation": self.deadlines.reservation, "provider": count(self.deadlines.provider) / 1000.0,
            },
            "orders": {
                "ok": self.outcome(Outcome::Ok), "failed": self.outcome(Outcome::Failed),
                "unknown": self.outcome(Outcome::Unknown), "cancelled": self.cancelled, "fulfilled": self.fulfilled,
            },
            "faults": self.injected.faults,
            "events": self.events,
            "seconds": {
                "whole": self.whole.as_secs_f64(), "driving": self.driving.as_secs_f64(),
                "service_most": seconds(&self.services), "postgres_most": seconds(&self.injected.postgres),
                "broker_most": seconds(&self.injected.broker), "settled": self.settled.map(|time| time.as_secs_f64()),
            },
            "violations": violations.collect::<BTreeMap<_, _>>(),
            "changed_by_replay": self.changed_by_replay,
            "clean": self.is_clean(),
        })
    }

    /// Adds the record of this run to those before.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn append(&self, path: &Path) -> anyhow::Result<()> {
        let doing = || format!("adding the run to {}", path.display());
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).with_context(doing)?;
        }
        let mut file = File::options().create(true).append(true).open(path).with_context(doing)?;
        file.write_all(format!("{}\n", self.json()).as_bytes()).with_context(doing)
    }
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
