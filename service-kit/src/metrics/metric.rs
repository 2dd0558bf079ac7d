//! One metric, what it means and by what it is told apart. The services' pages show it (`# HELP`), and so does
//! docs/operations/metrics.md.

use metrics::Unit;

/// One metric.
pub struct Metric {
    /// Without labels; with its unit and, for a counter, `_total`.
    pub name: &'static str,
    /// What is done with it.
    pub kind: Kind,
    /// What it is counted in; none for things.
    pub unit: Option<Unit>,
    /// For people: one sentence.
    pub help: &'static str,
    /// Besides `service`.
    pub labels: &'static [Label],
}

/// What a metric is to Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How often values fell into which range.
    Histogram,
}

/// What a metric's series are told apart by.
pub struct Label {
    /// As Prometheus has it.
    pub name: &'static str,
    /// All of them where they are few, else none.
    pub values: &'static [&'static str],
}

impl Metric {
    /// One that only grows.
    #[must_use]
    pub const fn counter(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: Kind::Counter, unit: None, help, labels: &[] }
    }

    /// One that goes up and down.
    #[must_use]
    pub const fn gauge(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: Kind::Gauge, unit: None, help, labels: &[] }
    }

    /// A gauge in seconds.
    #[must_use]
    pub const fn age(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: Kind::Gauge, unit: Some(Unit::Seconds), help, labels: &[] }
    }

    /// A histogram in seconds.
    #[must_use]
    pub const fn duration(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: Kind::Histogram, unit: Some(Unit::Seconds), help, labels: &[] }
    }

    /// A histogram of how many.
    #[must_use]
    pub const fn sizes(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: Kind::Histogram, unit: None, help, labels: &[] }
    }

    /// The same, told apart by these.
    #[must_use]
    pub const fn by(self, labels: &'static [Label]) -> Self {
        Self { labels, ..self }
    }

    /// What it means, with its labels: `Events done, by type and by outcome (done, failed).`
    #[must_use]
    pub fn sentence(&self) -> String {
        let labels = self.labels.iter().map(|label| match label.values {
            [] => label.name.to_owned(),
            values => format!("{} ({})", label.name, values.join(", ")),
        });
        match labels.collect::<Vec<_>>().join(" and by ") {
            none if none.is_empty() => self.help.to_owned(),
            labels => format!("{}, by {labels}.", self.help.trim_end_matches('.')),
        }
    }
}

impl Label {
    /// With values that nobody can list.
    #[must_use]
    pub const fn any(name: &'static str) -> Self {
        Self { name, values: &[] }
    }

    /// With these values and no others.
    #[must_use]
    pub const fn of(name: &'static str, values: &'static [&'static str]) -> Self {
        Self { name, values }
    }
}

#[cfg(test)]
mod tests {
    use super::{Label, Metric};

    #[test]
    fn a_sentence_names_the_labels_and_their_few_values() {
        let plain = Metric::gauge("outbox_pending", "Events that wait.");
        assert_eq!(plain.sentence(), "Events that wait.");
        let labels = const { &[Label::any("type"), Label::of("outcome", &["done", "failed"])] };
        let labelled = Metric::counter("events_consumed_total", "Attempts to act on an event.").by(labels);
        assert_eq!(labelled.sentence(), "Attempts to act on an event, by type and by outcome (done, failed).");
    }
}
