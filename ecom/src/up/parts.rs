//! What the all-in-one is made of, opened and built in order, not yet running.

use super::{database_server, keys, owners, ports::Ports};
use crate::{
    data_folder::DataFolder,
    platform::{Plan, Platform},
    seed,
};
use anyhow::bail;
use contracts::ServiceName;
use dev_postgres::Running as Postgres;
use operate::databases;
use service_kit::{Bus, Clock, Env, Environment, Vault, bus::LocalBus, bus::RabbitBus, config, standalone::RunFile};
use std::{collections::BTreeMap, net::TcpListener};

pub(super) struct Parts {
    pub(super) platform: Platform,
    pub(super) postgres: Option<Postgres>,
    /// The simulator's port; none when the payment provider is another.
    pub(super) provider: Option<TcpListener>,
    pub(super) run_file: RunFile,
    pub(super) environment: Environment,
    pub(super) mails_in_folder: bool,
    pub(super) broker: bool,
    pub(super) flow: bool,
}

impl Parts {
    /// Dropped half-way, it ends what it had started.
    pub(super) async fn build(env: Env, folder: &DataFolder) -> anyhow::Result<Self> {
        let environment = config::environment(&env)?;
        let flow = config::flow(&env)?;
        let simulated = env.text("PROVIDER_URL")?.is_none();
        if simulated && environment == Environment::Production {
            bail!("PROVIDER_URL is not set: production charges a real provider, never the simulator");
        }
        // Before it gets the front door's own address as its default.
        config::public_url(&env)?;
        let ports = Ports::bind(&env, environment, simulated)?;
        let provider_url = match &ports.provider {
            Some(port) => format!("http://127.0.0.1:{}", port.local_addr()?.port()),
            None => env.required("PROVIDER_URL", "the payment provider's address")?,
        };
        let env = keys::given_or_made(env, environment, folder)?;
        let (postgres, server) = database_server::find_or_start(&env, folder).await?;
        let env = env.with("ECOM_DATA", folder.path().display().to_string());
        let amqp = env.text("AMQP_URL")?;
        let broker = amqp.is_some();
        let bus =
            amqp.map_or_else(|| Bus::Local(LocalBus::new()), |url| Bus::Rabbit(RabbitBus::new(url.into(), "ecom")));
        let databases = databases::create(databases::overrides(&env)?, server).await?;
        let databases = owners::told_apart(&env, folder, databases).await?;
        let run_file = run_file(&env, &databases, &ports, &provider_url)?;
        let mails_in_folder = env.text("SMTP_URL")?.is_none();
        let plan = Plan {
            env,
            databases: databases.work,
            owners: databases.owners,
            listeners: ports.services,
            front_door: ports.front_door,
            provider_url,
            bus,
            clock: Clock::system(),
        };
        let platform = Platform::build(plan).await?;
        if environment == Environment::Development {
            seed::seed(&platform.kits()[&ServiceName::Product]).await?;
        }
        Ok(Self { platform, postgres, provider: ports.provider, run_file, environment, mails_in_folder, broker, flow })
    }
}

fn run_file(env: &Env, databases: &owners::Databases, ports: &Ports, provider_url: &str) -> anyhow::Result<RunFile> {
    let mut addresses = BTreeMap::new();
    for (service, listener) in &ports.services {
        addresses.insert(*service, format!("http://127.0.0.1:{}", listener.local_addr()?.port()));
    }
    let front_door = format!("http://localhost:{}", ports.front_door.local_addr()?.port());
    let mut variables = BTreeMap::new();
    for name in [
        "ECOM_DATA",
        "SMTP_URL",
        "MAIL_FROM",
        "PICTURES_URL",
        "AMQP_URL",
        "BCRYPT_COST",
        "FLOW",
        "PLAINTEXT_ALLOWED",
        Vault::VARIABLE,
    ] {
        if let Some(value) = env.text(name)? {
            variables.insert(name.to_owned(), value);
        }
    }
    Ok(RunFile {
        pid: std::process::id(),
        databases: databases.work.clone(),
        owners: databases.owners.clone(),
        services: addresses,
        public_url: env.text("PUBLIC_URL")?.unwrap_or_else(|| front_door.clone()),
        front_door,
        provider_url: provider_url.to_owned(),
        variables,
    })
}
