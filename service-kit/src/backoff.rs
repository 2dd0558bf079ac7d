//! How long to wait before something that failed is tried again.

use crate::ambient;
use std::time::Duration;

/// Pauses that double from the first to the longest. Each wait lies between half and the whole of its pause, so that what
/// failed together does not come back together.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
}

impl Backoff {
    /// The first pause is about `first`, and none is longer than `longest`.
    #[must_use]
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest }
    }

    /// The wait after the `attempts`-th failure, counted from 1; what lies below counts as 1.
    #[must_use]
    pub fn pause(&self, attempts: u32) -> Duration {
        self.whole(attempts).mul_f64(0.5 + ambient::jitter() / 2.0)
    }

    /// The pause of which [`Self::pause`] takes at least the half.
    #[must_use]
    pub fn whole(&self, attempts: u32) -> Duration {
        let doubled = 2_u32.checked_pow(attempts.saturating_sub(1)).and_then(|times| self.first.checked_mul(times));
        doubled.map_or(self.longest, |whole| whole.min(self.longest))
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;
    use proptest::prelude::*;
    use std::time::Duration;

    const BACKOFF: Backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(15));

    #[test]
    fn pauses_double_up_to_the_longest() {
        let wholes: Vec<_> = [0, 1, 2, 3, 6, 7, 8, u32::MAX].map(|attempts| BACKOFF.whole(attempts).as_millis()).into();
        assert_eq!(wholes, [250, 250, 500, 1000, 8000, 15_000, 15_000, 15_000]);
    }

    proptest! {
        #[test]
        fn each_wait_lies_between_half_and_the_whole_of_its_pause(attempts: u32) {
            let (pause, whole) = (BACKOFF.pause(attempts), BACKOFF.whole(attempts));
            prop_assert!(whole / 2 <= pause && pause <= whole, "{pause:?} of {whole:?}");
        }
    }
}
