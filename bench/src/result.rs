//! What a run came to: written as JSON, read again by `compare` and `--project`.

use crate::percentiles::Percentiles;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) about: About,
    pub(crate) closed: Vec<Turn>,
    pub(crate) open: Vec<Turn>,
    pub(crate) idle: Option<Idle>,
    pub(crate) limits: Option<Limits>,
    /// With several processes of each service.
    #[serde(default)]
    pub(crate) replicas: Vec<Replicated>,
    #[serde(default)]
    pub(crate) relay: Option<Relay>,
    /// Bytes that an order left in each database, indexes with it.
    #[serde(default)]
    pub(crate) stored: BTreeMap<String, f64>,
    #[serde(default)]
    pub(crate) reads: Vec<Read>,
    #[serde(default)]
    pub(crate) pages: Vec<Page>,
    #[serde(default)]
    pub(crate) hot: Vec<Hot>,
    #[serde(default)]
    pub(crate) outage: Option<Outage>,
    #[serde(default)]
    pub(crate) logins: Option<Logins>,
    #[serde(default)]
    pub(crate) timing: Vec<Timing>,
    #[serde(default)]
    pub(crate) memory: Vec<Memory>,
    /// Milliseconds from a service's start to its readiness.
    #[serde(default)]
    pub(crate) starts: BTreeMap<String, f64>,
    /// Megabytes of the programs.
    #[serde(default)]
    pub(crate) binaries: BTreeMap<String, f64>,
}

/// Orders at a fixed rate while notify-service was dead.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outage {
    /// Orders a second.
    pub(crate) rate: f64,
    pub(crate) orders: u64,
    pub(crate) checkout: Percentiles,
    /// From its next start until all mails were taken.
    pub(crate) caught_up_seconds: f64,
}

/// What an order costs is told in full of this turn.
pub(crate) const LEADING: usize = 32;

/// What was measured where.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) date: String,
    /// Of the folder it was run in; `+` when files there differed from it.
    pub(crate) commit: String,
    pub(crate) note: String,
    pub(crate) machine: String,
    pub(crate) cores: usize,
    pub(crate) memory_gib: f64,
    pub(crate) kernel: String,
    pub(crate) postgres: String,
    pub(crate) rabbitmq: String,
    /// `socket` or `tcp`.
    pub(crate) database_by: String,
    pub(crate) lines_per_order: u8,
}

/// Orders that were placed for some seconds, and all that came of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Turn {
    /// Side by side; at a fixed rate the connections there are.
    pub(crate) clients: usize,
    /// Orders a second that were to begin, in turns at a fixed rate.
    pub(crate) rate: Option<f64>,
    pub(crate) orders: u64,
    /// Answered otherwise than with an order, each tried again.
    pub(crate) refused: u64,
    /// While orders were placed.
    pub(crate) placing_seconds: f64,
    /// From the first order's start until nothing was left to do.
    pub(crate) seconds: f64,
    pub(crate) placed_per_second: f64,
    pub(crate) settled_per_second: f64,
    pub(crate) checkout: Percentiles,
    /// From the start that was intended to the last of: paid, stock committed, both mails taken.
    pub(crate) settling: Percentiles,
    pub(crate) cost: Cost,
}

