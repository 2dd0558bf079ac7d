//! Where labs are played: a platform of real processes that is put back to its beginning before each scene.

use crate::{
    accounts::{self, Person, Product, Shop},
    process::Process,
    quiet,
    stack::Stack,
    stack_options::{Deadlines, StackOptions},
};
use anyhow::Context;
use contracts::ServiceName;
use lapin::{Connection, ConnectionProperties, options::QueueDeleteOptions};
use operate::reach::Reach;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, PgConnection, postgres::PgConnectOptions};
use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

/// `ECOM_FAULTS` by service.
pub(super) type Faults = BTreeMap<ServiceName, String>;

pub(super) struct Stage {
    pub(super) stack: Stack,
    pub(super) shop: Shop,
    pub(super) admin: Person,
    pub(super) customer: Person,
    /// Plenty of it.
    pub(super) mug: Product,
    pub(super) plate: Product,
    /// One piece.
    pub(super) last: Product,
}

impl Stage {
    /// Starts a platform with a customer, an administrator and three products, and remembers it.
    pub(super) async fn open(deadlines: Deadlines) -> anyhow::Result<Self> {
        let stack = Stack::start(StackOptions { deadlines, ..StackOptions::default() }).await?;
        stack.wait_connected().await?;
        let shop = Shop::of(&stack)?;
        let admin = accounts::make_admin(&stack, &shop).await?;
        let customer = accounts::register(&stack, &shop, "ada").await?;
        let mug = accounts::sell(&shop, &admin, "MUG", 1250, 10_000).await?;
        let plate = accounts::sell(&shop, &admin, "PLATE", 900, 10_000).await?;
        let last = accounts::sell(&shop, &admin, "LAST", 5000, 1).await?;
        let reach = stack.reach().await?;
        quiet::wait(&reach, Duration::from_secs(60)).await?;
        drop(reach);
        Ok(Self { stack, shop, admin, customer, mug, plate, last })
    }

    /// Keeps the databases as they are now, for [`Self::begin`].
    pub(super) async fn remember(&self) -> anyhow::Result<()> {
        self.kill_services().await?;
        self.on_server(|name| format!("CREATE DATABASE {name}_begin TEMPLATE {name}")).await?;
        copy_folder(&self.stack.mails(), &self.beginning())
    }

    /// The platform as it was remembered, its queues empty, its services started with these faults.
    pub(super) async fn begin(&self, faults: &Faults) -> anyhow::Result<()> {
        self.stack.heal();
        self.kill_services().await?;
        self.on_server(|name| format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        self.on_server(|name| format!("CREATE DATABASE {name} TEMPLATE {name}_begin")).await?;
        let broker = Connection::connect(&self.stack.amqp_url(), ConnectionProperties::default()).await?;
        let channel = broker.create_channel().await?;
        for service in ServiceName::ALL {
            for kind in ["events", "dead"] {
                let queue = format!("{service}.{kind}");
                channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await?;
            }
        }
        drop(channel);
        let _ = broker.close(200, "".into()).await;
        for (folder, begin) in [(self.stack.mails(), Some(self.beginning())), (self.provider(), None)] {
            fs::remove_dir_all(&folder)?;
            fs::create_dir(&folder)?;
            if let Some(begin) = begin {
                copy_folder(&begin, &folder)?;
            }
        }
        self.stack.services.restart(Process::Provider, None)?;
        for service in ServiceName::ALL {
            self.stack.services.restart(service, faults.get(&service).map(String::as_str))?;
        }
        self.stack.wait_ready().await?;
        self.stack.wait_connected().await?;
        self.customer.log_in(&self.shop).await?;
        self.admin.log_in(&self.shop).await
    }

    /// The services anew with these faults, on the same data.
    pub(super) async fn restart(&self, faults: &Faults) -> anyhow::Result<()> {
        self.stack.services.restart_all(faults)?;
        self.stack.wait_ready().await?;
        self.stack.wait_connected().await?;
        self.customer.log_in(&self.shop).await?;
        self.admin.log_in(&self.shop).await
    }

    pub(super) async fn reach(&self) -> anyhow::Result<Reach> {
        self.stack.reach().await
    }

    async fn kill_services(&self) -> anyhow::Result<()> {
        for process in Process::all(1) {
            self.stack.services.kill(process);
        }
        for process in Process::all(1) {
            self.stack.services.wait_dead(process, Duration::from_secs(5)).await?;
        }
        Ok(())
    }

    async fn on_server(&self, statement: impl Fn(&str) -> String) -> anyhow::Result<()> {
        let options: PgConnectOptions = self.stack.database_url("postgres").parse()?;
        let mut server: PgConnection = options.connect().await.context("connecting to the stage's PostgreSQL")?;
        for service in ServiceName::ALL {
            // Names of ours, nobody's input.
            let statement = statement(service.database());
            sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut server).await.context(statement)?;
        }
        Ok(server.close().await?)
    }

    fn beginning(&self) -> PathBuf {
        self.stack.folder().join("mails-begin")
    }

    pub(super) fn provider(&self) -> PathBuf {
        self.stack.folder().join("provider")
    }
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for file in fs::read_dir(from)? {
        let file = file?;
        fs::copy(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}
