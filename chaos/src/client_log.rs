//! What the load client saw, for the checker: one JSON object per key, written when the key's life is over.

use anyhow::Context;
use contracts::{AccountId, Money, OrderId};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

/// How a key's life ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Answered 201.
    Ok,
    /// Answered that there is no order.
    Failed,
    /// Never answered to the end.
    Unknown,
}

#[derive(Debug, Serialize)]
pub(crate) struct Line<'a> {
    pub(crate) sku: &'a str,
    pub(crate) quantity: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Entry<'a> {
    pub(crate) key: &'a str,
    pub(crate) customer_id: AccountId,
    pub(crate) outcome: Outcome,
    /// Every different one that was ever answered.
    pub(crate) order_ids: BTreeSet<OrderId>,
    pub(crate) total: Option<Money>,
    pub(crate) lines: Vec<Line<'a>>,
    /// Under one key the answers told of different things.
    pub(crate) differing_answers: bool,
}

pub(crate) struct ClientLog {
    file: Mutex<BufWriter<File>>,
    outcomes: Mutex<BTreeMap<Outcome, u64>>,
}

impl ClientLog {
    /// # Errors
    /// The file cannot be made.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| format!("making the client's log {}", path.display()))?;
        Ok(Self { file: Mutex::new(BufWriter::new(file)), outcomes: Mutex::default() })
    }

    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(&self, entry: &Entry<'_>) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line)?;
        *self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).entry(entry.outcome).or_default() += 1;
        Ok(())
    }

    /// Everything is in the file then. How many keys ended how.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn finish(&self) -> anyhow::Result<BTreeMap<Outcome, u64>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).flush()?;
        Ok(self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientLog, Entry, Line, Outcome};
    use contracts::{AccountId, OrderId};
    use std::collections::BTreeSet;
    use uuid::Uuid;

    #[test]
    fn a_key_is_one_line_as_the_checker_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("client.jsonl");
        let log = ClientLog::create(&path).unwrap();
        let entry = Entry {
            key: "k1",
            customer_id: AccountId::from(Uuid::nil()),
            outcome: Outcome::Ok,
            order_ids: BTreeSet::from([OrderId::from(Uuid::nil())]),
            total: Some(serde_json::from_str(r#"{"amount": 1999, "currency": "EUR"}"#).unwrap()),
            lines: vec![Line { sku: "MUG", quantity: 2 }],
            differing_answers: false,
        };
        log.write(&entry).unwrap();
        assert_eq!(log.finish().unwrap()[&Outcome::Ok], 1);
        let nil = Uuid::nil();
        let expected = format!(
            r#"{{"key":"k1","customer_id":"{nil}","outcome":"ok","order_ids":["{nil}"],"total":{{"amount":1999,"currency":"EUR"}},"lines":[{{"sku":"MUG","quantity":2}}],"differing_answers":false}}"#
        );
        assert_eq!(std::fs::read_to_string(path).unwrap(), expected + "\n");
    }
}
