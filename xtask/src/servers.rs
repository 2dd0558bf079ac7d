//! The servers that tests run against.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};
use dev_postgres::{Durability, Listen, Running, Settings, SourceChoice};
use dev_rabbitmq::{Scratch, free_port};
use tokio::task::{JoinHandle, spawn_blocking};
use url::Url;

use crate::install;
use crate::process::Interrupt;

/// They end, in this order, when this is dropped.
pub(crate) struct Servers {
    rabbitmq: Option<dev_rabbitmq::Running>,
    postgres: Running,
    _folder: Scratch,
}

/// Servers that start on threads of their own while we do something else. Dropping this calls it off.
pub(crate) struct Starting {
    servers: JoinHandle<Result<Servers>>,
    called_off: Arc<AtomicBool>,
}

impl Starting {
    /// Fails at once when a program is missing and cannot be fetched.
    pub(crate) async fn begin(with_rabbitmq: bool) -> Result<Self> {
        spawn_blocking(move || install::ensure(with_rabbitmq)).await.context("looking for programs")??;
        let called_off = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&called_off);
        Ok(Self { servers: spawn_blocking(move || start(with_rabbitmq, &flag)), called_off })
    }

    pub(crate) async fn finish(mut self, interrupt: &mut Interrupt) -> Result<Servers> {
        tokio::select! {
            servers = &mut self.servers => servers.context("starting servers")?,
            _ = interrupt.wait() => bail!("interrupted while servers started"),
        }
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        self.called_off.store(true, Ordering::Relaxed);
    }
}

impl Servers {
    pub(crate) async fn start(with_rabbitmq: bool, interrupt: &mut Interrupt) -> Result<Self> {
        Starting::begin(with_rabbitmq).await?.finish(interrupt).await
    }

    pub(crate) fn database_url(&self) -> Result<Url> {
        let url = self.postgres.tcp_url("postgres").context("PostgreSQL has no port")?;
        Url::parse(&url).context("PostgreSQL's address")
    }

    pub(crate) fn amqp_url(&self) -> Option<String> {
        self.rabbitmq.as_ref().map(dev_rabbitmq::Running::url)
    }

    /// What the tests read.
    pub(crate) fn variables(&self) -> Result<Vec<(&'static str, String)>> {
        let mut variables = vec![("TEST_DATABASE_URL", self.database_url()?.to_string())];
        variables.extend(self.amqp_url().map(|url| ("TEST_AMQP_URL", url)));
        let management = self.rabbitmq.as_ref().and_then(dev_rabbitmq::Running::management_url);
        variables.extend(management.map(|url| ("TEST_RABBITMQ_MANAGEMENT_URL", url)));
        Ok(variables)
    }
}

fn start(with_rabbitmq: bool, called_off: &AtomicBool) -> Result<Servers> {
    let folder = Scratch::new("ecom-xtask-")?;
    let mut settings = Settings::new(folder.path().join("postgres"));
    // Not the PostgreSQL that comes along: its timers do not work, and tests are to find what they would cut short.
    settings.source = Some(SourceChoice::Installed);
    settings.listen = Listen::Tcp { port: free_port()? };
    settings.durability = Durability::Off;
    settings.max_connections = 400;
    let (postgres, rabbitmq) = thread::scope(|scope| {
        let postgres = scope.spawn(|| dev_postgres::start(settings));
        let rabbitmq = with_rabbitmq.then(|| start_rabbitmq(&folder, called_off)).transpose();
        (postgres.join(), rabbitmq)
    });
    let Ok(postgres) = postgres else { bail!("starting PostgreSQL panicked") };
    Ok(Servers { rabbitmq: rabbitmq?, postgres: postgres?, _folder: folder })
}

fn start_rabbitmq(folder: &Scratch, called_off: &AtomicBool) -> Result<dev_rabbitmq::Running> {
    let mut settings = dev_rabbitmq::Settings::with_free_ports(folder.path().join("rabbitmq"))?;
    settings.management_port = Some(dev_rabbitmq::free_port()?);
    Ok(dev_rabbitmq::start_unless(&settings, &folder.guard(), called_off)?)
}
