//! What all parts have used and done so far. Two readings and what lies between them are what a turn cost.

pub(crate) mod broker;
pub(crate) mod databases;
pub(crate) mod processes;
pub(crate) mod services;

use crate::{
    platform::Platform,
    result::{Cost, Database, Part},
};
use databases::Databases;
use processes::{Busy, Usage};
use std::{collections::BTreeMap, time::Instant};

/// At one moment.
pub(crate) struct Reading {
    at: Instant,
    parts: BTreeMap<String, Usage>,
    apart: BTreeMap<String, Usage>,
    busy: Busy,
    databases: Databases,
    counted: BTreeMap<String, f64>,
}

impl Reading {
    /// Processor time last or first, so that looking is not among what is seen.
    ///
    /// # Errors
    /// Something does not answer.
    pub(crate) async fn first(platform: &Platform) -> anyhow::Result<Self> {
        let counted = services::counted(platform).await?;
        let databases = Databases::read(platform).await?;
        let (parts, apart) = processes::of(platform)?;
        Ok(Self { at: Instant::now(), parts, apart, busy: Busy::read()?, databases, counted })
    }

    /// # Errors
    /// Something does not answer.
    pub(crate) async fn last(platform: &Platform) -> anyhow::Result<Self> {
        let (parts, apart) = processes::of(platform)?;
        let (at, busy) = (Instant::now(), Busy::read()?);
        let databases = Databases::read(platform).await?;
        Ok(Self { at, parts, apart, busy, databases, counted: services::counted(platform).await? })
    }

    /// What one of so many orders cost between the two.
    pub(crate) fn cost(&self, later: &Self, orders: f64) -> Cost {
        let parts = per_order(&self.parts, &later.parts, orders);
        let apart = per_order(&self.apart, &later.apart, orders);
        let everything = parts.values().map(|part| part.ms).sum();
        let seconds = (later.at - self.at).as_secs_f64();
        let ours = (everything + apart.values().map(|part| part.ms).sum::<f64>()) * orders / 1000.0;
        let busy_cores = self.busy.cores(&later.busy, seconds);
        let (server, databases) = self.databases.between(&later.databases, orders);
        let counted = later.counted.iter().map(|(name, count)| {
            (name.clone(), (count - self.counted.get(name).copied().unwrap_or_default()) / orders)
        });
        Cost {
            parts,
            apart,
            everything,
            databases,
            writing_transactions: server.writing_transactions,
            wal_bytes: server.wal_bytes,
            wal_records: server.wal_records,
            fsyncs: server.fsyncs,
            counted: counted.collect(),
            broker: BTreeMap::new(),
            dearest: self.databases.dearest(&later.databases, orders),
            others_cores: (busy_cores - ours / seconds).max(0.0),
            busy_cores,
        }
    }
}

fn per_order(before: &BTreeMap<String, Usage>, after: &BTreeMap<String, Usage>, orders: f64) -> BTreeMap<String, Part> {
    let part = |(name, after): (&String, &Usage)| {
        let before = before.get(name).copied().unwrap_or_default();
        let part = Part {
            ms: (after.ms - before.ms) / orders,
            // Those of processes that have ended since are gone with them.
            switches: (after.switches - before.switches).max(0.0) / orders,
        };
        (name.clone(), part)
    };
    after.iter().map(part).collect()
}

impl Database {
    pub(crate) fn per(self, orders: f64) -> Self {
        Self {
            transactions: self.transactions / orders,
            statements: self.statements / orders,
            rows_in: self.rows_in / orders,
            rows_changed: self.rows_changed / orders,
            rows_out: self.rows_out / orders,
            wal_bytes: self.wal_bytes / orders,
        }
    }
}
