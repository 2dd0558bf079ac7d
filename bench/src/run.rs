//! A run: a platform, its turns, its limits, its result.

use crate::{
    limits,
    load::{Desk, Pace},
    machine,
    options::Options,
    picture,
    platform::Platform,
    readings::{Reading, broker},
    reads,
    result::{Idle, LEADING, Outcome},
    seed, settled, show, turn,
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
/// Right after a turn, when everything still looks often for what may come: an upper bound, coarse by its few ticks.
const IDLE_BRIEFLY: Duration = Duration::from_secs(3);
/// After a minute in which nothing was to be done all of it looks seldom; and long enough for PostgreSQL's own rounds.
const CALMING: Duration = Duration::from_secs(70);
const IDLE: Duration = Duration::from_secs(60);

/// # Errors
/// Something that it needs is missing, or an order was not settled.
pub(crate) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    if let Some(folder) = options.json.as_deref().and_then(Path::parent) {
        // Now, and not after minutes of measuring.
        fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))?;
    }
    let platform = Platform::start(&options.setup).await?;
    let measured = measure(&platform, options).await;
    let clean = match &measured {
        Ok(_) => examine(&platform).await,
        Err(_) => Ok(true),
    };
    platform.end().await?;
    let outcome = measured?;
    show::all(&outcome);
    if let Some(path) = &options.json {
        outcome.write(path)?;
        for picture in picture::write(&outcome, path)? {
            say(format!("wrote {}", picture.display()));
        }
        say(format!("wrote {}", path.display()));
    }
    Ok(if clean? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
    outcome.idle = Some(idle(platform, options.idle || options.full).await?);
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
    if options.full {
        outcome.memory.push(reads::memory(platform, "after load")?);
    }
    for rate in rates(&outcome, options) {
        let pace = Pace::Open { rate, connections: CONNECTIONS };
        let taken = turn::take(platform, &desk, pace, time).await?;
        show::turn(&taken);
        outcome.open.push(taken);
    }
    if !options.no_limits {
        outcome.limits = Some(limits::measure(platform, &desk, options.full).await?);
    }
    if options.full {
        outcome.reads = reads::measure(platform, &desk, options).await?;
        outcome.binaries = reads::binaries(platform);
        outcome.starts = reads::starts(platform).await?;
    }
    Ok(outcome)
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

/// What it costs that nobody orders.
async fn idle(platform: &Platform, patient: bool) -> anyhow::Result<Idle> {
    let (calming, time) = if patient { (CALMING, IDLE) } else { (Duration::ZERO, IDLE_BRIEFLY) };
    if patient {
        say("waiting for the platform to calm down …");
    }
    tokio::time::sleep(calming).await;
    let before = Reading::first(platform).await?;
    tokio::time::sleep(time).await;
    let after = Reading::last(platform).await?;
    let seconds = before.seconds(&after);
    let cost = before.cost(&after, seconds);
    let parts = cost.parts.iter().map(|(name, part)| (name.clone(), part.ms)).collect();
    let memory = reads::memory(platform, "")?.services;
    Ok(Idle { parts, statements_per_second: cost.statements(), after: calming.as_secs_f64(), seconds, memory })
}

/// Whether nothing is lost and nothing was done twice.
async fn examine(platform: &Platform) -> anyhow::Result<bool> {
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
