//! `ecom chaos`: a fault run. It starts a platform of real processes, drives orders through it, breaks it on a seeded
//! schedule, waits until it is quiet, and has the checker look for what was lost or done twice.

pub(crate) mod accounts;
mod client;
mod client_log;
mod dice;
mod fault;
mod hang;
mod inject;
mod intent;
mod options;
mod poison;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod quiet;
mod refusal;
mod replay;
mod report;
mod run;
mod schedule;
pub(crate) mod services;
pub(crate) mod stack;
mod staff;
mod storms;
mod trial;
pub(crate) mod wiring;

pub(crate) use options::Arguments;

use options::Other;
use std::process::ExitCode;

/// `ecom chaos`.
///
/// # Errors
/// Something that it needs is missing, or it was interrupted.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.other {
        None => run::run(arguments.options).await,
        Some(Other::Trial(trial)) => trial::run(trial).await,
    }
}
