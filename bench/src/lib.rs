//! `ecom bench`: the measuring stick. It starts a platform of real processes on servers of its own, loads it from outside
//! over HTTP, and tells what a settled order costs, how long it takes, and what this machine could do at best. How to run
//! it and how to read what it prints: `bench/README.md`.

mod compare;
mod copies;
mod gate;
mod growth;
mod hammer;
mod hot;
mod idle;
mod limits;
mod load;
mod logins;
mod machine;
mod options;
mod outage;
mod pages;
mod percentiles;
mod picture;
mod platform;
mod project;
mod rank_sum;
mod readings;
mod reads;
mod relay;
mod replicas;
mod result;
mod run;
mod seed;
mod settled;
mod show;
mod signing;
mod sink;
mod timing;
mod turn;
mod wire;

pub use options::Arguments;

use options::Other;
use service_kit::{Env, standalone, telemetry};
use std::process::ExitCode;

/// `ecom bench`.
///
/// # Errors
/// Something that it needs is missing, or it was interrupted.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    telemetry::start_command("ecom", &Env::process(), "warn,lapin=off")?;
    let Arguments { options, project, from, prices, other } = arguments;
    if let (Some(rate), Some(from)) = (project, from) {
        return project::run(rate, &from, prices);
    }
    if let Some(Other::Compare { before, after }) = &other {
        return compare::run(before, after);
    }
    if let Some(Other::BareHandler { port, bytes }) = other {
        return limits::handler::serve(port, bytes).await;
    }
    let stop = standalone::stop_on_signal()?;
    let work = async {
        match other {
            Some(Other::Gate { figures, write, setup }) => gate::run(&setup, &figures, write).await,
            Some(Other::Growth(options)) => growth::run(&options).await,
            _ if !options.replicas.is_empty() => replicas::all(&options).await,
            _ => match options.relay {
                Some(events) => relay::limit(&options, events).await,
                None => run::run(&options).await,
            },
        }
    };
    // Dropped in the middle of its work, a platform is killed and its folder removed.
    stop.run_until_cancelled(work).await.unwrap_or_else(|| Err(anyhow::anyhow!("interrupted")))
}
