//! The command line.

use crate::{admin, demo, provider, seed, service, up};
use anyhow::Context;
use clap::{Parser, Subcommand};
use contracts::ServiceName;
use operate::{
    audit::{self, AuditCommand},
    broker,
    dead_letters::{self, DeadLettersCommand},
    doctor,
    events::{self, EventsCommand},
    keys::{self, KeysCommand},
    restored,
    terminal::complain,
    timeline::{self, OrderRef},
};
use service_kit::{Env, standalone, telemetry};
use std::{path::PathBuf, process::ExitCode};
use tokio::runtime::Runtime;
use url::Url;

/// Ecom-Micro: an event-driven order backend in one program.
///
/// Without a command it runs the whole platform (`ecom up`).
#[derive(Parser)]
#[command(name = "ecom", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the whole platform: five services, payment provider, front door, and a PostgreSQL of its own
    ///
    /// Data live in ./.ecom (ECOM_DATA) and are found again by the next start; delete that folder to start over. The
    /// two keys in it, secrets-key and web-cookie-key, belong to a backup. Ctrl-C stops everything. DATABASE_URL uses
    /// a PostgreSQL server of yours, AMQP_URL a RabbitMQ, ECOM_PORT_BASE moves all ports (8080 and up), SMTP_URL sends
    /// mails for real.
    Up,
    /// Drive an order through a running platform and show it step by step, with its events
    ///
    /// Registers a shopper, confirms the mailed link, logs in, orders two products, pays, and shows the mail.
    /// Without --url it finds the running `ecom up`, or starts a platform for itself.
    Demo {
        /// The front door of a running platform
        #[arg(long)]
        url: Option<Url>,
        /// Where Mailpit shows the mails of a platform that sends them by SMTP (Compose)
        #[arg(long, default_value = "http://localhost:8025")]
        mails: Url,
        /// How to pay
        #[arg(long, default_value = "sim_ok", value_parser = ["sim_ok", "sim_declined", "sim_slow", "sim_error", "sim_lost"])]
        method: String,
    },
    /// Put the sample catalogue in: 223 products in 10 categories
    ///
    /// Works beside a running `ecom up`, or on PRODUCT_DATABASE_URL. Products that exist are left alone.
    Seed,
    /// Staff accounts
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Events: what was announced, who has handled it, and having it handled after all
    ///
    /// Works beside a running `ecom up`, or over the network on USER_DATABASE_URL and its four siblings.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Dead letters: what consumers gave up; try it again or drop it
    ///
    /// Works beside a running `ecom up`, or over the network on USER_DATABASE_URL and its four siblings.
    #[command(subcommand)]
    DeadLetters(DeadLettersCommand),
    /// The whole life of an order across the five services, in order of time
    ///
    /// States, events and who handled them, the reservation, payment, refunds and bookings, the provider's log, mails.
    /// Works beside a running `ecom up`, or over the network on USER_DATABASE_URL and its four siblings.
    Timeline {
        /// The order's number or id
        order: OrderRef,
        /// As JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Check that nothing is lost and nothing is done twice: fifteen invariants over all databases
    ///
    /// Only reads. Works beside a running `ecom up`, or over the network on the five USER_DATABASE_URL … variables,
    /// AMQP_URL and PROVIDER_URL. Exits with 0 when all is well, 1 with violations, 2 when it could not look.
    Doctor(doctor::command::Arguments),
    /// After backups were restored: bring order numbers, orders and money into line with the world outside
    ///
    /// Order numbers go on behind those that were given out; orders that the other services still know are stored again;
    /// what the provider took for orders that are no more is said, and given back with --refund. Says what it would do;
    /// --yes does it. Works like the doctor, best before the services are started again; the provider has to answer.
    Restored(restored::Arguments),
    /// The audit logs: who did what, in chains of hashes
    ///
    /// Works beside a running `ecom up`, or over the network on USER_DATABASE_URL and its four siblings.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// The keys that services sign with
    ///
    /// Works beside a running `ecom up`, or over the network on USER_DATABASE_URL and its four siblings.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Run one service as a process of its own
    ///
    /// Needs DATABASE_URL and AMQP_URL, or a running `ecom up` to work beside.
    Service {
        /// user, product, order, payment or notify
        name: ServiceName,
    },
    /// Bring the services' tables up to date, and end
    ///
    /// Needs USER_DATABASE_URL and its four siblings, or DATABASE_URL for one that is named, and nothing else. It waits up
    /// to five minutes for each database. With MIGRATIONS=off the services leave it to this, or to `<service> migrate`.
    Migrate {
        /// user, product, order, payment or notify; all five unless named
        names: Vec<ServiceName>,
    },
    /// Give each service its own user at RabbitMQ, with the rights it needs and no more
    ///
    /// Also makes the exchanges and queues, so that services need no right to. Needs USER_AMQP_URL and its four siblings, as
    /// the services come there, and RABBITMQ_MANAGEMENT_URL with an administrator. It waits up to five minutes for it. To be
    /// run again changes nothing, but that passwords become those of the URLs.
    Broker(broker::Arguments),
    /// Run the payment provider's simulator
    ProviderSim {
        /// The port to listen on
        #[arg(long, env = "PROVIDER_PORT", default_value_t = provider_sim::DEFAULT_PORT)]
        port: u16,
        /// The folder of its log; `provider` in ECOM_DATA unless given
        #[arg(long, env = "PROVIDER_DATA")]
        data: Option<PathBuf>,
    },
    /// Break a platform of real processes on purpose, and check that nothing was lost or done twice
    ///
    /// Starts five services, the payment provider, a PostgreSQL and a RabbitMQ of its own (both must be installed), lets
    /// shoppers order, kills and disturbs everything on a seeded schedule, waits until nothing is pending, checks the
    /// fifteen invariants (see `ecom doctor`) and cleans up. Exits with 0 only for a clean run. TMPDIR says where
    /// its data go meanwhile.
    Chaos(chaos::Arguments),
    /// Measure what a settled order costs, how long it takes, and what this machine could do at best
    ///
    /// Starts five services, the payment provider, a mail server, a durable PostgreSQL and a RabbitMQ of its own (both must
    /// be installed), orders over HTTP, and waits until all is settled. Ends within a minute or so; --full takes longer.
    Bench(Box<bench::Arguments>),
    /// Crash points and cures switched off: only in builds with the feature labs
    #[cfg(feature = "labs")]
    #[command(subcommand)]
    Lab(chaos::labs::LabCommand),
    /// Ask whether a server on this machine answers 200, for health checks
    Healthcheck {
        /// For example http://127.0.0.1:8090/livez; the front door's unless given
        url: Option<Url>,
    },
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Make an administrator
    ///
    /// Works beside a running `ecom up`, or on USER_DATABASE_URL. Without --password-stdin a password is made up and
    /// shown once.
    Create {
        /// The address to log in with; it counts as confirmed
        #[arg(long)]
        email: String,
        /// Shown to other staff
        #[arg(long, default_value = "Shop")]
        first_name: String,
        /// Shown to other staff
        #[arg(long, default_value = "Admin")]
        last_name: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
}

/// Runs the command the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let command = Cli::parse().command.unwrap_or(Command::Up);
    match run(command, Env::process()) {
        Ok(code) => code,
        Err(cause) => {
            complain(format!("ecom: {cause:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, env: Env) -> anyhow::Result<ExitCode> {
    #[cfg(feature = "labs")]
    chaos::labs::arm(&env)?;
    match command {
        // Its exit code tells what it found.
        Command::Doctor(arguments) => return Ok(runtime()?.block_on(doctor::command::run(&env, &arguments))),
        Command::Restored(arguments) => return runtime()?.block_on(restored::run(&env, &arguments)),
        Command::Audit(command) => return runtime()?.block_on(audit::run(&env, command)),
        #[cfg(feature = "labs")]
        Command::Lab(command) => return runtime()?.block_on(chaos::labs::run(command)),
        Command::Up => up::run(env),
        Command::Demo { url, mails, method } => demo::run(env, url, &mails, &method),
        Command::Seed => runtime()?.block_on(seed::run(env)),
        Command::Admin(AdminCommand::Create { email, first_name, last_name, password_stdin }) => {
            let wanted = admin::Wanted { email, first_name, last_name, password_stdin };
            runtime()?.block_on(admin::create(env, wanted))
        }
        Command::Events(command) => runtime()?.block_on(events::run(&env, command)),
        Command::DeadLetters(command) => runtime()?.block_on(dead_letters::run(&env, command)),
        Command::Keys(command) => runtime()?.block_on(keys::run(&env, command)),
        Command::Timeline { order, json } => runtime()?.block_on(timeline::run(&env, order, json)),
        Command::Service { name } => service::run(name, env),
        Command::Migrate { names } => service::migrate(&names, &env),
        Command::Broker(arguments) => {
            telemetry::start_command("ecom", &env, telemetry::SERVER_FILTER)?;
            runtime()?.block_on(broker::run(&env, &arguments))
        }
        Command::ProviderSim { port, data } => runtime()?.block_on(provider::run(env, port, data)),
        Command::Chaos(arguments) => return runtime()?.block_on(chaos::run(arguments)),
        Command::Bench(arguments) => return runtime()?.block_on(bench::run(*arguments)),
        Command::Healthcheck { url } => {
            let url = match url {
                Some(url) => url,
                None => format!("http://127.0.0.1:{}/livez", up::ports::base(&env)?).parse()?,
            };
            let port = url.port_or_known_default().context("the URL has no port")?;
            standalone::healthcheck(port, url.path())
        }
    }?;
    Ok(ExitCode::SUCCESS)
}

fn runtime() -> anyhow::Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
