//! How far a mail has come, and when it is tried again.

use serde::{Deserialize, Serialize};
use time::Duration;
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryStatus {
    /// For its next attempt.
    Waiting,
    /// An attempt is being made.
    Sending,
    /// The mail server has taken it.
    Sent,
    /// Given up.
    Failed,
}

impl DeliveryStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

/// How long to wait after the given attempt failed: 1 s, 2 s, 4 s … up to an hour, each between half and the whole of
/// it, so that what failed together does not come back together. `jitter` lies in `0.0..1.0`.
pub(crate) fn delay(attempts: i32, jitter: f64) -> Duration {
    let whole = Duration::seconds(1 << attempts.clamp(1, 13).saturating_sub(1)).min(Duration::hours(1));
    whole * (0.5 + jitter / 2.0)
}

#[cfg(test)]
mod tests {
    use super::delay;
    use time::Duration;

    #[test]
    fn delays_grow_to_an_hour_and_keep_apart() {
        let longest: Vec<_> = (1..=20).map(|attempts| delay(attempts, 1.0)).collect();
        assert_eq!(longest[..3], [Duration::seconds(1), Duration::seconds(2), Duration::seconds(4)]);
        assert!(longest.is_sorted());
        assert_eq!(longest[19], Duration::hours(1));
        assert_eq!(delay(5, 0.0), delay(5, 1.0) / 2);
        assert_eq!(delay(i32::MAX, 1.0), Duration::hours(1));
    }
}
