//! The pool: how it is opened, asked and begun on. What a transaction is stands in [`crate::tx`].

mod encryption;
mod opening;
mod rights;
mod tables;
#[cfg(test)]
mod tests;

pub use encryption::connect_options;
pub(crate) use opening::not_opened;
pub use opening::why_not_opened;
pub(crate) use rights::give as give_rights;
pub use tables::{Migrated, Versions};
pub(crate) use tables::{bring_up_to_date, look, may_pass as migrating_may_pass, unusable};

use crate::{
    KitError, Tx,
    config::{Migrations, OWNER},
    flow::Flow,
    spans::{self, conventions},
    tx::seen_through,
};
use contracts::ServiceName;
use futures_util::future::BoxFuture;
use metrics::{Counter, Histogram, counter, histogram};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    Connection, PgConnection, PgPool, Postgres,
    migrate::Migrator,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{Mutex, Notify};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);
/// A little more than the server's own `statement_timeout`, which a connection gone silent does not keep.
const GIVE_UP: Duration = Duration::from_secs(35);
/// What costs the server nothing, and a wait for a connection besides, takes no longer, or the server has gone silent.
const PROMPT: Duration = Duration::from_secs(8);

/// Who asks whether a service is ready waits no longer.
const PROBE: Duration = Duration::from_secs(2);

/// A service's own database.
#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
    /// What its spans call it.
    name: Arc<str>,
    /// A connection of its own for [`Self::answers`], made when it is first needed.
    probe: Arc<Mutex<Option<PgConnection>>>,
    /// Another one for [`Self::aside`]: whether the server answers must not wait for somebody's counting.
    looks: Arc<Mutex<Option<PgConnection>>>,
    /// And one for [`Self::glance`].
    glances: Arc<Mutex<Option<PgConnection>>>,
    /// Wakes the relay after a commit that announced something.
    relay: Arc<Notify>,
    /// Told of what commits and what becomes of it.
    flow: Flow,
    /// Of which version the tables were when it was opened.
    tables: Versions,
    /// How long transactions wait to begin, and how many never could.
    begins: Histogram,
    timeouts: Counter,
}

