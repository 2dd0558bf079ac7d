//! What `ecom bench` is told.

use chaos::stack_options::Variable;
use clap::{Args, Subcommand, ValueEnum};
use std::{path::PathBuf, str::FromStr};

#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,
    /// Print how many cores each part needs at so many orders a second (`1000/s`), from a result
    #[arg(long, requires = "from")]
    pub(crate) project: Option<Rate>,
    /// The result to project from
    #[arg(long, requires = "project")]
    pub(crate) from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) prices: Prices,
    #[command(subcommand)]
    pub(crate) other: Option<Other>,
}

/// What is paid for a month, in whatever currency: the reader's own prices.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Prices {
    /// With --project: what one core costs a month, with the memory that comes with it
    #[arg(long, requires = "project")]
    pub(crate) core_month: Option<f64>,
    /// With --project: what a gigabyte of disk costs a month
    #[arg(long, requires = "project")]
    pub(crate) gigabyte_month: Option<f64>,
}

/// Besides a run.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Other {
    /// Show what two results have in common, side by side
    Compare {
        /// The earlier result
        before: PathBuf,
        /// The later one
        after: PathBuf,
    },
    /// Count what 64 orders do, one by one and 32 at a time, and the instructions of their parts; compare with what is
    /// committed
    Gate {
        /// The committed figures
        #[arg(long, default_value = "bench/gate.json")]
        figures: PathBuf,
        /// Write the figures instead: raised on purpose only
        #[arg(long)]
        write: bool,
        #[command(flatten)]
        setup: Setup,
    },
    /// What an order costs and how long lists take over millions of past orders, beside an empty platform in the same run
    Growth(GrowthOptions),
    /// The limit of an HTTP server: answers so many bytes to every request
    #[command(hide = true)]
    BareHandler {
        #[arg(long)]
        port: u16,
        #[arg(long)]
        bytes: usize,
    },
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Longer turns, all of --also, memory: half an hour
    #[arg(long)]
    pub(crate) full: bool,
    /// What is measured besides orders
    #[arg(long, value_delimiter = ',')]
    pub(crate) also: Vec<Also>,
    /// Read for a minute, after a quiet one, what the platform uses while nobody orders, and PostgreSQL alone; --full
    /// does, too
    #[arg(long)]
    pub(crate) idle: bool,
    /// Only this: the turns with so many processes of each service, one after the other
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(crate) replicas: Vec<u8>,
    /// Only this: one relay empties an outbox of so many events, with nothing else running
    #[arg(long, value_name = "EVENTS", conflicts_with = "replicas",
        value_parser = clap::value_parser!(u32).range(1000..=5_000_000))]
    pub(crate) relay: Option<u32>,
    /// Seconds for which each turn places orders; 4 unless given, 20 with --full
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) seconds: Option<u64>,
    /// Clients that order side by side, one turn each
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32, 128])]
    pub(crate) clients: Vec<usize>,
    /// Orders a second of the turns at a fixed rate; 60 % of what settled at best unless given
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rates: Vec<u32>,
    /// No turns at a fixed rate
    #[arg(long, conflicts_with = "rates")]
    pub(crate) no_rates: bool,
    /// How many products there are when lists and search are measured, rising
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 200_000])]
    pub(crate) catalogues: Vec<i64>,
    /// How many orders there are when lists of them are measured; 0: they are not
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) past_orders: i64,
    /// The limits of this machine are not measured
    #[arg(long)]
    pub(crate) no_limits: bool,
    #[command(flatten)]
    pub(crate) setup: Setup,
    /// Where the result is written as JSON, with its pictures beside it (.svg)
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
    /// What was measured, in a word or two: kept in the result
    #[arg(long, default_value = "")]
    pub(crate) note: String,
}

/// Besides orders.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Also {
    /// The catalogue over large ones, lists of many orders
    Reads,
    /// Everybody wants the same few thousand pieces
    Hot,
    /// Browsing while many log in at once
    Logins,
    /// Whether the time of an answer tells which addresses have an account
    Timing,
    /// The same rate of orders while notify-service is dead
    Outage,
    /// Pages at a steady rate, from `web` beside the services
    Pages,
}

impl Options {
    pub(crate) fn has(&self, also: Also) -> bool {
        self.full || self.also.contains(&also)
    }
}

#[derive(Args, Clone, Debug)]
pub(crate) struct GrowthOptions {
    /// Past orders, with their reservations, payments and books
    #[arg(long, default_value_t = 10_000_000, value_parser = clap::value_parser!(i64).range(1000..))]
    pub(crate) orders: i64,
    /// Of so many of them, the newest, there are messages and mails
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) told: i64,
    /// Clients that order side by side
    #[arg(long, default_value_t = 32)]
    pub(crate) clients: usize,
    /// Seconds for which each turn places orders
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) seconds: u64,
    /// Turns before the seeding, and after it; their medians are compared
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=99))]
    pub(crate) turns: u8,
    #[command(flatten)]
    pub(crate) setup: Setup,
    /// Where the result is written as JSON
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
    /// What was measured, in a word or two: kept in the result
    #[arg(long, default_value = "")]
    pub(crate) note: String,
}

/// What is measured.
#[derive(Args, Clone, Debug)]
pub(crate) struct Setup {
    /// Reach PostgreSQL by TCP instead of its socket
    #[arg(long)]
    pub(crate) tcp: bool,
    /// The `ecom` whose processes are measured; the running one unless given
    #[arg(long)]
    pub(crate) program: Option<PathBuf>,
    /// Lines of each order, each of another product
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=20))]
    pub(crate) lines: u8,
    /// A variable for every service, `NAME=value`
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) variables: Vec<Variable>,
}

/// Orders a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate(pub(crate) f64);

impl FromStr for Rate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.strip_suffix("/s").unwrap_or(text).replace(['_', ','], "");
        let rate = number.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
        rate.map(Self).ok_or("expected orders a second, such as 1000/s")
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;

    #[test]
    fn a_rate_is_orders_a_second() {
        assert_eq!("1000/s".parse(), Ok(Rate(1000.0)));
        assert_eq!("10,000".parse(), Ok(Rate(10_000.0)));
        assert!("-1/s".parse::<Rate>().is_err());
        assert!("many".parse::<Rate>().is_err());
    }
}
