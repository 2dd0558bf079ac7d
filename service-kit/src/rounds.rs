//! When a process looks that has nothing to do: seldom, and for all that there is to look for at the same moments,
//! since it is waking up that costs.

use std::{sync::LazyLock, time::Duration};
use tokio::time::Instant;

/// After so long without anything to do timed work looks less often.
pub(crate) const QUIET: Duration = Duration::from_secs(60);
/// The moments of a process that has nothing to do; who looks less often takes every second of them, or every fourth.
pub(crate) const SELDOM: Duration = Duration::from_secs(5);

static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Until the next of the moments, `every` so often, at which all of this process look that wait for it. Not those of
/// the clock on the wall: other processes have their own.
pub(crate) fn next_round(every: Duration) -> Duration {
    until_round(BEGIN.elapsed(), every)
}

fn until_round(since: Duration, every: Duration) -> Duration {
    let nanoseconds = every.as_nanos().max(1);
    Duration::from_nanos(u64::try_from(nanoseconds - since.as_nanos() % nanoseconds).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::until_round;
    use std::time::Duration;

    #[test]
    fn in_a_quiet_minute_all_of_a_process_look_at_the_same_moments() {
        let milliseconds = Duration::from_millis;
        for (since, every, wait) in [(0, 5000, 5000), (1, 5000, 4999), (4999, 5000, 1), (5000, 5000, 5000)] {
            assert_eq!(until_round(milliseconds(since), milliseconds(every)), milliseconds(wait), "{since}");
        }
        // Who looks every minute is among those who look every five seconds.
        let (since, minute) = (milliseconds(61_234), milliseconds(60_000));
        let both = [milliseconds(5000), minute].map(|every| (since + until_round(since, every)).as_millis() % 5000);
        assert_eq!(both, [0, 0]);
    }
}