/// Per settled order unless it says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// Milliseconds of processor time and context switches, by process.
    pub(crate) parts: BTreeMap<String, Part>,
    /// What stands for others: provider, mail server, customers. Not in the sum.
    pub(crate) apart: BTreeMap<String, Part>,
    /// Milliseconds of processor time of all parts.
    pub(crate) everything: f64,
    pub(crate) databases: BTreeMap<String, Database>,
    /// Transactions that wrote, over all databases: by the server's own counter of them.
    pub(crate) writing_transactions: f64,
    pub(crate) wal_bytes: f64,
    pub(crate) wal_records: f64,
    /// Of PostgreSQL's log.
    pub(crate) fsyncs: f64,
    /// What the services count of themselves.
    pub(crate) counted: BTreeMap<String, f64>,
    /// What the broker counts.
    pub(crate) broker: BTreeMap<String, f64>,
    pub(crate) dearest: Vec<Statement>,
    /// Cores that others on this machine used meanwhile, stolen time among them.
    pub(crate) others_cores: f64,
    /// Cores in all, while it ran.
    pub(crate) busy_cores: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) ms: f64,
    pub(crate) switches: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Database {
    pub(crate) transactions: f64,
    pub(crate) statements: f64,
    pub(crate) rows_in: f64,
    pub(crate) rows_changed: f64,
    pub(crate) rows_out: f64,
    pub(crate) wal_bytes: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Statement {
    pub(crate) database: String,
    pub(crate) text: String,
    /// Per order.
    pub(crate) calls: f64,
    /// Milliseconds from its begin to its end, waits included, per order.
    pub(crate) ms: f64,
    /// Milliseconds per call.
    pub(crate) mean: f64,
    /// Pages looked at per call.
    pub(crate) pages: f64,
}

/// Nobody orders.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Idle {
    /// Milliseconds of processor time a second, by process.
    pub(crate) parts: BTreeMap<String, f64>,
    pub(crate) statements_per_second: f64,
    /// Seconds that it was left alone before; right after a turn it is 0.
    #[serde(default)]
    pub(crate) after: f64,
    /// For which it was read.
    #[serde(default)]
    pub(crate) seconds: f64,
    /// Mebibytes (PSS) of each service.
    #[serde(default)]
    pub(crate) memory: BTreeMap<String, f64>,
    /// Milliseconds a second of PostgreSQL without any client, on the same databases.
    #[serde(default)]
    pub(crate) postgres_alone: Option<f64>,
}

/// The same turns with so many processes of each service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Replicated {
    pub(crate) processes: u8,
    pub(crate) turns: Vec<Turn>,
    /// Mebibytes (PSS) of all services after it.
    pub(crate) memory: f64,
}

/// One relay that empties a full outbox.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Relay {
    pub(crate) events: u64,
    pub(crate) per_second: f64,
    /// Milliseconds of processor time an event, by process.
    pub(crate) ms: BTreeMap<String, f64>,
}

/// What this machine could do at best, in the same run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Limits {
    /// By script: one placed order's rows.
    pub(crate) pgbench: BTreeMap<String, Pgbench>,
    pub(crate) handler: Handler,
    pub(crate) broker: Broker,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pgbench {
    pub(crate) orders_per_second: f64,
    /// PostgreSQL's processor time an order, in milliseconds.
    pub(crate) ms: f64,
}

/// A server that answers the same bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Handler {
    pub(crate) requests_per_second: f64,
    /// The server's processor time a request, in milliseconds.
    pub(crate) ms: f64,
    pub(crate) bytes: usize,
}

/// Published, confirmed, consumed, acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Broker {
    pub(crate) messages_per_second: f64,
    /// The broker's processor time a message, in milliseconds.
    pub(crate) ms: f64,
}

/// One kind of request, again and again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Read {
    pub(crate) what: String,
    /// Rows it looks among.
    pub(crate) among: u64,
    pub(crate) clients: usize,
    pub(crate) per_second: f64,
    pub(crate) latency: Percentiles,
    /// Processor time of all services, PostgreSQL and RabbitMQ together, per request, in milliseconds.
    pub(crate) ms: f64,
    pub(crate) bytes: usize,
    /// What a server that only answers as many bytes did in turns with it.
    #[serde(default)]
    pub(crate) bare_per_second: Option<f64>,
}

/// One kind of page at a steady rate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Page {
    pub(crate) what: String,
    pub(crate) per_second: f64,
    /// From when it was to be asked for.
    pub(crate) latency: Percentiles,
    /// Processor time of `web`, per page, in milliseconds.
    pub(crate) web_ms: f64,
    /// The same of all services, PostgreSQL and RabbitMQ together.
    pub(crate) behind_ms: f64,
    /// Of HTML, uncompressed.
    pub(crate) bytes: usize,
}

