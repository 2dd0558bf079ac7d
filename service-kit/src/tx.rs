//! The transaction of the business. It is the only way to announce an event; what is announced in it, and what it leaves
//! in a history, is collected and written by one statement each at the commit, for however many the work was done.
//!
//! What services call here gives back boxed futures: see the crate's head.

use crate::{
    collected::{AtCommit, Collected, Rows},
    flow::{Flow, Moment, What},
    outbox::Announced,
    points::pass,
    spans::{Span, conventions},
};
use contracts::RawEvent;
use futures_util::future::BoxFuture;
use metrics::Counter;
use sqlx::{PgConnection, Postgres, Transaction};
use std::{
    any::Any,
    ops::{Deref, DerefMut},
    sync::Arc,
};
use tokio::sync::Notify;
use tracing::Instrument;

/// Does what begins or ends a transaction in a task of its own, so that it ends also when who asked is dropped (a client
/// went away, a time was up). sqlx (0.9) does not roll back a BEGIN given up half-way: the pool would hand out a connection
/// inside a transaction, and what its next user writes without one of its own would be confirmed and never committed. A
/// COMMIT or ROLLBACK given up half-way it rolls back once more, when there is nothing left to.
pub(crate) async fn seen_through<T: Send + 'static>(
    work: impl Future<Output = Result<T, sqlx::Error>> + Send + 'static,
) -> Result<T, sqlx::Error> {
    tokio::spawn(work.in_current_span()).await.map_err(|_| sqlx::Error::WorkerCrashed).flatten()
}

/// A transaction of the business. Dropped without [`Self::commit`], it rolls back.
pub struct Tx {
    /// Names its crash points.
    work: &'static str,
    inner: Transaction<'static, Postgres>,
    relay: Arc<Notify>,
    wakes: Vec<Arc<Notify>>,
    flow: Flow,
    /// In the order in which the first of each kind came.
    collected: Vec<Box<dyn Collected>>,
    /// Told to `flow` after the commit; before it nothing has happened.
    announced: Vec<Moment>,
    span: Span,
    counts: Vec<(Counter, u64)>,
}

/// Proof that a transaction committed. A reaction that succeeded has one to show.
#[derive(Debug)]
#[must_use]
pub struct Committed(());

impl Tx {
    pub(crate) fn new(
        work: &'static str,
        inner: Transaction<'static, Postgres>,
        relay: Arc<Notify>,
        flow: Flow,
        span: Span,
    ) -> Self {
        let (wakes, collected, announced, counts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { work, inner, relay, wakes, flow, collected, announced, span, counts }
    }

    /// Writes what was collected and commits. Sees it through to its end, also when who asked is dropped: then what it
    /// announced is told all the same.
    ///
    /// # Errors
    /// What was collected is refused, the commit failed or its reply was lost; then read the outcome again, never assume it.
    pub fn commit(self) -> BoxFuture<'static, Result<Committed, sqlx::Error>> {
        Box::pin(seen_through(self.commit_now()))
    }

    async fn commit_now(mut self) -> Result<Committed, sqlx::Error> {
        for rows in std::mem::take(&mut self.collected) {
            rows.write(&mut self.inner).await?;
        }
        pass("commit:", self.work).await?;
        let committed = self.inner.commit().await;
        self.span.judge(&committed);
        committed?;
        // A span that does not say so was rolled back.
        self.span.set(conventions::OUTCOME, "committed");
        for moment in self.announced {
            self.flow.tell(moment);
        }
        for wake in self.wakes {
            wake.notify_one();
        }
        for (counter, by) in self.counts {
            counter.increment(by);
        }
        pass("committed:", self.work).await?;
        Ok(Committed(()))
    }

    /// # Errors
    /// The connection broke; the server rolls back by itself then.
    pub fn rollback(self) -> BoxFuture<'static, Result<(), sqlx::Error>> {
        Box::pin(seen_through(self.inner.rollback()))
    }

    /// Collects a row; statements of this transaction do not see it.
    pub fn at_commit<R: AtCommit>(&mut self, row: R) {
        let known = self.collected.iter_mut().find_map(|rows| {
            let rows: &mut dyn Any = &mut **rows;
            rows.downcast_mut::<Rows<R>>()
        });
        match known {
            Some(rows) => rows.0.push(row),
            None => self.collected.push(Box::new(Rows(vec![row]))),
        }
    }

    /// After the commit, wakes a job that waits on `wake`.
    pub fn wake_after_commit(&mut self, wake: &Arc<Notify>) {
        if !self.wakes.iter().any(|known| Arc::ptr_eq(known, wake)) {
            self.wakes.push(Arc::clone(wake));
        }
    }

    /// Counts after the commit: what was rolled back did not happen.
    pub fn count_after_commit(&mut self, counter: Counter, by: u64) {
        self.counts.push((counter, by));
    }

    /// `goes_out`: by the outbox. Else the event is in the log alone, for timelines and replay.
    pub(crate) fn announce(&mut self, event: RawEvent, goes_out: bool) {
        self.announced.extend(self.flow.moment(What::Announced, &event, None));
        self.at_commit(Announced { event, goes_out });
        if goes_out {
            let relay = Arc::clone(&self.relay);
            self.wake_after_commit(&relay);
        }
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
