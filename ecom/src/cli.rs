//! The command line.

use crate::{admin, demo, seed, service, terminal::complain, up};
use anyhow::Context;
use clap::{Parser, Subcommand};
use contracts::ServiceName;
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
    /// Data live in ./.ecom (ECOM_DATA) and are found again by the next start; delete that folder to start over.
    /// Ctrl-C stops everything. DATABASE_URL uses a PostgreSQL server of yours, AMQP_URL a RabbitMQ,
    /// ECOM_PORT_BASE moves all ports (8080 and up), SMTP_URL sends mails for real.
    Up,
    /// Drive an order through a running platform and show every step and event
    ///
    /// Registers a shopper, confirms the mailed link, logs in, orders two products, pays, and shows the mail.
    /// Starts a platform for itself when none runs at --url.
    Demo {
        /// The front door of the platform
        #[arg(long, default_value = "http://localhost:8080")]
        url: Url,
        /// Where Mailpit shows the mails of a platform that sends them by SMTP (Compose)
        #[arg(long, default_value = "http://localhost:8025")]
        mails: Url,
        /// How to pay: sim_ok, sim_declined, sim_slow, sim_error or sim_lost
        #[arg(long, default_value = "sim_ok")]
        method: String,
    },
    /// Put the sample catalogue in: 223 products in 10 categories
    ///
    /// Works beside a running `ecom up`, or on PRODUCT_DATABASE_URL. Products that exist are left alone.
    Seed,
    /// Staff accounts
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Run one service as a process of its own
    ///
    /// Needs DATABASE_URL and AMQP_URL, or a running `ecom up` to work beside.
    Service {
        /// user, product, order, payment or notify
        name: ServiceName,
    },
    /// Run the payment provider's simulator
    ProviderSim {
        /// The port to listen on
        #[arg(long, env = "PROVIDER_PORT", default_value_t = provider_sim::DEFAULT_PORT)]
        port: u16,
        /// The folder of its log; `provider` in ECOM_DATA unless given
        #[arg(long, env = "PROVIDER_DATA")]
        data: Option<PathBuf>,
    },
    /// Ask whether a server on this machine answers 200, for health checks
    Healthcheck {
        /// For example http://127.0.0.1:8090/livez
        url: Url,
    },
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Make an administrator
    ///
    /// Works beside a running `ecom up`, or on USER_DATABASE_URL. Without --password-stdin a password is made up and
    /// shown once.
    Create {
        #[arg(long)]
        email: String,
        #[arg(long, default_value = "Shop")]
        first_name: String,
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
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            complain(format!("ecom: {cause:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, env: Env) -> anyhow::Result<()> {
    match command {
        Command::Up => up::run(env),
        Command::Demo { url, mails, method } => demo::run(env, &url, &mails, &method),
        Command::Seed => runtime()?.block_on(seed::run(env)),
        Command::Admin(AdminCommand::Create { email, first_name, last_name, password_stdin }) => {
            let wanted = admin::Wanted { email, first_name, last_name, password_stdin };
            runtime()?.block_on(admin::create(env, wanted))
        }
        Command::Service { name } => service::run(name, env),
        Command::ProviderSim { port, data } => runtime()?.block_on(async {
            telemetry::start(telemetry::DEFAULT_FILTER);
            let listener = standalone::listen(port, "the payment provider's simulator").await?;
            let folder = env.text("ECOM_DATA")?.unwrap_or_else(|| "./.ecom".to_owned());
            let data = data.unwrap_or_else(|| PathBuf::from(folder).join("provider"));
            provider_sim::run(listener, &data, standalone::stop_on_signal()?).await
        }),
        Command::Healthcheck { url } => {
            let port = url.port_or_known_default().context("the URL has no port")?;
            standalone::healthcheck(port, url.path())
        }
    }
}

fn runtime() -> anyhow::Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
