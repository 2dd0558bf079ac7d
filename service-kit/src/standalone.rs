//! A service as a process of its own: what each service's `main` calls. With nothing set it works beside a running
//! `ecom up`: on its database, while that process carries the events.

mod migrating;
mod process;
mod waiting;

pub use migrating::migrate;
pub use process::{in_runtime, listen, stop_on_signal};

use crate::{Bus, ConfigError, Env, Migrations, Service, Settings, bus::RabbitBus, config, telemetry};
use anyhow::{Context, anyhow};
use contracts::ServiceName;
use serde::{Deserialize, Serialize};
use sqlx::migrate::Migrator;
use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

/// What a running `ecom up` leaves in its data folder for others to find it by.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunFile {
    /// The process that runs it.
    pub pid: u32,
    /// Each service's database, as whom it works.
    pub databases: BTreeMap<ServiceName, String>,
    /// The same as whom its tables belong to, where that is another.
    #[serde(default)]
    pub owners: BTreeMap<ServiceName, String>,
    /// Where each service listens.
    pub services: BTreeMap<ServiceName, String>,
    /// Where the front door listens.
    pub front_door: String,
    /// Where people reach it: the start of links.
    pub public_url: String,
    /// Where its payment provider listens.
    pub provider_url: String,
    /// Variables a service started beside it should have too, e.g. the folder mails go to.
    pub variables: BTreeMap<String, String>,
}

impl RunFile {
    /// The file's name, in the folder of the platform's data.
    pub const NAME: &'static str = "run.json";

    /// The file of a running `ecom up`: in `ECOM_DATA`, or in `.ecom` here or in a folder above.
    #[must_use]
    pub fn find(env: &Env) -> Option<Self> {
        let folders: Vec<PathBuf> = match env.text("ECOM_DATA").ok().flatten() {
            Some(folder) => vec![folder.into()],
            None => Path::new(".").canonicalize().ok()?.ancestors().map(|above| above.join(".ecom")).collect(),
        };
        let read = |folder: &PathBuf| serde_json::from_slice::<Self>(&fs::read(folder.join(Self::NAME)).ok()?).ok();
        let found = folders.iter().find_map(read)?;
        // A file left by a killed process names services that no longer answer.
        let address = found.services.get(&ServiceName::User)?.strip_prefix("http://")?.parse().ok()?;
        TcpStream::connect_timeout(&address, Duration::from_millis(300)).ok()?;
        Some(found)
    }
}

/// The process of one service: `migrate` as its only argument brings its tables up to date, `healthcheck` asks a running
/// one, `--help` explains, otherwise it serves until asked to stop.
pub fn run<F, R>(service: ServiceName, own: &Migrator, build: F) -> ExitCode
where
    F: FnOnce(Settings, Env, Bus) -> R,
    R: Future<Output = anyhow::Result<Service>>,
{
    let env = Env::process();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        #[cfg(feature = "labs")]
        [] => crate::labs::arm(&env).and_then(|()| serve(service, env, own, build)),
        #[cfg(not(feature = "labs"))]
        [] => serve(service, env, own, build),
        ["--help" | "-h" | "help"] => help(service.as_str(), &about(service), &[MIGRATE]),
        ["migrate"] => telemetry::start_command(service.as_str(), &env, telemetry::SERVER_FILTER)
            .map_err(Into::into)
            .and_then(|()| migrate(service, &env, own)),
        ["healthcheck"] => Settings::read(&env.with("DATABASE_URL", "postgres://unused"), service)
            .map_err(Into::into)
            .and_then(|settings| healthcheck(settings.port, "/readyz")),
        other => {
            let other = other.join(" ");
            Err(anyhow!("{service} takes no argument {other:?}: `{service} --help` shows those it takes"))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            // The last word of a process that cannot go on; nothing is left to do if even this fails.
            let _ = writeln!(std::io::stderr(), "{service}: {cause:#}");
            ExitCode::FAILURE
        }
    }
}

fn about(service: ServiceName) -> String {
    let (port, database) = (service.default_port(), service.database());
    format!(
        "One of the five services of Ecom-Micro. Without settings it works beside a running `ecom up`; on its own it needs

  DATABASE_URL  its database, for example postgres://user:password@localhost:5432/{database}
  AMQP_URL      its RabbitMQ, for example amqp://user:password@localhost:5672
  PORT          where it listens ({port}); /docs there shows its API"
    )
}

const MIGRATE: (&str, &str) = ("migrate", "brings the tables in DATABASE_URL up to date and ends; needs nothing else");

