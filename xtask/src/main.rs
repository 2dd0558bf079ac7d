//! `cargo xtask …`: what takes more than plain cargo. Nothing here is part of the product.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks to whoever called it")]

mod databases;
mod figures;
mod folder;
mod install;
mod lint;
mod prepare;
mod process;
mod rabbitmq;
mod servers;
mod test;
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
    /// Measures and prints the figures README shows: start, memory, sizes
    Figures,
    /// Formatting, clippy with warnings denied, and licences of dependencies
    Lint,
}

fn main() -> ExitCode {
    dev_postgres::maybe_run_as_helper();
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
        let interrupt = Interrupt::new()?;
        match task {
            Task::Test(arguments) => test::run(arguments, interrupt).await,
            Task::Services(arguments) => test::services(arguments, interrupt).await,
            Task::Prepare(arguments) => prepare::run(&arguments, interrupt).await,
            Task::Databases(arguments) => databases::run(&arguments).await,
            Task::Figures => figures::run().map(|()| ExitCode::SUCCESS),
            Task::Lint => lint::run(interrupt).await,
        }
    })
}