impl Database {
    /// Connects, waiting up to 30 s for a server that is still starting, and brings the tables up to date, or sees that
    /// they are. Where `owner` is named, the tables are its, and it migrates.
    ///
    /// # Errors
    /// The server stays away, refuses, or a migration fails or is lacking.
    pub fn open<'o>(
        service: ServiceName,
        url: &'o SecretString,
        owner: Option<&'o SecretString>,
        pool: u32,
        own: &'o Migrator,
        migrations: Migrations,
    ) -> BoxFuture<'o, Result<Self, KitError>> {
        Box::pin(Self::open_now(service, url, owner, pool, own, migrations))
    }

    async fn open_now(
        service: ServiceName,
        url: &SecretString,
        owner: Option<&SecretString>,
        pool: u32,
        own: &Migrator,
        migrations: Migrations,
    ) -> Result<Self, KitError> {
        let migrations = match (migrations, owner) {
            (Migrations::On, Some(owner)) => {
                let handed_over = hand_over(service, owner, url, own).await;
                handed_over.map_err(|cause| not_opened(OWNER, owner, cause))?;
                Migrations::Off
            }
            _ => migrations,
        };
        let options = without_bitmaps(options(url)?, service);
        let name = options.get_database().unwrap_or_default().into();
        tracing::info!(%service, way = encryption::way(&options), "opening the database");
        let pool = PgPoolOptions::new()
            .max_connections(pool)
            .acquire_timeout(Duration::from_secs(3))
            .test_before_acquire(false)
            .connect_lazy_with(options);
        patiently(|| Box::pin(async { pool.acquire().await.map(drop) })).await?;
        let tables = tables_of(service, url, own, migrations).await?;
        let service = service.as_str();
        Ok(Self {
            pool,
            name,
            probe: Arc::default(),
            looks: Arc::default(),
            glances: Arc::default(),
            relay: Arc::default(),
            flow: Flow::default(),
            tables,
            begins: histogram!("database_transaction_begin_seconds", "service" => service),
            timeouts: counter!("database_pool_timeouts_total", "service" => service),
        })
    }

    /// Of which version the tables were when it was opened.
    pub(crate) fn tables(&self) -> Versions {
        self.tables
    }

    /// The same, telling `flow` of the events that are announced in it.
    pub(crate) fn shown_by(self, flow: Flow) -> Self {
        Self { flow, ..self }
    }

    pub(crate) fn flow(&self) -> &Flow {
        &self.flow
    }

    /// A connection for reads.
    ///
    /// # Errors
    /// None is free in time.
    pub fn acquire(&self) -> BoxFuture<'_, Result<PoolConnection<Postgres>, sqlx::Error>> {
        Box::pin(self.pool.acquire())
    }

    /// For what wants the pool itself.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Begins the transaction of a piece of work, named like the file that does it (`place_order`): its span and its crash
    /// points say so.
    ///
    /// # Errors
    /// No connection is free in time.
    pub fn begin(&self, work: &'static str) -> BoxFuture<'_, Result<Tx, sqlx::Error>> {
        Box::pin(self.begin_now(work))
    }

    async fn begin_now(&self, work: &'static str) -> Result<Tx, sqlx::Error> {
        let pool = self.pool.clone();
        // From here, so that the wait for a connection shows.
        let mut span = spans::child(|| conventions::transaction(&self.name, work));
        let started = Instant::now();
        let begun = seen_through(async move { pool.begin().await }).await;
        self.begins.record(started.elapsed());
        if let Err(sqlx::Error::PoolTimedOut) = begun {
            self.timeouts.increment(1);
        }
        span.judge(&begun);
        Ok(Tx::new(work, begun?, Arc::clone(&self.relay), self.flow.clone(), span))
    }

    pub(crate) fn relay_wake(&self) -> Arc<Notify> {
        Arc::clone(&self.relay)
    }

    /// Closes all connections, when those in use come back.
    pub fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.pool.close().await;
            self.probe.lock().await.take();
            self.looks.lock().await.take();
            self.glances.lock().await.take();
        })
    }

    /// Whether the server answers, within 2 s. Asked over a connection of its own: while requests have all of the
    /// pool's in use the database is busy, not away, and a service taken out of turn for that helps nobody.
    pub(crate) async fn answers(&self) -> bool {
        let asked = async {
            let mut kept = self.probe.lock().await;
            let options = self.pool.connect_options();
            look_over(&mut kept, &options, |one| Box::pin(sqlx::query("SELECT 1").execute(one))).await
        };
        within(PROBE, asked).await.is_ok()
    }

    /// A look at the database within 2 s, over another connection of its own. Whoever else looks is waited for: that
    /// takes no longer, and to be second is no sign of a database that is away.
    pub(crate) async fn aside<T>(
        &self,
        look: impl for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        let mut kept = self.looks.lock().await;
        // What nobody waits for any more the server ends as well.
        let options = PgConnectOptions::clone(&self.pool.connect_options());
        let options = options.options([("statement_timeout", "2s")]);
        within(PROBE, look_over(&mut kept, &options, look)).await
    }

    /// A job's look whether there is anything to do, which mostly there is not. All jobs of a process glance one after
    /// the other over one connection: a session that is used often costs the server a fraction of one that has to be
    /// woken up, and the pool's are asked once more when they are given back.
    ///
    /// # Errors
    /// The server does not answer, or the connection was lost since the last one: the next makes it anew.
    pub async fn glance<T>(
        &self,
        look: impl for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        let mut kept = self.glances.lock().await;
        // One that waits for a lock must not hold up all others: what is given up is looked for at the next time.
        let options = PgConnectOptions::clone(&self.pool.connect_options()).options([("statement_timeout", "2s")]);
        within(PROBE, async {
            // Taken out: a connection that was given up half-way is not used again.
            let mut connection = match kept.take() {
                Some(kept) => kept,
                None => PgConnection::connect_with(&options).await?,
            };
            let seen = look(&mut connection).await?;
            *kept = Some(connection);
            Ok(seen)
        })
        .await
    }
}

