//! `ecom bench --project 1000/s --from FILE`: how many cores each part needs at so many settled orders a second.
//!
//! cores of a part = orders a second × its milliseconds an order ÷ 1000 + what it uses when nobody orders. Machines are
//! counted with headroom, since a part that is full to the brim answers late.

use crate::{
    options::{Prices, Rate},
    result::{Cost, Idle, Outcome},
};
use anyhow::Context;
use operate::terminal::say;
use std::{path::Path, process::ExitCode};

/// A core is not loaded beyond this.
const LOAD: f64 = 0.6;
const SECONDS_A_DAY: f64 = 86_400.0;
const SECONDS_A_YEAR: f64 = 365.0 * SECONDS_A_DAY;

/// # Errors
/// The file is no result, or holds no turn.
pub(crate) fn run(Rate(rate): Rate, from: &Path, prices: Prices) -> anyhow::Result<ExitCode> {
    let outcome = Outcome::read(from)?;
    let turn = outcome.best().context("the result holds no turn in closed loop")?;
    let about = &outcome.about;
    say(format!(
        "{rate:.0} settled orders a second, from {} of {} on {} cores of {}",
        about.commit, about.date, about.cores, about.machine
    ));
    say(format!("by what an order cost at {} ({:.1} settled a second):", turn.name(), turn.settled_per_second));
    lines(&turn.cost, outcome.idle.as_ref(), rate).into_iter().for_each(say);
    let busy = cores(turn.cost.everything, outcome.idle.as_ref().map_or(0.0, |idle| idle.parts.values().sum()), rate);
    year(outcome.stored.values().sum(), rate, (busy / LOAD).ceil(), prices).into_iter().for_each(say);
    Ok(ExitCode::SUCCESS)
}

/// What a year takes, and costs. Disks fill evenly, so that on average half of the year's last size is paid for.
fn year(bytes_an_order: f64, rate: f64, cores: f64, prices: Prices) -> Vec<String> {
    let orders = rate * SECONDS_A_YEAR;
    let gigabytes = orders * bytes_an_order / 1e9;
    let mut lines = vec![format!(
        "  a year: {:.0} million orders, {gigabytes:.0} GB in the databases ({:.1} kB an order, nothing deleted)",
        orders / 1e6,
        bytes_an_order / 1e3
    )];
    let (Some(core), Some(gigabyte)) = (prices.core_month, prices.gigabyte_month) else {
        lines.push("  what it costs: --core-month and --gigabyte-month say your prices".to_owned());
        return lines;
    };
    let (processors, disks) = (cores * core * 12.0, gigabytes / 2.0 * gigabyte * 12.0);
    lines.push(format!(
        "  and costs {processors:.0} for {cores:.0} cores and {disks:.0} for disks: {:.4} for a thousand orders",
        (processors + disks) / orders * 1000.0
    ));
    lines
}

/// Cores that a part keeps busy.
fn cores(ms_an_order: f64, idle_ms_a_second: f64, rate: f64) -> f64 {
    (rate * ms_an_order + idle_ms_a_second) / 1000.0
}

fn lines(cost: &Cost, idle: Option<&Idle>, rate: f64) -> Vec<String> {
    let row =
        |name: &str, ms: f64, busy: f64| format!("  {name:<16}{ms:>12.3}{busy:>12.2}{:>12.0}", (busy / LOAD).ceil());
    let mut lines = vec![format!("  {:<16}{:>12}{:>12}{:>12}", "", "ms an order", "cores busy", "cores at 60 %")];
    let mut sum = 0.0;
    for (name, part) in &cost.parts {
        let idle = idle.and_then(|idle| idle.parts.get(name)).copied().unwrap_or_default();
        let busy = cores(part.ms, idle, rate);
        sum += busy;
        lines.push(row(name, part.ms, busy));
    }
    lines.push(row("everything", cost.everything, sum));
    lines.push(format!(
        "  {:.0} transactions that write, {:.0} fsyncs, {:.1} MB of WAL a second; {:.1} GB of WAL a day",
        rate * cost.writing_transactions,
        rate * cost.fsyncs,
        rate * cost.wal_bytes / 1e6,
        rate * cost.wal_bytes * SECONDS_A_DAY / 1e9
    ));
    lines
}

#[cfg(test)]
mod tests {
    use super::{cores, lines, year};
    use crate::{options::Prices, result::tests::outcome};

    #[test]
    fn a_year_is_cores_and_half_of_its_last_disk_at_the_readers_prices() {
        let prices = Prices { core_month: Some(10.0), gigabyte_month: Some(0.1) };
        // 31.5 million orders of 10 kB: 315 GB; 2 cores 240, half the disk for twelve months 189.
        let text = year(10_000.0, 1.0, 2.0, prices).join("\n");
        assert!(text.contains("32 million orders, 315 GB"), "{text}");
        assert!(text.contains("costs 240 for 2 cores and 189 for disks: 0.0136 for a thousand"), "{text}");
        assert!(year(1.0, 1.0, 1.0, Prices::default())[1].contains("--core-month"));
    }

    #[test]
    fn cores_are_the_rate_times_what_an_order_costs_and_what_nobody_ordering_costs() {
        assert!((cores(2.0, 50.0, 1000.0) - 2.05).abs() < 1e-9);
        let text = lines(&outcome(20.0, 50.0).closed[0].cost, None, 1000.0).join("\n");
        assert!(text.contains("everything            20.000       20.00          34"), "{text}");
    }
}
