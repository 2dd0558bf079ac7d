//! A run: a platform, its turns, its limits, its result.

use crate::{
    hot, idle, limits,
    load::{Desk, Pace},
    logins, machine,
    options::{Also, Options},
    outage, pages, picture,
    platform::Platform,
    readings::{broker, databases},
    reads,
    result::{LEADING, Outcome},
    seed, settled, show, timing, turn,
};
use anyhow::Context;
use contracts::ServiceName;
use operate::{doctor, terminal::say};
use service_kit::Clock;
use std::{fs, path::Path, process::ExitCode, sync::Arc, time::Duration};

/// Before anything is measured: connections are made, plans and caches filled.
const WARM_UP: Duration = Duration::from_millis(2500);
const WARM_CLIENTS: usize = 16;
/// Of the highest rate that settled: where there is room, as there should be in a shop.
const ROOM: f64 = 0.6;
/// Connections of turns at a fixed rate.
const CONNECTIONS: usize = 128;

/// Of 16 MB: what `max_wal_size` lets be kept.
const MOST_LOG_FILES: u32 = 240;

/// # Errors
/// Something that it needs is missing, or an order was not settled.
pub(crate) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    if let Some(folder) = options.json.as_deref().and_then(Path::parent) {
        // Now, and not after minutes of measuring.
        fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))?;
    }
    let platform = Platform::start(&options.setup).await?;
    let mut measured = measure(&platform, options).await;
    let clean = match &mut measured {
        Ok(outcome) => finish(&platform, options, outcome).await,
        Err(_) => Ok(true),
    };
    platform.end().await?;
    let outcome = measured?;
    show::all(&outcome);
    write(&outcome, options)?;
    Ok(if clean? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether all is well; and what PostgreSQL uses when nobody is left.
async fn finish(platform: &Platform, options: &Options, outcome: &mut Outcome) -> anyhow::Result<bool> {
    let clean = examine(platform).await?;
    if let (Some(idle), true) = (&mut outcome.idle, is_patient(options)) {
        idle.postgres_alone = Some(idle::postgres_alone(platform).await?);
    }
    Ok(clean)
}

/// Where it was asked for.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn write(outcome: &Outcome, options: &Options) -> anyhow::Result<()> {
    if let Some(path) = &options.json {
        outcome.write(path)?;
        // Of turns; what is only counted has none.
        if outcome.best().is_some() {
            for picture in picture::write(outcome, path)? {
                say(format!("wrote {}", picture.display()));
            }
        }
        say(format!("wrote {}", path.display()));
    }
    Ok(())
}

fn is_patient(options: &Options) -> bool {
    options.idle || options.full
}

async fn measure(platform: &Platform, options: &Options) -> anyhow::Result<Outcome> {
    let mut outcome =
        Outcome { about: machine::about(platform, &options.setup, &options.note).await?, ..Outcome::default() };
    let market = seed::market(platform).await?;
    let desk = Arc::new(Desk::new(platform.address(ServiceName::Order)?, market, options.setup.lines));
    if options.full {
        outcome.memory.push(reads::memory(platform, "idle, just started")?);
    }
    let time = Duration::from_secs(options.seconds.unwrap_or(if options.full { 20 } else { 4 }));
    say("warming up …");
    turn::take(platform, &desk, Pace::Closed { clients: WARM_CLIENTS }, WARM_UP).await?;
    let turns = options.clients.len() + if options.no_rates { 0 } else { options.rates.len().max(1) };
    platform.make_log_files(log_files(time, turns)).await?;
    if !is_patient(options) {
        outcome.idle = Some(idle::read(platform, false).await?);
    }
    let empty = databases::bytes(platform).await?;
    for clients in options.clients.iter().copied() {
        let counted = if clients == LEADING { Some(broker::counted(platform).await?) } else { None };
        let mut taken = turn::take(platform, &desk, Pace::Closed { clients }, time).await?;
        if let Some(before) = counted {
            let after = broker::counted(platform).await?;
            let orders = f64::from(u32::try_from(taken.orders)?);
            taken.cost.broker = after
                .into_iter()
                .map(|(name, count)| {
                    let each = (count - before.get(&name).copied().unwrap_or_default()) / orders;
                    (name, each)
                })
                .collect();
        }
        show::turn(&taken);
        outcome.closed.push(taken);
    }
    let orders: u64 = outcome.closed.iter().map(|turn| turn.orders).sum();
    let left = databases::bytes(platform).await?.into_iter().zip(empty.into_values());
    let orders = f64::from(u32::try_from(orders)?).max(1.0);
    outcome.stored = left.map(|((name, after), before)| (name, (after - before) / orders)).collect();
    if options.full {
        outcome.memory.push(reads::memory(platform, "after load")?);
    }
    if is_patient(options) {
        outcome.idle = Some(idle::read(platform, true).await?);
    }
    let desk = Arc::new(desk.again(platform).await?);
    for rate in rates(&outcome, options) {
        let pace = Pace::Open { rate, connections: CONNECTIONS };
        let taken = turn::take(platform, &desk, pace, time).await?;
        show::turn(&taken);
        outcome.open.push(taken);
        if options.has(Also::Outage) && outcome.outage.is_none() {
            outcome.outage = Some(outage::measure(platform, &desk, pace, time).await?);
        }
    }
    if !options.no_limits {
        outcome.limits = Some(limits::measure(platform, &desk, options.full).await?);
    }
    let desk = Arc::new(desk.again(platform).await?);
    if options.has(Also::Hot) {
        outcome.hot = hot::measure(platform, &desk).await?;
    }
    if options.has(Also::Pages) {
        outcome.pages = pages::measure(platform, &desk).await?;
    }
    if options.has(Also::Reads) {
        outcome.reads = reads::measure(platform, &desk, options).await?;
    }
    let desk = Arc::new(desk.again(platform).await?);
    if options.has(Also::Logins) {
        outcome.logins = Some(logins::measure(platform, &desk).await?);
    }
    if options.has(Also::Timing) {
        outcome.timing = timing::measure(platform).await?;
    }
    if options.full {
        outcome.binaries = reads::binaries(platform);
        outcome.starts = reads::starts(platform).await?;
    }
    Ok(outcome)
}

/// Two a second are more than all turns write; with more of them than this there is a checkpoint meanwhile.
fn log_files(time: Duration, turns: usize) -> u32 {
    u32::try_from(time.as_secs() * 2 * turns as u64).unwrap_or(MOST_LOG_FILES).min(MOST_LOG_FILES)
}

fn rates(outcome: &Outcome, options: &Options) -> Vec<f64> {
    if options.no_rates {
        return Vec::new();
    }
    if options.rates.is_empty() {
        return outcome.best().map(|turn| (turn.settled_per_second * ROOM).max(1.0).round()).into_iter().collect();
    }
    options.rates.iter().copied().map(f64::from).collect()
}

/// Whether nothing is lost and nothing was done twice.
///
/// # Errors
/// Something is left to do, or the doctor cannot look.
pub(crate) async fn examine(platform: &Platform) -> anyhow::Result<bool> {
    settled::drained(platform, 0, 0).await?;
    let options = doctor::Options { grace: Duration::ZERO, ..doctor::Options::default() };
    let report = doctor::examine(&platform.reach, &options, Clock::system().now()).await.context("the doctor")?;
    if report.is_clean() {
        say("doctor: clean");
    } else {
        doctor::report::lines(&report, false).into_iter().for_each(say);
    }
    Ok(report.is_clean())
}
