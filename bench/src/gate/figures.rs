//! The figures of a gate, and which of them moved.

use super::{statements::Transactions, wal::Wal};
use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

pub(super) const ALONE: &str = "one by one";
pub(super) const BY_32: &str = "32 at a time";
pub(super) const INSTRUCTIONS: &str = "instructions";

/// What timing may move a figure by, in hundredths: of which part, and how its name ends. Everything else is exact.
///
/// After the door each stage takes what there is: of 32 it may be one batch or a few, and so with what those announce.
/// What such a batch consists of does not depend on how many it holds, and is exact.
const MAY_MOVE: &[(&str, &str, i64)] = &[
    (ALONE, ": WAL bytes", 5),
    (BY_32, ": transactions", 100),
    (BY_32, ": WAL bytes", 5),
    (BY_32, "calls between services", 100),
    (INSTRUCTIONS, "", 3),
];
/// In the transactions that take an order: what is counted, what is reserved, what is stored.
const CHECKOUT: &[&str] = &["begin_checkouts(", "INSERT INTO reservations ", "INSERT INTO orders "];
/// Of what services and broker count: those that only orders cause.
const CAUSED: &[&str] = &[
    "calls between services",
    "calls to the provider",
    "events consumed",
    "events published",
    "mails",
    "messages received",
    "messages acknowledged",
];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Figures {
    pub(super) orders: u32,
    /// What the instructions are those of.
    pub(super) machine: String,
    /// Of all these orders together, by how they were placed; and of each of an order's parts.
    pub(super) parts: BTreeMap<String, Counts>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts(pub(super) BTreeMap<String, i64>);

impl Figures {
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} holds no figures of a gate", file.display()))
    }

    pub(super) fn write(&self, file: &Path) -> anyhow::Result<()> {
        ensure!(self.parts.values().all(|part| part.len() > 0), "nothing was counted");
        fs::write(file, serde_json::to_string_pretty(self)? + "\n")
            .with_context(|| format!("writing {}", file.display()))
    }
}

impl Counts {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Of orders that go their way alone.
    pub(super) fn transactions(&mut self, alone: &Transactions) {
        for (database, (count, statements)) in alone.sums() {
            self.0.insert(format!("{database}: transactions"), count);
            self.0.insert(format!("{database}: statements"), statements);
        }
    }

    /// Of orders that the door took so many at a time: its own transactions; what a batch of each stage consists of; and
    /// what it came to if every stage took so many at a time, as often as it has something to do for orders that go
    /// `alone`.
    pub(super) fn batches(&mut self, of: u32, batches: &Transactions, alone: &Transactions) {
        let (count, statements) = batches.with(CHECKOUT);
        self.0.insert("transactions of checkouts".to_owned(), count);
        self.0.insert("statements of checkouts".to_owned(), statements);
        for (database, (count, _)) in batches.sums() {
            self.0.insert(format!("{database}: transactions"), count);
        }
        let alone = alone.kinds();
        for ((database, tables), (_, statements)) in batches.kinds() {
            self.0.insert(format!("{database}, {tables}: statements of a batch"), statements);
            let often = alone.get(&(database.clone(), tables)).map_or(0, |(times, _)| times / i64::from(of));
            *self.0.entry(format!("{database}: full batches")).or_default() += often;
            *self.0.entry(format!("{database}: statements of full batches")).or_default() += often * statements;
        }
    }

    /// Rows in, changed and out of a table, unless none were.
    pub(super) fn rows(&mut self, table: &str, rows: [i64; 3]) {
        for (kind, rows) in ["in", "changed", "out"].into_iter().zip(rows) {
            if rows != 0 {
                self.0.insert(format!("{table}: rows {kind}"), rows);
            }
        }
    }

