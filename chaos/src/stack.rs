//! A whole platform of real processes on private servers, in a folder of its own: what a fault run breaks.
//!
//! What is connected to what, and how each part is started, is in `wiring.rs`. Who looks from outside
//! ([`Stack::reach`], the load client) goes the direct way.

use super::{
    process::{Process, Replica},
    proxy::{Mode, Proxy},
    services::{Services, this_program},
    stack_options::{StackOptions, Wires},
    wiring::{Link, Ports, amqp, broker_users, local, postgres, working},
};
use anyhow::{Context, bail};
use contracts::ServiceName;
use dev_postgres::{Listen, SourceChoice};
use dev_rabbitmq::Scratch;
use operate::{databases, reach::Reach};
use service_kit::Env;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};
use tokio::{process::Command, task::spawn_blocking};

/// Dropping it kills all of it and removes its folder.
pub struct Stack {
    /// First, so that they are gone before their servers are.
    pub services: Services,
    postgres: Mutex<Option<dev_postgres::Running>>,
    postgres_settings: dev_postgres::Settings,
    rabbitmq: Mutex<Option<dev_rabbitmq::Running>>,
    rabbitmq_settings: dev_rabbitmq::Settings,
    proxies: BTreeMap<Link, Proxy>,
    ports: Ports,
    replicas: u8,
    scratch: Mutex<Scratch>,
    folder: PathBuf,
}

impl Stack {
    /// Starts everything and waits until all services are ready.
    ///
    /// # Errors
    /// A server's programs are missing, or something does not start; nothing keeps running.
    pub async fn start(options: StackOptions) -> anyhow::Result<Self> {
        let scratch = Scratch::new("ecom-chaos-")?;
        let folder = scratch.path().to_owned();
        for name in ["logs", "mails", "provider"] {
            fs::create_dir(folder.join(name)).with_context(|| format!("making {name} in {}", folder.display()))?;
        }
        let mut rabbitmq_settings = dev_rabbitmq::Settings::with_free_ports(folder.join("rabbitmq"))?;
        rabbitmq_settings.definitions = Some(broker_users()?);
        let ports = Ports::choose(rabbitmq_settings.port, options.replicas)?;
        let postgres_settings = postgres_settings(&folder, ports.postgres, &options);
        let links = match options.wires {
            Wires::Proxied => ports.proxies(options.replicas).await?,
            Wires::Direct | Wires::DirectBySocket => BTreeMap::new(),
        };
        let recipes = ports.recipes(&options, &links, &folder)?;
        let program = options.program.map_or_else(this_program, Ok)?;
        let stack = Self {
            services: Services::new(program, folder.join("logs"), scratch.guard(), recipes),
            postgres: Mutex::default(),
            postgres_settings,
            rabbitmq: Mutex::default(),
            rabbitmq_settings,
            proxies: links,
            ports,
            replicas: options.replicas,
            scratch: Mutex::new(scratch),
            folder,
        };
        tokio::try_join!(stack.start_postgres(), stack.start_rabbitmq())?;
        databases::create(BTreeMap::new(), |name| Ok(stack.database_url(name))).await?;
        stack.migrate().await?;
        stack.services.restart(Process::Provider, None)?;
        for replica in Replica::all(options.replicas) {
            stack.services.restart(replica, options.faults.get(&replica.service).map(String::as_str))?;
        }
        stack.wait_ready().await?;
        Ok(stack)
    }

    /// Has the owner of the databases make their tables and let the services in.
    async fn migrate(&self) -> anyhow::Result<()> {
        let mut command = Command::new(self.services.program());
        command.env_clear().arg("migrate").kill_on_drop(true);
        for service in ServiceName::ALL {
            let short = service.short().to_uppercase();
            command.env(format!("{short}_DATABASE_URL"), working(self.ports.postgres, service));
            command.env(format!("{short}_OWNER_DATABASE_URL"), self.database_url(service.database()));
        }
        let ended = command.output().await.context("running `ecom migrate`")?;
        let said = String::from_utf8_lossy(&ended.stderr);
        anyhow::ensure!(ended.status.success(), "`ecom migrate`: {}", said.trim());
        Ok(())
    }

    /// Waits until every process is ready.
    ///
    /// # Errors
    /// One is not within a minute.
    pub async fn wait_ready(&self) -> anyhow::Result<()> {
        for process in self.ports.processes.keys() {
            self.services.wait_ready(*process).await?;
        }
        Ok(())
    }

