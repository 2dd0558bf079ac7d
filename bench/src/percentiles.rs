//! Latencies: many in a histogram, told as a handful of figures.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// From a microsecond to ten minutes, to three digits.
const HIGHEST: u64 = 600_000_000;

/// Latencies of one turn.
pub(crate) struct Latencies(Histogram<u64>);

/// Milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Percentiles {
    pub(crate) count: u64,
    pub(crate) mean: f64,
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    /// Not in earlier results.
    #[serde(default)]
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) p99_9: f64,
    pub(crate) max: f64,
}

impl Latencies {
    /// # Errors
    /// The bounds above are wrong.
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self(Histogram::new_with_bounds(1, HIGHEST, 3)?))
    }

    /// # Errors
    /// The bounds above are wrong.
    pub(crate) fn of(all: impl IntoIterator<Item = Duration>) -> anyhow::Result<Self> {
        let mut latencies = Self::new()?;
        all.into_iter().for_each(|one| latencies.add(one));
        Ok(latencies)
    }

    /// What is beyond the highest counts as the highest.
    pub(crate) fn add(&mut self, one: Duration) {
        self.0.saturating_record(u64::try_from(one.as_micros()).unwrap_or(HIGHEST));
    }

    /// # Errors
    /// The bounds differ, which they do not.
    pub(crate) fn merge(&mut self, other: &Self) -> anyhow::Result<()> {
        Ok(self.0.add(&other.0)?)
    }

    pub(crate) fn percentiles(&self) -> Percentiles {
        if self.0.is_empty() {
            return Percentiles::default();
        }
        let at = |percentile: f64| milliseconds(self.0.value_at_percentile(percentile));
        Percentiles {
            count: self.0.len(),
            mean: self.0.mean() / 1000.0,
            p50: at(50.0),
            p90: at(90.0),
            p95: at(95.0),
            p99: at(99.0),
            p99_9: at(99.9),
            max: milliseconds(self.0.max()),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "ten minutes are far from where a float loses a microsecond")]
fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

impl fmt::Display for Percentiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50, p90, p99, p99_9, max, .. } = self;
        write!(f, "{p50:>8.1} {p90:>8.1} {p99:>8.1} {p99_9:>8.1} {max:>8.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::Latencies;
    use std::time::Duration;

    #[test]
    fn two_halves_merged_are_the_whole() {
        let all: Vec<_> = (1..=1000).map(Duration::from_millis).collect();
        let mut half = Latencies::of(all.iter().copied().step_by(2)).unwrap();
        half.merge(&Latencies::of(all.iter().copied().skip(1).step_by(2)).unwrap()).unwrap();
        let whole = Latencies::of(all).unwrap().percentiles();
        assert_eq!(half.percentiles(), whole);
        assert_eq!(whole.count, 1000);
        assert!((whole.p50 - 500.0).abs() < 1.0, "{whole:?}");
        assert!((whole.p99_9 - 999.0).abs() < 1.5, "{whole:?}");
        assert!((whole.max - 1000.0).abs() < 1.0, "{whole:?}");
    }

    #[test]
    fn nothing_measured_is_nothing_and_what_is_beyond_all_bounds_is_kept() {
        assert_eq!(Latencies::new().unwrap().percentiles().count, 0);
        let latencies = Latencies::of([Duration::from_secs(3600)]).unwrap().percentiles();
        assert!(latencies.max >= 600_000.0, "{latencies:?}");
    }
}
