//! The pool and the transaction. A [`Tx`] is the only way to announce an event; committing it wakes who waits for it.

use crate::KitError;
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    PgConnection, PgPool, Postgres, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    io,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);
/// A little more than the server's own `statement_timeout`, which a connection gone silent does not keep.
const GIVE_UP: Duration = Duration::from_secs(35);

static KIT_MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// A service's own database.
#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
    /// Wakes the relay after a commit that announced something.
    relay: Arc<Notify>,
}

impl Database {
    /// Connects, waiting up to 30 s for a server that is still starting, and brings the tables up to date.
    ///
    /// # Errors
    /// The server stays away, refuses, or a migration fails.
    pub async fn open(url: &SecretString, pool: u32, migrations: &Migrator) -> Result<Self, KitError> {
        let options: PgConnectOptions = url.expose_secret().parse()?;
        // A session that dies in the middle of a transaction must not keep its locks; nor one whose host went away
        // without a word: the relay's election hangs on such a lock.
        let options = options.options([
            ("idle_in_transaction_session_timeout", "30s"),
            ("statement_timeout", "30s"),
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(pool)
            .acquire_timeout(Duration::from_secs(3))
            .test_before_acquire(false)
            .connect_lazy_with(options);
        let database = Self { pool, relay: Arc::default() };
        database.wait_until_reachable().await?;
        KIT_MIGRATIONS.run(&database.pool).await?;
        migrations.run(&database.pool).await?;
        Ok(database)
    }

    async fn wait_until_reachable(&self) -> Result<(), KitError> {
        let started = Instant::now();
        loop {
            match self.pool.acquire().await {
                Ok(_) => return Ok(()),
                Err(cause) if started.elapsed() < PATIENCE && may_pass(&cause) => {
                    tracing::info!(%cause, "waiting for the database");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                Err(cause) => return Err(cause.into()),
            }
        }
    }

    /// For reads.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// # Errors
    /// No connection is free in time.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        let pool = self.pool.clone();
        // A task of its own, so that it ends also when who asked is dropped (a client went away). sqlx (0.9) does not
        // roll back a BEGIN given up half-way: the pool would hand out a connection inside a transaction, and what
        // its next user writes without one of its own would be confirmed and never committed.
        let begun = tokio::spawn(async move { pool.begin().await }).await;
        let inner = begun.map_err(|_| sqlx::Error::WorkerCrashed)??;
        Ok(Tx { inner, relay: Arc::clone(&self.relay), wakes: Vec::new() })
    }

    pub(crate) fn relay_wake(&self) -> Arc<Notify> {
        Arc::clone(&self.relay)
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Bounds a use of the database on our side: a connection that went silent must not hold anybody up for ever.
pub(crate) async fn in_time<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    let silent = |_| Err(io::Error::new(io::ErrorKind::TimedOut, "the database does not answer").into());
    tokio::time::timeout(GIVE_UP, work).await.unwrap_or_else(silent)
}

/// Whether a failed connection is worth another try: a wrong password or a missing database is not.
fn may_pass(cause: &sqlx::Error) -> bool {
    matches!(crate::error::database_kind(cause), crate::Kind::Unavailable)
}

/// A transaction of the business. Dropped without [`Self::commit`], it rolls back.
pub struct Tx {
    inner: Transaction<'static, Postgres>,
    relay: Arc<Notify>,
    wakes: Vec<Arc<Notify>>,
}

/// Proof that a transaction committed. A reaction that succeeded has one to show.
#[derive(Debug)]
#[must_use]
pub struct Committed(());

impl Tx {
    /// # Errors
    /// The commit failed or its reply was lost; then read the outcome again, never assume it.
    pub async fn commit(self) -> Result<Committed, sqlx::Error> {
        self.inner.commit().await?;
        for wake in self.wakes {
            wake.notify_one();
        }
        Ok(Committed(()))
    }

    /// # Errors
    /// The connection broke; the server rolls back by itself then.
    pub async fn rollback(self) -> Result<(), sqlx::Error> {
        self.inner.rollback().await
    }

    /// After the commit, wakes a job that waits on `wake`.
    pub fn wake_after_commit(&mut self, wake: &Arc<Notify>) {
        if !self.wakes.iter().any(|known| Arc::ptr_eq(known, wake)) {
            self.wakes.push(Arc::clone(wake));
        }
    }

    pub(crate) fn announced(&mut self) {
        let relay = Arc::clone(&self.relay);
        self.wake_after_commit(&relay);
    }
}

impl Deref for Tx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.inner
    }
}