    /// Waits until every replica of every service says that it is connected to the broker.
    ///
    /// # Errors
    /// One is not within a minute.
    pub async fn wait_connected(&self) -> anyhow::Result<()> {
        for replica in Replica::all(self.replicas) {
            let begun = std::time::Instant::now();
            loop {
                let body = self.services.readiness(replica).await.unwrap_or_default();
                if body["bus"] == "rabbitmq: connected" {
                    break;
                }
                if begun.elapsed() > Duration::from_secs(60) {
                    bail!("{replica} is not connected to the broker after a minute: its /readyz says {body}");
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Ok(())
    }

    /// SIGKILL to PostgreSQL and all its processes; returns when they are gone.
    ///
    /// # Errors
    /// One of them is still there.
    pub(crate) async fn kill_postgres(&self) -> anyhow::Result<()> {
        let running = take(&self.postgres);
        Ok(spawn_blocking(|| running.map_or(Ok(()), dev_postgres::Running::kill)).await??)
    }

    /// Starts it, again on the same data and port; returns when it takes connections.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) async fn start_postgres(&self) -> anyhow::Result<()> {
        let settings = self.postgres_settings.clone();
        let running = spawn_blocking(|| dev_postgres::start(settings)).await?.context("starting PostgreSQL")?;
        put(&self.postgres, running);
        Ok(())
    }

    /// SIGKILL to RabbitMQ and all its processes; returns when they are gone.
    ///
    /// # Errors
    /// The runtime is shutting down.
    pub(crate) async fn kill_rabbitmq(&self) -> anyhow::Result<()> {
        let running = take(&self.rabbitmq);
        Ok(spawn_blocking(|| running.map(dev_rabbitmq::Running::kill)).await.map(drop)?)
    }

    /// Starts it, again on the same data and port; returns when it takes connections, after some seconds.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) async fn start_rabbitmq(&self) -> anyhow::Result<()> {
        let (settings, guard) = (self.rabbitmq_settings.clone(), self.guard());
        let running = spawn_blocking(move || dev_rabbitmq::start(&settings, &guard)).await??;
        put(&self.rabbitmq, running);
        Ok(())
    }

    /// From now on this connection behaves so.
    pub(crate) fn disturb(&self, link: Link, mode: Mode) {
        // There is one for each, from the start.
        self.proxies[&link].set(mode);
    }

    /// Breaks the connections that are open, and tells how many; new ones can be made.
    pub(crate) fn cut(&self, link: Link) -> usize {
        self.proxies[&link].cut()
    }

    /// The processes of a service.
    pub fn replicas(&self, service: ServiceName) -> impl Iterator<Item = Replica> + use<> {
        Replica::of(service, self.replicas)
    }

    /// Ends every disturbance and lets every halted process go on. What is dead stays so.
    pub(crate) fn heal(&self) {
        for proxy in self.proxies.values() {
            proxy.set(Mode::Pass);
        }
        for process in self.ports.processes.keys() {
            self.services.go_on(*process);
        }
    }

    /// How the operator's commands and the checker reach it: the direct way.
    ///
    /// # Errors
    /// A database does not answer.
    pub async fn reach(&self) -> anyhow::Result<Reach> {
        let mut reach = Reach::find(&self.environment()).await?;
        reach.services = ServiceName::ALL.into_iter().map(|service| (service, self.url(service))).collect();
        Ok(reach)
    }

    /// The variables with which the operator's commands find it.
    pub fn environment(&self) -> Env {
        let env = ServiceName::ALL.into_iter().fold(Env::of::<&str, &str>([]), |env, service| {
            let name = format!("{}_DATABASE_URL", service.short().to_uppercase());
            env.with(&name, self.database_url(service.database()))
        });
        env.with("AMQP_URL", self.amqp_url()).with("PROVIDER_URL", self.url(Process::Provider)).with("BCRYPT_COST", "4")
    }

    /// Where a process answers, directly; of a service with replicas the first.
    pub fn url(&self, process: impl Into<Process>) -> String {
        local(self.ports.processes[&process.into()])
    }

    pub fn amqp_url(&self) -> String {
        amqp(self.ports.rabbitmq)
    }

    pub fn database_url(&self, database: &str) -> String {
        postgres(self.ports.postgres, database)
    }

    /// The process of PostgreSQL that all its others are children of.
    pub fn postgres_pid(&self) -> Option<u32> {
        lock(&self.postgres).as_ref().map(dev_postgres::Running::pid)
    }

    /// The process group of the broker.
    pub fn rabbitmq_group(&self) -> Option<u32> {
        lock(&self.rabbitmq).as_ref().map(dev_rabbitmq::Running::pid)
    }

    /// What the broker was started with: for its own command line.
    pub fn rabbitmq_settings(&self) -> &dev_rabbitmq::Settings {
        &self.rabbitmq_settings
    }

    /// The folder of everything: `logs`, `mails`, `provider`, `postgres`, `rabbitmq`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder mails go to.
    pub(crate) fn mails(&self) -> PathBuf {
        self.folder.join("mails")
    }

    /// Leaves the folder where it is when this ends.
    pub(crate) fn keep_folder(&self) -> PathBuf {
        lock(&self.scratch).keep()
    }

    /// Ends everything in order and removes the folder.
    ///
    /// # Errors
    /// PostgreSQL had to be killed.
    pub async fn end(self) -> anyhow::Result<()> {
        self.heal();
        self.services.end(Duration::from_secs(10)).await;
        self.kill_rabbitmq().await?;
        let running = take(&self.postgres);
        Ok(spawn_blocking(|| running.map_or(Ok(()), dev_postgres::Running::stop)).await??)
    }

    fn guard(&self) -> dev_rabbitmq::Guard {
        lock(&self.scratch).guard()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // Not in order: nobody needs these data any more.
        self.services.abort();
        drop(take(&self.rabbitmq));
        if let Some(running) = take(&self.postgres) {
            let _ = running.kill();
        }
    }
}

fn postgres_settings(folder: &Path, port: u16, options: &StackOptions) -> dev_postgres::Settings {
    // Where its guard looks for it. Durable: what a kill may cost is what is to be found out.
    let mut settings = dev_postgres::Settings::new(folder.join("postgres"));
    settings.listen = Listen::Tcp { port };
    // Not the one that comes along: it has no port, and its timers do not work.
    settings.source = Some(SourceChoice::Installed);
    settings.launcher.clone_from(&options.program);
    // Each process holds a pool of its own.
    settings.max_connections = 100 + 100 * u32::from(options.replicas);
    settings.options.clone_from(&options.postgres);
    settings
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn take<T>(mutex: &Mutex<Option<T>>) -> Option<T> {
    lock(mutex).take()
}

fn put<T>(mutex: &Mutex<Option<T>>, value: T) {
    *lock(mutex) = Some(value);
}
