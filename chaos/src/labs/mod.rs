//! `ecom lab`, in builds with the feature `labs` alone: every crash point tried, and the checker checked by switching off
//! every cure.

mod defects;
mod outcome;
pub(crate) mod points;
mod scene;
mod service_log;
mod stage;
mod steps;
mod tour;
mod walk;

pub use points::arm;

use clap::Subcommand;
use operate::terminal::say;
use outcome::Outcome;
use std::{process::ExitCode, time::Instant};

#[derive(Subcommand)]
pub enum LabCommand {
    /// Crash at every named step; error and delay at a quarter of them and crash at a tenth of all other points, chosen by
    /// the seed: the same key gives the same order, every invariant holds
    Steps {
        /// All three at every step, and crash at all other points
        #[arg(long)]
        all: bool,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Of those only a third, another one for each of three numbers in a row
        #[arg(long)]
        third: Option<usize>,
    },
    /// Switch off every cure in turn: the checker must find each one
    Defects {
        /// Only this cure
        #[arg(long)]
        only: Option<String>,
        /// Only a third of them, another one for each of three numbers in a row
        #[arg(long)]
        third: Option<usize>,
    },
    /// The cures there are, and what happens without each; the crash points
    List,
}

/// # Errors
/// The platform cannot be started, or a scene cannot be played.
pub async fn run(command: LabCommand) -> anyhow::Result<ExitCode> {
    let begun = Instant::now();
    let outcome = match command {
        LabCommand::Steps { all, seed, third } => steps::run(all, seed, third).await?,
        LabCommand::Defects { only, third } => defects::run(only.as_deref(), third).await?,
        LabCommand::List => {
            defects::list();
            return Ok(ExitCode::SUCCESS);
        }
    };
    let Outcome { good, bad } = outcome;
    say(format!("\nlab: {good} as they should be, {bad} not, in {:.1} min", begun.elapsed().as_secs_f64() / 60.0));
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
