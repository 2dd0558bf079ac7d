//! `ecom bench compare A B`: what two results have in common, side by side.

use crate::result::{Outcome, Turn};
use operate::terminal::say;
use std::{path::Path, process::ExitCode};

/// # Errors
/// A file is no result.
pub(crate) fn run(before: &Path, after: &Path) -> anyhow::Result<ExitCode> {
    let (before, after) = (Outcome::read(before)?, Outcome::read(after)?);
    lines(&before, &after).into_iter().for_each(say);
    Ok(ExitCode::SUCCESS)
}

fn lines(before: &Outcome, after: &Outcome) -> Vec<String> {
    let (one, other) = (&before.about, &after.about);
    let mut lines = vec![
        format!("before: {} {} {}", one.date, one.commit, one.note),
        format!("after:  {} {} {}", other.date, other.commit, other.note),
    ];
    if (&one.machine, one.cores, &one.database_by) != (&other.machine, other.cores, &other.database_by) {
        lines.push(
            "not the same machine, or not the same way to the database: only ratios to limits can be compared"
                .to_owned(),
        );
    }
    let turns = |outcome: &Outcome| [outcome.closed.clone(), outcome.open.clone()].concat();
    for before_turn in turns(before) {
        let name = before_turn.name();
        if let Some(after_turn) = turns(after).into_iter().find(|turn| turn.name() == name) {
            lines.push(String::new());
            lines.push(format!("{name:<34}{:>12}{:>12}{:>10}", "before", "after", "after/before"));
            lines.extend(
                figures(&before_turn, &after_turn).into_iter().map(|(what, one, other)| row(&what, one, other)),
            );
        }
    }
    if let (Some(one), Some(other)) = (&before.limits, &after.limits) {
        lines.push(String::new());
        lines.push("limits: what differs here is the machine's doing".to_owned());
        for (name, limit) in &one.pgbench {
            if let Some(later) = other.pgbench.get(name) {
                lines.push(row(&format!("pgbench {name}, ms"), limit.ms, later.ms));
            }
        }
        lines.push(row("handler, ms a request", one.handler.ms, other.handler.ms));
        lines.push(row("broker, ms a message", one.broker.ms, other.broker.ms));
    }
    lines
}

fn figures(before: &Turn, after: &Turn) -> Vec<(String, f64, f64)> {
    let mut figures = vec![
        ("settled a second".to_owned(), before.settled_per_second, after.settled_per_second),
        ("placed a second".to_owned(), before.placed_per_second, after.placed_per_second),
        ("checkout p50, ms".to_owned(), before.checkout.p50, after.checkout.p50),
        ("checkout p99, ms".to_owned(), before.checkout.p99, after.checkout.p99),
        ("settled p50, ms".to_owned(), before.settling.p50, after.settling.p50),
        ("settled p99, ms".to_owned(), before.settling.p99, after.settling.p99),
    ];
    let ms = |turn: &Turn, name: &str| turn.cost.parts.get(name).copied().unwrap_or_default().ms;
    for name in before.cost.parts.keys() {
        figures.push((format!("{name}, ms an order"), ms(before, name), ms(after, name)));
    }
    let (one, other) = (&before.cost, &after.cost);
    figures.push(("everything, ms an order".to_owned(), one.everything, other.everything));
    figures.push(("transactions".to_owned(), one.transactions(), other.transactions()));
    figures.push(("transactions that write".to_owned(), one.writing_transactions, other.writing_transactions));
    figures.push(("statements".to_owned(), one.statements(), other.statements()));
    let (rows_before, rows_after) = (one.rows(), other.rows());
    figures.push(("rows in".to_owned(), rows_before.0, rows_after.0));
    figures.push(("rows changed".to_owned(), rows_before.1, rows_after.1));
    figures.push(("rows out".to_owned(), rows_before.2, rows_after.2));
    figures.push(("WAL bytes".to_owned(), one.wal_bytes, other.wal_bytes));
    figures.push(("fsyncs".to_owned(), one.fsyncs, other.fsyncs));
    for (name, count) in one.counted.iter().chain(&one.broker) {
        let later = other.counted.get(name).or_else(|| other.broker.get(name)).copied().unwrap_or_default();
        figures.push((name.clone(), *count, later));
    }
    figures
}

fn row(what: &str, before: f64, after: f64) -> String {
    let ratio = if before == 0.0 { String::new() } else { format!("{:.2}×", after / before) };
    format!("  {what:<32}{before:>12.2}{after:>12.2}{ratio:>11}")
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::result::tests::outcome;

    #[test]
    fn turns_of_the_same_name_are_compared_and_others_are_left_out() {
        let (before, mut after) = (outcome(20.0, 50.0), outcome(2.0, 500.0));
        let text = lines(&before, &after).join("\n");
        assert!(text.contains("everything, ms an order                20.00        2.00      0.10×"), "{text}");
        assert!(text.contains("settled a second                       50.00      500.00     10.00×"), "{text}");
        after.closed[0].clients = 8;
        assert!(!lines(&before, &after).join("\n").contains("everything"));
    }

    #[test]
    fn another_machine_is_pointed_out() {
        let (before, mut after) = (outcome(20.0, 50.0), outcome(2.0, 500.0));
        after.about.cores = 64;
        assert!(lines(&before, &after).join("\n").contains("not the same machine"));
    }
}
