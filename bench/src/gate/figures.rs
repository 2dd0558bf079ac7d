//! The figures of a gate, and which of them moved.

use super::statements::Transactions;
use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

/// What timing may move transactions and statements by, in hundredths. Everything else is exact.
const BY_TIMING: i64 = 5;
const TIMED: &[&str] = &["transactions", "statements"];
/// Of what services and broker count: those that only orders cause.
const EXACT: &[&str] = &[
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
    orders: u32,
    /// Of all these orders together.
    pub(super) figures: BTreeMap<String, i64>,
}

impl Figures {
    pub(super) fn new(orders: u32) -> Self {
        Self { orders, figures: BTreeMap::new() }
    }

    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} holds no figures of a gate", file.display()))
    }

    pub(super) fn write(&self, file: &Path) -> anyhow::Result<()> {
        ensure!(!self.figures.is_empty(), "nothing was counted");
        fs::write(file, serde_json::to_string_pretty(self)? + "\n")
            .with_context(|| format!("writing {}", file.display()))
    }

    pub(super) fn transactions(&mut self, transactions: &Transactions) {
        for (database, (count, statements)) in transactions.sums() {
            self.figures.insert(format!("{database}: transactions"), count);
            self.figures.insert(format!("{database}: statements"), statements);
        }
    }

    /// Rows in, changed and out of a table, unless none were.
    pub(super) fn rows(&mut self, table: &str, rows: [i64; 3]) {
        for (kind, rows) in ["in", "changed", "out"].into_iter().zip(rows) {
            if rows != 0 {
                self.figures.insert(format!("{table}: rows {kind}"), rows);
            }
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "counts of 64 orders")]
    pub(super) fn counted(&mut self, before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>) {
        for (name, after) in after.iter().filter(|(name, _)| EXACT.contains(&name.as_str())) {
            let count = after - before.get(name).copied().unwrap_or_default();
            self.figures.insert(name.clone(), count as i64);
        }
    }
}

/// A line for each that is not what was committed, however it moved: what fell is written down, too, or it rises again.
pub(super) fn moved(committed: &Figures, counted: &Figures) -> Vec<String> {
    let mut names: Vec<&String> = committed.figures.keys().chain(counted.figures.keys()).collect();
    names.sort();
    names.dedup();
    let line = |name: &String| {
        let of = |figures: &Figures| figures.figures.get(name).copied().unwrap_or_default();
        let (before, after) = (of(committed), of(counted));
        let is_timed = TIMED.iter().any(|timed| name.ends_with(timed));
        let bound = if is_timed { before * BY_TIMING / 100 } else { 0 };
        let moved = after - before;
        (moved.abs() > bound).then(|| format!("{name}: {before} → {after} ({moved:+})"))
    };
    names.into_iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{Figures, moved};

    fn figures(all: &[(&str, i64)]) -> Figures {
        let mut figures = Figures::new(64);
        figures.figures.extend(all.iter().map(|(name, count)| ((*name).to_owned(), *count)));
        figures
    }

    #[test]
    fn each_figure_that_moved_is_named_whichever_way_it_moved() {
        let committed = figures(&[("order.orders: rows in", 64), ("mails", 128), ("gone", 3)]);
        let counted = figures(&[("order.orders: rows in", 65), ("mails", 128), ("new", 2)]);
        let expected = ["gone: 3 → 0 (-3)", "new: 0 → 2 (+2)", "order.orders: rows in: 64 → 65 (+1)"];
        assert_eq!(moved(&committed, &counted), expected);
        assert_eq!(moved(&committed, &committed), Vec::<String>::new());
    }

    #[test]
    fn timing_may_move_statements_by_a_little_and_rows_by_nothing() {
        let committed = figures(&[("order: statements", 1000), ("order.orders: rows changed", 1000)]);
        let counted = figures(&[("order: statements", 1049), ("order.orders: rows changed", 1001)]);
        assert_eq!(moved(&committed, &counted), ["order.orders: rows changed: 1000 → 1001 (+1)"]);
        let counted = figures(&[("order: statements", 940), ("order.orders: rows changed", 1000)]);
        assert_eq!(moved(&committed, &counted), ["order: statements: 1000 → 940 (-60)"]);
    }
}