/// Explains a program that takes no arguments but these, and `more` with what they do.
///
/// # Errors
/// Standard output cannot be written.
pub fn help(program: &str, about: &str, more: &[(&str, &str)]) -> anyhow::Result<()> {
    let more: String = more.iter().map(|(name, does)| format!("\n  {program} {name:11}  {does}")).collect();
    let text = format!(
        "{about}

Usage:
  {program}              serves until Ctrl-C or SIGTERM
  {program} healthcheck  asks the one that runs on PORT whether it is ready; the exit code tells{more}

All variables: docs/operations/variables.md"
    );
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// Serves until asked to stop.
///
/// # Errors
/// A variable is missing or wrong, the port is taken, or the database cannot be opened.
pub fn serve<F, R>(service: ServiceName, env: Env, own: &Migrator, build: F) -> anyhow::Result<()>
where
    F: FnOnce(Settings, Env, Bus) -> R,
    R: Future<Output = anyhow::Result<Service>>,
{
    telemetry::start_server(service.as_str(), &env)?;
    let (settings, env) = settings_of(service, env)?;
    let bus = bus_of(&settings, &env)?;
    in_runtime(async {
        let listener = listen(settings.port, service.as_str())?;
        let stop = stop_on_signal()?;
        if settings.migrations == Migrations::Off {
            tokio::select! {
                waited = waiting::for_tables(&listener, &settings, own) => waited?,
                // Nothing was begun.
                () = stop.cancelled() => return Ok(()),
            }
        }
        let service = build(settings, env, bus).await?;
        service.run(listener, stop).await
    })
}

/// The settings of a process of its own: from its variables, or those of a running `ecom up` it works beside.
///
/// # Errors
/// A variable is missing or wrong, and no `ecom up` runs.
pub fn settings_of(service: ServiceName, env: Env) -> anyhow::Result<(Settings, Env)> {
    let env = config::on_its_own_database(env, service)?;
    if env.text("DATABASE_URL")?.is_some() || env.text("DB_HOST")?.is_some() {
        return Ok((Settings::read(&env, service)?, env));
    }
    let running = RunFile::find(&env).ok_or_else(|| {
        anyhow!(
            "DATABASE_URL is not set, and no running `ecom up` was found to work beside. Either start one (`cargo run \
             --release` in the workspace's top folder) or set DATABASE_URL=postgres://user:password@host:5432/{} and \
             AMQP_URL=amqp://user:password@host:5672",
            service.database()
        )
    })?;
    let env = beside(service, env, &running)?.with(BESIDE, running.pid.to_string());
    let settings = Settings::read(&env, service)?;
    tracing::info!(pid = running.pid, port = settings.port, "beside a running `ecom up`: its database, its bus");
    Ok((settings, env))
}

/// Set, by us, for a process that works beside a running `ecom up`: its process id.
const BESIDE: &str = "ECOM_BESIDE";

fn bus_of(settings: &Settings, env: &Env) -> anyhow::Result<Bus> {
    if let Some(url) = settings.amqp_url.clone() {
        return Ok(Bus::Rabbit(RabbitBus::new(url, "ecom").announcing(settings.service)));
    }
    if env.text(BESIDE)?.is_some() {
        return Ok(Bus::Elsewhere);
    }
    let expected = "amqp://user:password@host:5672 (a service of its own sends and gets events over RabbitMQ)";
    Err(ConfigError::Missing { name: "AMQP_URL".to_owned(), expected: expected.to_owned() }.into())
}

/// The variables a service needs to work beside a running `ecom up`; what was set by hand stays.
fn beside(service: ServiceName, env: Env, running: &RunFile) -> anyhow::Result<Env> {
    let database = running.databases.get(&service).context("run.json of the running `ecom up` names no database")?;
    let mut wanted = running.variables.clone();
    wanted.insert("DATABASE_URL".to_owned(), database.clone());
    if let Some(owner) = running.owners.get(&service) {
        wanted.insert(config::OWNER.to_owned(), owner.clone());
    }
    wanted.insert("PUBLIC_URL".to_owned(), running.public_url.clone());
    wanted.insert("PROVIDER_URL".to_owned(), running.provider_url.clone());
    // The usual port belongs to the one that runs already.
    wanted.insert("PORT".to_owned(), (service.default_port() + 10_000).to_string());
    for (peer, url) in &running.services {
        wanted.insert(format!("{}_SERVICE_URL", peer.short().to_uppercase()), url.clone());
    }
    let mut env = env;
    for (name, value) in wanted {
        if env.text(&name)?.is_none() {
            env = env.with(&name, value);
        }
    }
    Ok(env)
}

/// Whether `http://127.0.0.1:port/path` answers 200: the health check of images, which carry no shell or curl.
///
/// # Errors
/// Anything else.
pub fn healthcheck(port: u16, path: &str) -> anyhow::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))
        .with_context(|| format!("nothing listens on port {port}"))?;
    stream.set_read_timeout(Some(Duration::from_secs(3)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    anyhow::ensure!(
        answer.starts_with("HTTP/1.1 200"),
        "{path} answered {}",
        answer.lines().next().unwrap_or("nothing")
    );
    Ok(())
}
