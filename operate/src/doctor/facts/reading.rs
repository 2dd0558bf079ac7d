//! Reading a database as it is at one moment; what cannot be read is noted.

use super::since::Since;
use crate::doctor::invariant::Invariant;
use anyhow::Context;
use contracts::ServiceName;
use futures_util::TryStreamExt;
use sqlx::{FromRow, PgPool, Postgres, Transaction, postgres::PgRow};

/// A row or line that is not what its place promises.
#[derive(Clone, Debug)]
pub(crate) struct Unreadable {
    pub(crate) invariant: Invariant,
    pub(crate) sentence: String,
}

/// One database at one moment.
pub(super) struct Reading {
    pub(super) service: ServiceName,
    pub(super) tx: Transaction<'static, Postgres>,
    /// What is older is not looked at.
    since: Since,
    unreadable: Vec<Unreadable>,
}

impl Reading {
    pub(super) async fn open(service: ServiceName, pool: &PgPool, since: Since) -> anyhow::Result<Self> {
        let begun = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await;
        let tx = begun.with_context(|| format!("the database of {service} cannot be read"))?;
        Ok(Self { service, tx, since, unreadable: Vec::new() })
    }

    /// The rows that could not be read.
    pub(super) async fn close(self) -> anyhow::Result<Vec<Unreadable>> {
        self.tx.rollback().await.with_context(|| format!("the database of {} went away", self.service))?;
        Ok(self.unreadable)
    }

    /// The rows of one query. One that does not decode breaks `invariant` and is left out. `$1` is the order from which
    /// on is looked, `$2` the event.
    pub(super) async fn rows<T>(
        &mut self,
        invariant: Invariant,
        what: &str,
        query: &'static str,
    ) -> anyhow::Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let (mut rows, asked) = (Vec::new(), sqlx::query(query));
        let asked = match (query.contains("$1"), query.contains("$2")) {
            (false, false) => asked,
            (_, false) => asked.bind(self.since.orders),
            (_, true) => asked.bind(self.since.orders).bind(self.since.events),
        };
        let mut stream = asked.fetch(&mut *self.tx);
        let context = || format!("reading {what} of {}", self.service);
        while let Some(row) = stream.try_next().await.with_context(context)? {
            match T::from_row(&row) {
                Ok(row) => rows.push(row),
                Err(cause) => {
                    let sentence = format!("A row of {what} in {} cannot be read: {cause}.", self.service.database());
                    self.unreadable.push(Unreadable { invariant, sentence });
                }
            }
        }
        Ok(rows)
    }
}
