//! `ecom up`: everything in one process, from an empty folder to a running shop.

use crate::{
    data_folder::DataFolder,
    databases,
    platform::{Plan, Platform},
    seed,
    terminal::say,
};
use anyhow::{Context, bail};
use contracts::ServiceName;
use dev_postgres::{Running as Postgres, Settings as PostgresSettings, Source, SourceChoice};
use service_kit::{Bus, Clock, Env, Environment, bus::LocalBus, bus::RabbitBus, config, standalone, telemetry};
use standalone::RunFile;
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, TcpListener},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use url::Url;

/// The front door's port; services and provider follow at fixed distances.
const PORT_BASE: u16 = 8080;

/// Starts the platform and serves until SIGINT or SIGTERM.
///
/// # Errors
/// Something is missing or in the way; the sentence says what and what to do.
pub(crate) fn run(env: Env) -> anyhow::Result<()> {
    telemetry::start("warn");
    let platform = Started::start(env)?;
    platform.announce()?;
    platform.wait()
}

/// A running platform with all it owns.
pub(crate) struct Started {
    runtime: tokio::runtime::Runtime,
    folder: DataFolder,
    postgres: Option<Postgres>,
    stop: CancellationToken,
    running: tokio::task::JoinHandle<anyhow::Result<()>>,
    simulated: bool,
    run_file: RunFile,
    ready_after: Duration,
    environment: Environment,
    mails_in_folder: bool,
    broker: bool,
}

impl Started {
    pub(crate) fn start(env: Env) -> anyhow::Result<Self> {
        let began = Instant::now();
        let environment = config::environment(&env)?;
        let folder = DataFolder::open(&env)?;
        let ports = Ports::bind(&env, environment)?;
        let (postgres, server) = database_server(&env, &folder)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let stop = runtime.block_on(async { standalone::stop_on_signal() })?;
        let simulated = env.text("PROVIDER_URL")?.is_none();
        let provider_url = match env.text("PROVIDER_URL")? {
            Some(url) => url,
            None if environment == Environment::Production => {
                bail!("PROVIDER_URL is not set: production charges a real provider, never the simulator")
            }
            None => format!("http://127.0.0.1:{}", ports.provider.local_addr()?.port()),
        };
        if simulated {
            let (data, stop) = (folder.path().join("provider"), stop.clone());
            ports.provider.set_nonblocking(true)?;
            let listener = ports.provider;
            runtime.spawn(async move {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                provider_sim::run(listener, &data, stop).await
            });
        }
        let env = env.with("ECOM_DATA", folder.path().display().to_string());
        let amqp = env.text("AMQP_URL")?;
        let broker = amqp.is_some();
        let bus =
            amqp.map_or_else(|| Bus::Local(LocalBus::new()), |url| Bus::Rabbit(RabbitBus::new(url.into(), "ecom")));
        let databases = runtime.block_on(databases::create(databases::overrides(&env)?, server))?;
        let run_file = run_file(&env, &databases, &ports.services, &ports.front_door, &provider_url)?;
        let mails_in_folder = env.text("SMTP_URL")?.is_none();
        let plan = Plan {
            env,
            databases,
            listeners: ports.services,
            front_door: ports.front_door,
            provider_url,
            bus,
            clock: Clock::system(),
        };
        let platform = runtime.block_on(Platform::build(plan))?;
        if environment == Environment::Development {
            runtime.block_on(seed::seed(&platform.kits()[&ServiceName::Product]))?;
        }
        let running = runtime.spawn(platform.run(stop.clone()));
        runtime.block_on(ready(&run_file))?;
        folder.write_run_file(&run_file)?;
        let ready_after = began.elapsed();
        Ok(Self {
            runtime,
            folder,
            postgres,
            stop,
            running,
            simulated,
            run_file,
            ready_after,
            environment,
            mails_in_folder,
            broker,
        })
    }

    pub(crate) fn runtime(&self) -> &tokio::runtime::Runtime {
        &self.runtime
    }

