//! `ecom chaos`: a fault run. It starts a platform of real processes, drives orders through it, breaks it on a seeded
//! schedule, waits until it is quiet, and has the checker look for what was lost or done twice. The trials measure instead
//! (`ecom chaos trial`), and `labs` tries every crash point and checks the checker.

pub mod accounts;
mod carts;
pub mod client;
mod client_log;
mod dice;
mod fault;
mod hang;
mod inject;
mod intent;
#[cfg(feature = "labs")]
pub mod labs;
mod options;
mod poison;
pub mod process;
mod proxy;
pub mod quiet;
mod refusal;
mod replay;
mod report;
mod run;
mod schedule;
pub mod services;
pub mod stack;
pub mod stack_options;
mod staff;
mod storms;
mod trial;
mod visitors;
mod wiring;

pub use options::Arguments;

use options::Other;
use std::process::ExitCode;

/// `ecom chaos`.
///
/// # Errors
/// Something that it needs is missing, or it was interrupted.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.other {
        None => run::run(arguments.options).await,
        Some(Other::Trial(trial)) => trial::run(trial).await,
    }
}
