//! `cargo xtask …`: what takes more than plain cargo. Nothing here is part of the product.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks to whoever called it")]

mod databases;
mod faults;
mod figures;
mod fuzz;
mod house;
mod install;
mod labs;
mod lint;
mod pages;
mod points;
mod prepare;
mod process;
mod servers;
mod test;
mod trace_cost;
mod workspace;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::process::Interrupt;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "What takes more than plain cargo")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Brings up a PostgreSQL and a RabbitMQ of our own, runs `cargo test --workspace`, and ends both
    Test(test::Arguments),
    /// Runs any command with those two servers up: cargo xtask services -- cargo test -p ecom
    Services(test::ServicesArguments),
    /// Writes what is generated: the metadata of checked queries (.sqlx) and the documents in docs/
    Prepare(prepare::Arguments),
    /// Leaves migrated databases on a running server, for writing checked queries against
    Databases(databases::Arguments),
    /// Measures and prints the figures xtask/README.md shows: build, start, memory, an order's way, sizes
    Figures(figures::Arguments),
    /// Measures what traces cost: processor time per order with and without them, in turns
    TraceCost(trace_cost::Arguments),
    /// Breaks a platform of real processes: every crash point, every cure switched off, a short fault run
    Faults(faults::Arguments),
    /// Walks through all pages in a real browser, as CI does; with --all in every combination, for the record in docs/
    Pages(pages::Arguments),
    /// Tries what reads what comes over the network with inputs that nobody thought of
    Fuzz(fuzz::Arguments),
    /// Where things lie, links of pages, formatting, clippy with warnings denied, licences, and what is in deploy/
    Lint(lint::Arguments),
}

fn main() -> ExitCode {
    dev_postgres::maybe_run_as_helper();
    prepare::maybe_run_as_compiler();
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting tokio")?;
    runtime.block_on(async {
        let mut interrupt = Interrupt::new()?;
        match task {
            Task::Test(arguments) => test::run(arguments, interrupt).await,
            Task::Services(arguments) => test::services(arguments, interrupt).await,
            Task::Prepare(arguments) => prepare::run(&arguments, interrupt).await,
            Task::Databases(arguments) => databases::run(&arguments).await,
            Task::Figures(arguments) => figures::run(&arguments, &mut interrupt).await,
            Task::TraceCost(arguments) => trace_cost::run(&arguments, interrupt).await,
            Task::Faults(arguments) => faults::run(&arguments, interrupt).await,
            Task::Pages(arguments) => pages::run(&arguments, interrupt).await,
            Task::Fuzz(arguments) => fuzz::run(arguments, interrupt).await,
            Task::Lint(arguments) => lint::run(&arguments, interrupt).await,
        }
    })
}