    pub(crate) fn public_url(&self) -> anyhow::Result<Url> {
        Ok(Url::parse(&self.run_file.public_url)?)
    }

    /// Where everything is, and what to try.
    fn announce(&self) -> anyhow::Result<()> {
        let url = self.run_file.public_url.trim_end_matches('/');
        say(format!("\nEcom-Micro is ready after {:.1} s.\n", self.ready_after.as_secs_f64()));
        say(format!("  front door        {url}"));
        for (service, address) in &self.run_file.services {
            say(format!("  {:<17} {address}/docs", service.as_str()));
        }
        let kind = if self.simulated { " (simulated)" } else { "" };
        say(format!("  payment provider  {}{kind}", self.run_file.provider_url));
        let postgres = match self.postgres.as_ref().map(Postgres::source) {
            None => "your server (DATABASE_URL)".to_owned(),
            Some(Source::Bundled) => {
                "the bundled PostgreSQL 17: for development only, its time-outs do not work".to_owned()
            }
            Some(installed) => format!("PostgreSQL {} of this machine", installed.version()),
        };
        say(format!("  database          {postgres}"));
        say(format!("  events            {}", if self.broker { "RabbitMQ (AMQP_URL)" } else { "inside this process" }));
        say(format!("  data              {}", self.folder.path().display()));
        if self.environment == Environment::Development {
            say("\nTry, in another terminal:\n");
            say("  cargo run --release -- demo            # an order from registration to its mail, step by step");
            say(format!(
                "  curl -s {url}/api/auth/register -H 'content-type: application/json' \\\n    -d \
                 '{{\"first_name\":\"Ada\",\"last_name\":\"Lovelace\",\"email\":\"ada@example.com\",\"password\":\"correct \
                 horse\"}}'"
            ));
            if self.mails_in_folder {
                say(format!("  open {url}/dev/mails      # the mail with the link that confirms the address"));
            }
            say("  cargo run --release -- admin create --email admin@example.com");
        }
        say("\nCtrl-C stops everything; the next start finds its data again.");
        Ok(())
    }

    /// Serves until told to stop, or until PostgreSQL is gone.
    fn wait(mut self) -> anyhow::Result<()> {
        let mut lost = false;
        while !self.stop.is_cancelled() {
            if self.postgres.as_mut().is_some_and(|postgres| !postgres.is_alive()) {
                lost = true;
                break;
            }
            let stop = self.stop.clone();
            let tick = Duration::from_millis(500);
            self.runtime.block_on(async move { tokio::time::timeout(tick, stop.cancelled()).await.ok() });
        }
        self.end()?;
        if lost {
            bail!("PostgreSQL has ended by itself, so the platform stopped: start it again, it finds its data");
        }
        Ok(())
    }

    /// Drains the services, then stops PostgreSQL; within 10 s.
    pub(crate) fn end(self) -> anyhow::Result<()> {
        say("\nStopping …");
        self.stop.cancel();
        let ended = self.runtime.block_on(async { tokio::time::timeout(Duration::from_secs(9), self.running).await });
        self.folder.remove_run_file();
        self.runtime.shutdown_timeout(Duration::from_millis(200));
        if let Some(postgres) = self.postgres {
            postgres.stop()?;
        }
        match ended {
            Ok(joined) => joined??,
            Err(_) => tracing::warn!("some work did not end in time; it goes on at the next start"),
        }
        say("Stopped. Data are kept.");
        Ok(())
    }
}

/// Bound before anything else starts.
struct Ports {
    front_door: TcpListener,
    services: BTreeMap<ServiceName, TcpListener>,
    provider: TcpListener,
}

