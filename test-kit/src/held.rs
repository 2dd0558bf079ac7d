//! A commit that has written everything and is not done yet.

use crate::{TestDatabase, until};
use service_kit::{AtCommit, Committed, Tx};
use sqlx::{PgConnection, Postgres, Transaction};
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::task::JoinHandle;

/// Each has a lock of its own.
static KEYS: AtomicI64 = AtomicI64::new(4_711);

/// Collected behind all else, it is written behind all else, and waits for the lock of this key.
struct Waits(i64);

impl AtCommit for Waits {
    async fn write(rows: Vec<Self>, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let keys: Vec<_> = rows.into_iter().map(|Self(key)| key).collect();
        sqlx::query("SELECT pg_advisory_xact_lock(unnest($1::bigint[]))").bind(keys).execute(connection).await?;
        Ok(())
    }
}

/// A transaction that has written what it announced and whose COMMIT waits for [`Self::finish`].
pub struct Held {
    lock: Transaction<'static, Postgres>,
    commit: JoinHandle<Result<Committed, sqlx::Error>>,
}

impl Held {
    /// # Panics
    /// The database is away.
    pub async fn commit(database: &TestDatabase, mut tx: Tx) -> Self {
        let mut lock = database.pool().begin().await.expect("the database answers");
        let key = KEYS.fetch_add(1, Ordering::Relaxed);
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(key)
            .execute(&mut *lock)
            .await
            .expect("the database answers");
        tx.at_commit(Waits(key));
        let commit = tokio::spawn(tx.commit());
        until("the commit to wait", || async {
            let waiting =
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid::bigint = $1 AND NOT granted
                           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
            let waiting: i64 =
                sqlx::query_scalar(waiting).bind(key).fetch_one(database.pool()).await.expect("the database answers");
            (waiting == 1).then_some(())
        })
        .await;
        Self { lock, commit }
    }

    /// # Panics
    /// The commit failed.
    pub async fn finish(self) {
        self.lock.rollback().await.expect("the database answers");
        let _committed = self.commit.await.expect("the commit does not panic").expect("the commit succeeds");
    }
}
