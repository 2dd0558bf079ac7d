//! The report as a person reads it, at any hour: one line per invariant, and below it what is wrong.

use super::{Finding, Report, Violation, facts::Moment};
use serde_json::{Value, json};

/// So many violations of one invariant are shown.
const SHOWN: usize = 5;

/// Lines for the terminal.
pub fn lines(report: &Report, all: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in &report.findings {
        lines.push(line(finding));
        let shown = if all { finding.violations.len() } else { SHOWN };
        lines.extend(finding.violations.iter().take(shown).map(|violation| format!("      {}", sentence(violation))));
        if finding.violations.len() > shown {
            let more = finding.violations.len() - shown;
            lines.push(format!("      … and {} more: --all shows them.", number(more as u64)));
        }
    }
    lines.extend(report.since.map(|since| {
        format!(
            "Looked at what is younger than {}: what is older was deleted in part (RETENTION).",
            Moment::from(since)
        )
    }));
    lines.extend(report.could_not_look.iter().map(|sentence| format!("  !   {sentence}")));
    lines.push(String::new());
    lines.push(closing(report));
    lines
}

/// `I4   stock             ok            1,234 checked, 2 in flight`
fn line(finding: &Finding) -> String {
    let verdict = match (finding.violations.len(), &finding.not_checked) {
        (0, None) => "ok".to_owned(),
        (0, Some(_)) if finding.checked > 0 => "partly checked".to_owned(),
        (0, Some(_)) => "not checked".to_owned(),
        (1, _) => "1 VIOLATION".to_owned(),
        (found, _) => format!("{} VIOLATIONS", number(found as u64)),
    };
    let mut details = vec![format!("{} checked", number(finding.checked))];
    if finding.in_flight > 0 {
        details.push(format!("{} in flight", number(finding.in_flight)));
    }
    details.extend(finding.not_checked.clone());
    details.extend(finding.note.clone());
    let (code, name) = (finding.invariant.code(), finding.invariant.name());
    format!("{code:<4}{name:<17}{verdict:<15}{}", details.join(", "))
}

/// `The order … [its ids]`
fn sentence(violation: &Violation) -> String {
    if violation.ids.is_empty() {
        return violation.sentence.clone();
    }
    format!("{}  [{}]", violation.sentence, violation.ids.join(", "))
}

fn closing(report: &Report) -> String {
    let checked: u64 = report.findings.iter().map(|finding| finding.checked).sum();
    let checked = number(checked);
    let broken = report.broken().len();
    let left_out = report.findings.iter().any(|finding| finding.not_checked.is_some());
    match (report.violations(), report.could_not_look.is_empty()) {
        (0, true) if left_out => format!("No violation in {checked} things checked; above it says what was left out."),
        (0, true) => format!("Clean: {checked} things checked, no violation."),
        (0, false) => format!("No violation in {checked} things checked, but not everything could be looked at."),
        (1, _) => format!("1 violation, in {}.", report.broken()[0]),
        (found, _) => format!("{} violations of {broken} of 15 invariants.", number(found as u64)),
    }
}

/// With commas: `1,234`.
fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// For programs: one object.
pub fn json(report: &Report) -> Value {
    let findings = report.findings.iter().map(|finding| {
        let violations = finding.violations.iter();
        json!({
            "invariant": finding.invariant.code(),
            "name": finding.invariant.name(),
            "checked": finding.checked,
            "in_flight": finding.in_flight,
            "not_checked": finding.not_checked,
            "note": finding.note,
            "violations": violations.map(|one| json!({"ids": one.ids, "sentence": one.sentence})).collect::<Vec<_>>(),
        })
    });
    json!({
        "clean": report.is_clean(),
        "violations": report.violations(),
        "since": report.since.map(|since| Moment::from(since).to_string()),
        "could_not_look": report.could_not_look,
        "findings": findings.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::{lines, number};
    use crate::doctor::{Finding, Invariant, Report};

    #[test]
    fn a_report_reads_line_by_line_and_shows_the_first_five() {
        let mut stock = Finding::new(Invariant::Stock);
        stock.looked_at(1234);
        for _ in 0..6 {
            stock.violation(&[&"MUG", &"main"], "9 are on hand, the movements sum to 10.");
        }
        let mut log = Finding::new(Invariant::Reconciliation);
        log.not_checked = Some("the provider has no log".to_owned());
        let report = Report { findings: vec![stock, log], since: None, could_not_look: Vec::new() };
        let wrong = "      9 are on hand, the movements sum to 10.  [MUG, main]";
        let expected = [
            "I4  stock            6 VIOLATIONS   1,234 checked",
            wrong,
            wrong,
            wrong,
            wrong,
            wrong,
            "      … and 1 more: --all shows them.",
            "I10 reconciliation   not checked    0 checked, the provider has no log",
            "",
            "6 violations of 1 of 15 invariants.",
        ];
        assert_eq!(lines(&report, false), expected);
        assert_eq!(lines(&report, true).len(), 10);
    }

    #[test]
    fn what_was_checked_in_part_or_left_out_is_not_called_ok_or_clean() {
        let mut money = Finding::new(Invariant::Money);
        money.looked_at(4);
        money.not_checked = Some("without the provider's side".to_owned());
        let report = Report { findings: vec![money], since: None, could_not_look: Vec::new() };
        let expected = [
            "I3  money            partly checked 4 checked, without the provider's side",
            "",
            "No violation in 4 things checked; above it says what was left out.",
        ];
        assert_eq!(lines(&report, false), expected);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([number(0), number(999), number(1000), number(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
    }
}
