//! What an examination came to.

use super::Invariant;
use std::fmt::Display;
use time::OffsetDateTime;

/// One place where an invariant does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The order, event, SKU … it is about, the most telling first.
    pub ids: Vec<String>,
    /// What is wrong, in one sentence.
    pub sentence: String,
}

/// What one invariant came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub invariant: Invariant,
    /// How many things were looked at.
    pub checked: u64,
    pub violations: Vec<Violation>,
    /// What does not hold yet, and need not: it is on its way.
    pub in_flight: u64,
    /// Why it was not looked at, or not wholly.
    pub not_checked: Option<String>,
    /// What is worth knowing and no violation.
    pub note: Option<String>,
}

impl Finding {
    pub(crate) fn new(invariant: Invariant) -> Self {
        Self { invariant, checked: 0, violations: Vec::new(), in_flight: 0, not_checked: None, note: None }
    }

    pub(crate) fn looked_at(&mut self, number: usize) {
        self.checked += number as u64;
    }

    pub(crate) fn violation(&mut self, ids: &[&dyn Display], sentence: impl Into<String>) {
        let ids = ids.iter().map(ToString::to_string).collect();
        self.violations.push(Violation { ids, sentence: sentence.into() });
    }

    /// A violation, unless it is only on its way.
    pub(crate) fn violation_unless(&mut self, in_flight: bool, ids: &[&dyn Display], sentence: impl Into<String>) {
        if in_flight {
            self.in_flight += 1;
        } else {
            self.violation(ids, sentence);
        }
    }
}

/// What an examination came to: one finding per invariant, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub findings: Vec<Finding>,
    /// What is older was not looked at, since some of it was deleted; none when all was.
    pub since: Option<OffsetDateTime>,
    /// Parts of the platform that did not answer, so that not all could be judged.
    pub could_not_look: Vec<String>,
}

impl Report {
    /// Everything was looked at that can be, and nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations() == 0 && self.could_not_look.is_empty()
    }

    /// How many violations were found.
    #[must_use]
    pub fn violations(&self) -> usize {
        self.findings.iter().map(|finding| finding.violations.len()).sum()
    }

    /// The invariants that do not hold.
    #[must_use]
    pub fn broken(&self) -> Vec<Invariant> {
        let broken = self.findings.iter().filter(|finding| !finding.violations.is_empty());
        broken.map(|finding| finding.invariant).collect()
    }
}