/// Everybody wants the same thing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hot {
    pub(crate) what: String,
    pub(crate) clients: usize,
    pub(crate) pieces: u64,
    /// Of one piece each; those beyond the pieces were refused.
    pub(crate) wishes: u64,
    /// Pieces sold a second, until the last was.
    pub(crate) per_second: f64,
    /// Of each call's answer, also of those that were refused.
    pub(crate) latency: Percentiles,
    /// Processor time of all services, PostgreSQL and RabbitMQ together, per piece, in milliseconds.
    pub(crate) ms: f64,
}

/// Browsing at a steady pace, alone and while many log in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Logins {
    /// Begun at once; who was turned away came again.
    pub(crate) logins: usize,
    /// Until the last had logged in.
    pub(crate) seconds: f64,
    /// Requests a second of those who browse.
    pub(crate) browsing: f64,
    pub(crate) alone: Percentiles,
    pub(crate) beside: Percentiles,
}

/// The same asked for addresses with an account and without, in turns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Timing {
    pub(crate) what: String,
    /// bcrypt's.
    pub(crate) cost: u32,
    /// So many with an account, and as many without.
    pub(crate) each: u32,
    /// The median in milliseconds with an account.
    pub(crate) with: f64,
    /// And without.
    pub(crate) without: f64,
    /// Pairs in which the answer with an account took longer (Mann and Whitney's U).
    pub(crate) u: f64,
    /// How often chance alone makes them differ so much.
    pub(crate) p: f64,
}

/// Mebibytes (PSS) of each service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) when: String,
    pub(crate) services: BTreeMap<String, f64>,
    pub(crate) sum: f64,
}

impl Outcome {
    /// # Errors
    /// The file cannot be read, or is no result.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is no result of `ecom bench`", path.display()))
    }

    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(path, text).with_context(|| format!("writing {}", path.display()))
    }

    /// The turn that settled most.
    pub(crate) fn best(&self) -> Option<&Turn> {
        self.closed.iter().max_by(|one, other| one.settled_per_second.total_cmp(&other.settled_per_second))
    }
}

impl Read {
    /// As a share of what a bare handler does, where that was measured.
    pub(crate) fn of_bare(&self) -> String {
        self.bare_per_second.map_or_else(String::new, |bare| format!(", {:.2}× a bare handler", self.per_second / bare))
    }
}

impl Turn {
    /// How it is called in tables and pictures.
    pub(crate) fn name(&self) -> String {
        match self.rate {
            Some(rate) => format!("{rate:.0}/s"),
            None if self.clients == 1 => "1 client".to_owned(),
            None => format!("{} clients", self.clients),
        }
    }
}

impl Cost {
    pub(crate) fn statements(&self) -> f64 {
        self.databases.values().map(|one| one.statements).sum()
    }

    pub(crate) fn transactions(&self) -> f64 {
        self.databases.values().map(|one| one.transactions).sum()
    }

    pub(crate) fn rows(&self) -> (f64, f64, f64) {
        let sum = |rows: fn(&Database) -> f64| self.databases.values().map(rows).sum();
        (sum(|one| one.rows_in), sum(|one| one.rows_changed), sum(|one| one.rows_out))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Cost, Outcome, Part, Turn};
    use std::collections::BTreeMap;

    /// One turn whose order costs so many milliseconds.
    pub(crate) fn outcome(ms: f64, settled: f64) -> Outcome {
        let part = |ms| Part { ms, switches: 3.0 };
        let parts = BTreeMap::from([("order".to_owned(), part(ms / 4.0)), ("PostgreSQL".to_owned(), part(ms * 0.75))]);
        let cost = Cost { parts, everything: ms, ..Cost::default() };
        let turn = Turn { clients: 32, settled_per_second: settled, cost, ..Turn::default() };
        Outcome { closed: vec![turn], ..Outcome::default() }
    }

    #[test]
    fn a_result_is_read_as_it_was_written() {
        let written = outcome(20.0, 50.0);
        let text = serde_json::to_string(&written).unwrap();
        assert_eq!(serde_json::from_str::<Outcome>(&text).unwrap(), written);
    }

    #[test]
    fn the_best_turn_is_the_one_that_settled_most() {
        let mut two = outcome(20.0, 50.0);
        two.closed.extend(outcome(19.0, 60.0).closed);
        assert!((two.best().unwrap().settled_per_second - 60.0).abs() < f64::EPSILON);
    }
}