    pub(super) fn wal(&mut self, wal: &Wal) {
        for (service, bytes) in wal.by_service() {
            self.0.insert(format!("{service}: WAL bytes"), bytes);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "counts of 64 orders")]
    pub(super) fn counted(&mut self, before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>) {
        for (name, after) in after.iter().filter(|(name, _)| CAUSED.contains(&name.as_str())) {
            let count = after - before.get(name).copied().unwrap_or_default();
            self.0.insert(name.clone(), count as i64);
        }
    }
}

/// Which are not what was committed, and from what to what, however they moved: what fell is written down, too, or it
/// rises again.
pub(super) fn moved(committed: &Figures, counted: &Figures) -> BTreeMap<String, String> {
    let all = |figures: &Figures| -> BTreeMap<(String, String), i64> {
        let of = |(part, counts): (&String, &Counts)| {
            let part = part.clone();
            counts.0.clone().into_iter().map(move |(name, count)| ((part.clone(), name), count))
        };
        figures.parts.iter().flat_map(of).collect()
    };
    let (committed, counted) = (all(committed), all(counted));
    let mut names: Vec<_> = committed.keys().chain(counted.keys()).collect();
    names.sort();
    names.dedup();
    let line = |of: &(String, String)| {
        let (part, name) = of;
        let [before, after] = [&committed, &counted].map(|figures| figures.get(of).copied().unwrap_or_default());
        let may_move = MAY_MOVE.iter().find(|(whose, ending, _)| part == whose && name.ends_with(ending));
        let bound = may_move.map_or(0, |(_, _, hundredths)| before * hundredths / 100);
        let moved = after - before;
        (moved.abs() > bound).then(|| (format!("{part}, {name}"), format!("{before} → {after} ({moved:+})")))
    };
    names.into_iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{ALONE, BY_32, Counts, Figures, INSTRUCTIONS, moved};

    fn figures(part: &str, all: &[(&str, i64)]) -> Figures {
        let counts = all.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        Figures { orders: 64, machine: String::new(), parts: [(part.to_owned(), Counts(counts))].into() }
    }

    fn lines(committed: &Figures, counted: &Figures) -> Vec<String> {
        moved(committed, counted).into_iter().map(|(figure, change)| format!("{figure}: {change}")).collect()
    }

    #[test]
    fn each_figure_that_moved_is_named_whichever_way_it_moved() {
        let committed = figures(ALONE, &[("order.orders: rows in", 64), ("mails", 128), ("gone", 3)]);
        let counted = figures(ALONE, &[("order.orders: rows in", 65), ("mails", 128), ("new", 2)]);
        let expected = [
            "one by one, gone: 3 → 0 (-3)",
            "one by one, new: 0 → 2 (+2)",
            "one by one, order.orders: rows in: 64 → 65 (+1)",
        ];
        assert_eq!(lines(&committed, &counted), expected);
        assert!(moved(&committed, &committed).is_empty());
    }

    #[test]
    fn the_log_may_move_by_a_little_and_rows_by_nothing() {
        let of = |bytes, rows| figures(ALONE, &[("order: WAL bytes", bytes), ("o: rows changed", rows)]);
        assert_eq!(lines(&of(1000, 1000), &of(1049, 1001)), ["one by one, o: rows changed: 1000 → 1001 (+1)"]);
        assert_eq!(lines(&of(1000, 1000), &of(940, 1000)), ["one by one, order: WAL bytes: 1000 → 940 (-60)"]);
    }

    #[test]
    fn each_part_has_bounds_of_its_own() {
        let of = |part, count| figures(part, &[("calls between services", count)]);
        assert_eq!(moved(&of(ALONE, 100), &of(ALONE, 101)).len(), 1);
        assert!(moved(&of(BY_32, 10), &of(BY_32, 14)).is_empty());
        assert!(moved(&of(INSTRUCTIONS, 100), &of(INSTRUCTIONS, 103)).is_empty());
        assert_eq!(moved(&of(INSTRUCTIONS, 100), &of(INSTRUCTIONS, 104)).len(), 1);
        // What is new was never committed.
        assert_eq!(moved(&figures(BY_32, &[]), &of(BY_32, 1)).len(), 1);
    }
}
