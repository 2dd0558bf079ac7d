//! When the provider is called again after it gave no clear answer.

use service_kit::Backoff;
use std::time::Duration;
use time::OffsetDateTime;

/// 0.25 s, 0.5 s, 1 s … 15 s: small enough that everything settles within a minute after the provider is back.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(15));

/// After the `attempts`-th call.
pub(crate) fn after(attempts: i32, now: OffsetDateTime) -> OffsetDateTime {
    now + BACKOFF.pause(counted(attempts))
}

fn counted(attempts: i32) -> u32 {
    u32::try_from(attempts).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{BACKOFF, counted};
    use std::time::Duration;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let whole = |attempts| BACKOFF.whole(counted(attempts));
        assert_eq!(whole(1), Duration::from_millis(250));
        assert_eq!(whole(3), Duration::from_secs(1));
        for attempts in [7, 8, 1000, i32::MAX] {
            assert_eq!(whole(attempts), Duration::from_secs(15), "{attempts}");
        }
        for attempts in [i32::MIN, -1, 0] {
            assert_eq!(whole(attempts), Duration::from_millis(250), "{attempts}");
        }
        for _ in 0..100 {
            let pause = BACKOFF.pause(counted(3));
            assert!((Duration::from_millis(500)..=Duration::from_secs(1)).contains(&pause), "{pause:?}");
        }
    }
}
