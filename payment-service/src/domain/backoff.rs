//! How long to wait before the provider is called again.

use time::Duration;

const FIRST: Duration = Duration::milliseconds(250);
/// Small enough that everything settles within a minute after the provider is back.
const LONGEST: Duration = Duration::seconds(15);

/// After the `attempts`-th call: 0.25 s, 0.5 s, 1 s … 15 s, of which `jitter` (0 to 1) takes away up to a half, so that
/// what failed together does not come back together.
pub(crate) fn pause_after(attempts: i32, jitter: f64) -> Duration {
    let doublings = attempts.clamp(1, 8).unsigned_abs() - 1;
    let whole = (FIRST * 2_i32.pow(doublings)).min(LONGEST);
    whole * (1.0 - jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::pause_after;
    use time::Duration;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        assert_eq!(pause_after(1, 0.0), Duration::milliseconds(250));
        assert_eq!(pause_after(3, 0.0), Duration::seconds(1));
        assert_eq!(pause_after(3, 1.0), Duration::milliseconds(500));
        for attempts in [7, 8, 1000, i32::MAX] {
            assert_eq!(pause_after(attempts, 0.0), Duration::seconds(15), "{attempts}");
        }
        for attempts in [i32::MIN, -1, 0] {
            assert_eq!(pause_after(attempts, 0.0), Duration::milliseconds(250), "{attempts}");
        }
    }
}