/// How a service's connections are made.
fn options(url: &SecretString) -> Result<PgConnectOptions, sqlx::Error> {
    let options = connect_options(url.expose_secret())?;
    // A session that dies in the middle of a transaction must not keep its locks; nor one whose host went away without a
    // word: the relay's election hangs on such a lock.
    Ok(options.options([
        ("idle_in_transaction_session_timeout", "30s"),
        ("statement_timeout", "30s"),
        ("tcp_keepalives_idle", "10"),
        ("tcp_keepalives_interval", "5"),
        ("tcp_keepalives_count", "3"),
        // What is below a warning is said to nobody: "… already exists, skipping" for one, at every start.
        ("client_min_messages", "warning"),
        // A plan that was made while a table was small is kept while it grows: reading all of it must not be that plan. And
        // where nothing else is left to it, the price it is given must not have it compiled.
        ("enable_seqscan", "off"),
        ("jit", "off"),
    ]))
}

/// A bitmap goes after all dead entries of an index, each time; a scan of the index marks them once.
fn without_bitmaps(options: PgConnectOptions, service: ServiceName) -> PgConnectOptions {
    match service {
        // An index of words is read by bitmaps only.
        ServiceName::Product => options,
        _ => options.options([("enable_bitmapscan", "off")]),
    }
}

/// A connection for looking at the tables and for migrations, which may take their time: what is stored already is
/// rewritten or indexed by some.
pub(crate) async fn connect_alone(url: &SecretString) -> Result<PgConnection, sqlx::Error> {
    let options = options(url)?.options([("statement_timeout", "0")]);
    prompt(PgConnection::connect_with(&options)).await
}

/// The tables' owner brings them up to date, and lets the user of `url` work with them.
async fn hand_over(
    service: ServiceName,
    owner: &SecretString,
    url: &SecretString,
    own: &Migrator,
) -> Result<(), KitError> {
    let mut alone = patiently(|| Box::pin(connect_alone(owner))).await?;
    bring_up_to_date(&mut alone, service, own).await?;
    give_rights(&mut alone, url).await?;
    // It is done already; how the server takes the good-bye is no matter.
    let _ = alone.close().await;
    Ok(())
}

async fn tables_of(
    service: ServiceName,
    url: &SecretString,
    own: &Migrator,
    migrations: Migrations,
) -> Result<Versions, KitError> {
    let mut alone = connect_alone(url).await?;
    if migrations == Migrations::On {
        bring_up_to_date(&mut alone, service, own).await?;
    }
    let seen = look(&mut alone, own).await?;
    // It is read already; how the server takes the good-bye is no matter.
    let _ = alone.close().await;
    if let Some(why) = seen.trouble(service) {
        return Err(unusable(service, &why));
    }
    if seen.is_newer() {
        tracing::warn!(version = %seen.there, "the database was migrated by a newer version; going on, since migrations only add");
    }
    Ok(seen.there)
}

/// Until the server is there.
async fn patiently<'r, T>(reach: impl Fn() -> BoxFuture<'r, Result<T, sqlx::Error>>) -> Result<T, KitError> {
    let started = Instant::now();
    loop {
        match reach().await {
            Ok(reached) => return Ok(reached),
            Err(cause) if started.elapsed() < PATIENCE && may_pass(&cause) => {
                tracing::info!(%cause, "waiting for the database");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(cause) => return Err(cause.into()),
        }
    }
}

/// A look over the connection that was kept from the last one, or over a new one.
async fn look_over<T>(
    kept: &mut Option<PgConnection>,
    options: &PgConnectOptions,
    look: impl for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    // Taken out: a connection that was given up half-way is not used again.
    let alive = match kept.take() {
        Some(mut kept) => kept.ping().await.is_ok().then_some(kept),
        None => None,
    };
    let mut connection = match alive {
        Some(alive) => alive,
        None => PgConnection::connect_with(options).await?,
    };
    let seen = look(&mut connection).await?;
    *kept = Some(connection);
    Ok(seen)
}

/// Bounds a use of the database on our side: a connection that went silent must not hold anybody up for ever.
pub(crate) async fn in_time<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    within(GIVE_UP, work).await
}

/// The same for what costs the server nothing and somebody waits for.
pub(crate) async fn prompt<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    within(PROMPT, work).await
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    let silent = |_| Err(io::Error::new(io::ErrorKind::TimedOut, "the database does not answer").into());
    tokio::time::timeout(limit, work).await.unwrap_or_else(silent)
}

/// Whether a failed connection is worth another try: a wrong password or a missing database is not.
fn may_pass(cause: &sqlx::Error) -> bool {
    matches!(crate::error::database_kind(cause), crate::Kind::Unavailable)
}
