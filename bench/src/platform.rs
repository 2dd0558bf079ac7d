//! The platform that is measured: real processes without anything of ours in between, a mail server that takes everything,
//! and who looks on.

use crate::{options::Setup, sink::Sink};
use anyhow::{Context, ensure};
use chaos::{
    process::Process,
    stack::Stack,
    stack_options::{Deadlines, StackOptions, Wires},
};
use contracts::ServiceName;
use operate::reach::Reach;
use sqlx::{AssertSqlSafe, PgPool, postgres::PgPoolOptions};
use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

/// Who looks on has a name of its own, so that its statements can be told from the services'.
pub(crate) const ONLOOKER: &str = "onlooker";

pub(crate) struct Platform {
    pub(crate) stack: Stack,
    pub(crate) sink: Sink,
    pub(crate) reach: Reach,
    /// One connection to each database, as [`ONLOOKER`].
    pub(crate) watch: BTreeMap<ServiceName, PgPool>,
}

impl Platform {
    /// # Errors
    /// A server's programs are missing, or something does not start.
    pub(crate) async fn start(setup: &Setup) -> anyhow::Result<Self> {
        Self::of(setup, 1).await
    }

    /// With so many processes of each service.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub(crate) async fn of(setup: &Setup, replicas: u8) -> anyhow::Result<Self> {
        let sink = Sink::start()?;
        let mut wanted = StackOptions {
            deadlines: Deadlines::CALM,
            replicas,
            program: setup.program.clone(),
            wires: if setup.tcp { Wires::Direct } else { Wires::DirectBySocket },
            ..StackOptions::default()
        };
        let mut set = |name: &str, value: &str| wanted.extra.insert(name.to_owned(), value.to_owned());
        set("SMTP_URL", &format!("smtp://127.0.0.1:{}", sink.port));
        // As in production: the flow page would record spans.
        set("FLOW", "off");
        set("MAX_IN_FLIGHT", "4096");
        set("RUST_LOG", "warn");
        for variable in &setup.variables {
            set(&variable.name, &variable.value);
        }
        wanted.postgres = [
            "shared_preload_libraries=pg_stat_statements",
            "pg_stat_statements.max=10000",
            "shared_buffers=512MB",
            "max_wal_size=4GB",
            "min_wal_size=4GB",
            "checkpoint_timeout=15min",
        ]
        .map(str::to_owned)
        .to_vec();
        let stack = Stack::start(wanted).await?;
        stack.wait_connected().await?;
        let reach = stack.reach().await?;
        let admin = reach.database(ServiceName::User);
        sqlx::query(AssertSqlSafe(format!("CREATE ROLE {ONLOOKER} SUPERUSER LOGIN"))).execute(admin).await?;
        let mut watch = BTreeMap::new();
        for service in ServiceName::ALL {
            watch.insert(service, onlooker(&stack, service.database()).await?);
        }
        let platform = Self { stack, sink, reach, watch };
        for service in ServiceName::ALL {
            let made = sqlx::query("CREATE EXTENSION pg_stat_statements").execute(platform.watch(service)).await;
            made.context("PostgreSQL's contrib extensions must be installed")?;
        }
        Ok(platform)
    }

    pub(crate) fn watch(&self, service: ServiceName) -> &PgPool {
        // There is one for each, from the start.
        &self.watch[&service]
    }

    /// Makes so many files of PostgreSQL's log beforehand. A server that has seen a few checkpoints takes them up again;
    /// a new one writes each full of zeros when it comes to it, and all commits wait for that.
    ///
    /// # Errors
    /// PostgreSQL is away.
    pub(crate) async fn make_log_files(&self, number: u32) -> anyhow::Result<()> {
        let pool = self.watch(ServiceName::User);
        for _ in 0..number {
            let fill = "SELECT pg_switch_wal() FROM pg_logical_emit_message(true, 'bench', 'a file of the log')";
            sqlx::raw_sql(fill).execute(pool).await.context("PostgreSQL's log")?;
        }
        sqlx::raw_sql("CHECKPOINT").execute(pool).await.context("a checkpoint")?;
        Ok(())
    }

    /// Where a service answers; of several processes the first.
    ///
    /// # Errors
    /// Its address is none.
    pub(crate) fn address(&self, service: ServiceName) -> anyhow::Result<SocketAddr> {
        self.address_of(service)
    }

    /// Where each of its processes answers.
    ///
    /// # Errors
    /// An address is none.
    pub(crate) fn addresses(&self, service: ServiceName) -> anyhow::Result<Vec<SocketAddr>> {
        self.stack.replicas(service).map(|replica| self.address_of(replica)).collect()
    }

    fn address_of(&self, process: impl Into<Process>) -> anyhow::Result<SocketAddr> {
        let url = self.stack.url(process);
        url.trim_start_matches("http://").parse().with_context(|| url.clone())
    }

    /// Ends the services, and whoever else is connected to the databases: PostgreSQL is left, with what is in them.
    pub(crate) async fn leave_postgres_alone(&self) {
        self.stack.services.end(Duration::from_secs(10)).await;
        for pool in self.watch.values() {
            pool.close().await;
        }
        for service in ServiceName::ALL {
            self.reach.database(service).close().await;
        }
    }

    /// Ends all of it in order.
    ///
    /// # Errors
    /// A process had died, or one would not end.
    pub(crate) async fn end(self) -> anyhow::Result<()> {
        let deaths = self.stack.services.deaths();
        for pool in self.watch.into_values() {
            pool.close().await;
        }
        drop(self.reach);
        self.stack.end().await?;
        ensure!(deaths.is_empty(), "processes died meanwhile: {deaths:?}");
        Ok(())
    }
}

/// One connection, as somebody who is not counted.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn onlooker(stack: &Stack, database: &str) -> anyhow::Result<PgPool> {
    let url = stack.database_url(database).replace("//postgres@", &format!("//{ONLOOKER}@"));
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(60));
    pool.connect(&url).await.with_context(|| format!("looking into {database}"))
}