impl Ports {
    fn bind(env: &Env, environment: Environment) -> anyhow::Result<Self> {
        let expected = "a port number from 1 to 65000: the front door's; the others follow it";
        let base = env.parsed::<u16>("ECOM_PORT_BASE", expected)?.unwrap_or(PORT_BASE);
        if !(1..=65_000).contains(&base) {
            bail!("ECOM_PORT_BASE={base} is not valid: expected {expected}");
        }
        // Only production is for other machines' eyes; services and provider never are.
        let outside = if environment == Environment::Production { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
        let mut services = BTreeMap::new();
        for (distance, service) in (1..).zip(ServiceName::ALL) {
            services.insert(service, bind(Ipv4Addr::LOCALHOST, base + distance, service.as_str())?);
        }
        Ok(Self {
            front_door: bind(outside, base, "the front door")?,
            services,
            provider: bind(Ipv4Addr::LOCALHOST, base + 10, "the payment provider's simulator")?,
        })
    }
}

fn bind(address: Ipv4Addr, port: u16, who: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind((IpAddr::V4(address), port)).with_context(|| {
        format!(
            "port {port}, wanted by {who}, cannot be used: end the program that has it, or move all ports with \
             ECOM_PORT_BASE=9080"
        )
    })
}

type UrlOf = Box<dyn Fn(&str) -> anyhow::Result<String>>;

/// The operator's server, or one of our own in the data folder.
fn database_server(env: &Env, folder: &DataFolder) -> anyhow::Result<(Option<Postgres>, UrlOf)> {
    if env.text("DATABASE_URL")?.is_some() {
        let server = env.url("DATABASE_URL", &["postgres", "postgresql"], "")?;
        return Ok((None, Box::new(move |database| Ok(databases::on_server(&server, database)))));
    }
    if databases::overrides(env)?.len() == ServiceName::ALL.len() {
        return Ok((None, Box::new(|_| bail!("every service has a database of its own"))));
    }
    if !folder.postgres().exists() {
        say("First start: making a PostgreSQL cluster and the sample catalogue …");
    }
    let mut settings = PostgresSettings::new(folder.postgres());
    settings.source = postgres_source(env)?;
    let postgres = dev_postgres::start(settings)?;
    let base = postgres.url("%");
    Ok((Some(postgres), Box::new(move |database| Ok(base.replacen("/%", &format!("/{database}"), 1)))))
}

/// `ECOM_POSTGRES`: whose programs a new cluster is made with.
fn postgres_source(env: &Env) -> anyhow::Result<Option<SourceChoice>> {
    match env.text("ECOM_POSTGRES")?.as_deref() {
        None => Ok(None),
        Some("installed") => Ok(Some(SourceChoice::Installed)),
        Some("bundled") => Ok(Some(SourceChoice::Bundled)),
        Some(other) => bail!("ECOM_POSTGRES={other:?} is not valid: expected installed or bundled"),
    }
}

fn run_file(
    env: &Env,
    databases: &BTreeMap<ServiceName, String>,
    services: &BTreeMap<ServiceName, TcpListener>,
    front_door: &TcpListener,
    provider_url: &str,
) -> anyhow::Result<RunFile> {
    let mut addresses = BTreeMap::new();
    for (service, listener) in services {
        addresses.insert(*service, format!("http://127.0.0.1:{}", listener.local_addr()?.port()));
    }
    let front = format!("http://localhost:{}", front_door.local_addr()?.port());
    let mut variables = BTreeMap::new();
    for name in ["ECOM_DATA", "SMTP_URL", "MAIL_FROM", "AMQP_URL", "BCRYPT_COST"] {
        if let Some(value) = env.text(name)? {
            variables.insert(name.to_owned(), value);
        }
    }
    Ok(RunFile {
        pid: std::process::id(),
        databases: databases.clone(),
        services: addresses,
        public_url: env.text("PUBLIC_URL")?.unwrap_or(front),
        provider_url: provider_url.to_owned(),
        variables,
    })
}

/// Waits until every service says it is ready.
async fn ready(run: &RunFile) -> anyhow::Result<()> {
    let client = reqwest::Client::new();
    let started = Instant::now();
    for (service, url) in &run.services {
        loop {
            let answer = client.get(format!("{url}/readyz")).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            if started.elapsed() > Duration::from_secs(60) {
                bail!("{service} is not ready after 60 s: RUST_LOG=info shows what it waits for");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    Ok(())
}
