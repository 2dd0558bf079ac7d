//! What a lab came to.

use operate::terminal::say;

/// How many cases ended as they should.
#[derive(Clone, Copy, Default)]
pub(super) struct Outcome {
    pub(super) good: usize,
    pub(super) bad: usize,
}

impl Outcome {
    /// Says it, and counts it.
    pub(super) fn of(case: &str, good: bool, details: &str) -> Self {
        say(format!("{:<8}{case:<50} {details}", if good { "ok" } else { "NOT OK" }));
        Self { good: usize::from(good), bad: usize::from(!good) }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.good += other.good;
        self.bad += other.bad;
    }
}
