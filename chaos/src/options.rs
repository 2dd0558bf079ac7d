//! What a fault run is told.

use super::{stack_options::Variable, trial::Trial};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) other: Option<Other>,
}

/// Besides a run.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Other {
    /// Try a single promise to the limit
    #[command(subcommand)]
    Trial(Trial),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// How many orders are tried
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) orders: u64,
    /// How often a service is killed; the smaller faults come in proportion
    #[arg(long, default_value_t = 10)]
    pub(crate) kills: u64,
    /// How often the broker is killed
    #[arg(long, default_value_t = 1)]
    pub(crate) broker_kills: u64,
    /// How often PostgreSQL is killed
    #[arg(long, default_value_t = 2)]
    pub(crate) postgres_kills: u64,
    /// How many processes each service runs as, on one database
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    pub(crate) replicas: u8,
    /// How often the process hangs that relays a database's events; needs replicas, one of which takes over
    #[arg(long, default_value_t = 1)]
    pub(crate) hangs: u64,
    /// How often a database refuses connections while its service's connections to the broker break again and again
    #[arg(long, default_value_t = 1)]
    pub(crate) refusals: u64,
    /// How many people come, order, refresh their tokens, want a copy of their data and are erased meanwhile
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(0..=100))]
    pub(crate) visitors: u64,
    /// Repeats the orders and the faults of an earlier run; made up unless given
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// No new order and no new fault after so many minutes; a run that this cuts short is not clean
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) minutes: u64,
    /// How many orders are tried at the same time
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) workers: u64,
    /// A variable for every service, `NAME=value`
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) variables: Vec<Variable>,
    /// Where the summary of every run is added
    #[arg(long, default_value = "chaos/results.jsonl")]
    pub(crate) results: PathBuf,
    /// Keep the run's folder (databases, logs, the client's log) also when all is well
    #[arg(long)]
    pub(crate) keep: bool,
}
