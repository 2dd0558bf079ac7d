//! What several processes of each service gain, and what they lose: the same turns with one, with two, with four, on
//! the same machine. Each order-service has its share of the clients, and asks the other services of its own number;
//! RabbitMQ spreads the events.

use crate::{
    load::{Desk, Pace},
    machine,
    options::Options,
    platform::Platform,
    readings::processes,
    result::{Outcome, Replicated},
    run, seed, show, turn,
};
use contracts::ServiceName;
use operate::terminal::say;
use std::{process::ExitCode, sync::Arc, time::Duration};

const WARM_UP: Duration = Duration::from_secs(3);
const WARM_CLIENTS: usize = 16;
const TURN: u64 = 20;

/// # Errors
/// Something that it needs is missing, or an order was not settled.
pub(crate) async fn all(options: &Options) -> anyhow::Result<ExitCode> {
    let (mut outcome, mut clean) = (Outcome::default(), true);
    for processes in options.replicas.iter().copied() {
        say(format!("{processes} of each service …"));
        let platform = Platform::of(&options.setup, processes).await?;
        outcome.about = machine::about(&platform, &options.setup, &options.note).await?;
        outcome.replicas.push(measure(&platform, options, processes).await?);
        clean &= run::examine(&platform).await?;
        platform.end().await?;
    }
    show::all(&outcome);
    run::write(&outcome, options)?;
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn measure(platform: &Platform, options: &Options, processes: u8) -> anyhow::Result<Replicated> {
    let market = seed::market(platform).await?;
    let desk = Arc::new(Desk::over(platform.addresses(ServiceName::Order)?, market, options.setup.lines));
    turn::take(platform, &desk, Pace::Closed { clients: WARM_CLIENTS }, WARM_UP).await?;
    let mut replicated = Replicated { processes, ..Replicated::default() };
    let time = Duration::from_secs(options.seconds.unwrap_or(TURN));
    for clients in options.clients.iter().copied() {
        let taken = turn::take(platform, &desk, Pace::Closed { clients }, time).await?;
        show::turn(&taken);
        replicated.turns.push(taken);
    }
    replicated.memory = processes::memory(platform)?.values().sum();
    Ok(replicated)
}
