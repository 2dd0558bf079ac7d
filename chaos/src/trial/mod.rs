//! `ecom chaos trial`: single promises, each tried to the limit. The figures are printed; only what is wrong fails.

mod backlog;
mod buyers;
mod duplicates;
mod rush;
mod trace_cost;

use crate::{
    stack::Stack,
    stack_options::{Deadlines, StackOptions},
};
use anyhow::{Context, anyhow, bail};
use clap::Subcommand;
use operate::terminal::say;
use service_kit::{Env, standalone, telemetry};
use std::{path::PathBuf, process::ExitCode};

#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Trial {
    /// Many buyers for one piece, again and again: exactly one sale each, nobody else charged
    Buyers {
        /// How many want each piece
        #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(2..))]
        buyers: u64,
        /// How many pieces are sold one after the other
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
        rounds: u64,
    },
    /// Identical requests at the same time: one order and one charge per key, the same answer to all
    Duplicates {
        /// How many orders are placed
        #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..))]
        keys: u64,
        /// How many identical requests each of them is sent as
        #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(2..=256))]
        parallel: u64,
    },
    /// A long queue drains with flat memory; the relay stays fast beside a transaction that stays open
    Backlog {
        /// How many messages wait
        #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..))]
        messages: u64,
    },
    /// What traces cost: the same orders with traces and without, in turns, and the services' processor time compared
    TraceCost {
        /// How many orders each platform takes in a turn
        #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..1_000_000))]
        orders: u64,
        /// How many turns
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..1_000_000))]
        turns: u64,
        /// Another `ecom`, such as that of an earlier commit, to compare with as well
        #[arg(long)]
        against: Option<PathBuf>,
    },
}

/// Its exit code is 0 only when all is right.
///
/// # Errors
/// Something that a trial needs is missing, or it was interrupted.
pub(crate) async fn run(trial: Trial) -> anyhow::Result<ExitCode> {
    telemetry::start_command("ecom", &Env::process(), "warn,lapin=off")?;
    let stop = standalone::stop_on_signal()?;
    if let Trial::TraceCost { orders, turns, against } = trial {
        let compared = stop.run_until_cancelled(trace_cost::run(orders, turns, against)).await;
        compared.context("interrupted")??;
        return Ok(ExitCode::SUCCESS);
    }
    let options = StackOptions { deadlines: Deadlines::CALM, ..StackOptions::default() };
    let stack = tokio::select! {
        stack = Stack::start(options) => stack?,
        () = stop.cancelled() => bail!("interrupted while the platform started"),
    };
    let tried = tokio::select! {
        tried = attempt(&stack, &trial) => tried,
        () = stop.cancelled() => Err(anyhow!("interrupted")),
    };
    stack.end().await?;
    let wrong = tried?;
    for one in &wrong {
        say(format!("WRONG: {one}"));
    }
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What was wrong.
async fn attempt(stack: &Stack, trial: &Trial) -> anyhow::Result<Vec<String>> {
    stack.wait_connected().await?;
    match *trial {
        Trial::Buyers { buyers, rounds } => buyers::run(stack, buyers, rounds).await,
        Trial::Duplicates { keys, parallel } => duplicates::run(stack, keys, parallel).await,
        Trial::Backlog { messages } => backlog::run(stack, messages).await,
        // It has platforms of its own.
        Trial::TraceCost { .. } => Ok(Vec::new()),
    }
}
