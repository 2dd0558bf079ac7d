//! When an hour's orders are counted: once hardly anything of them changes any more.

use time::{Duration, OffsetDateTime};

/// The hour that a moment lies in.
pub(crate) fn hour_of(at: OffsetDateTime) -> OffsetDateTime {
    let begun = at.unix_timestamp().div_euclid(3600).saturating_mul(3600);
    OffsetDateTime::from_unix_timestamp(begun).unwrap_or(at)
}

/// Hours that begin before then are counted. An order is paid or given up within its deadline, and what is late has as long
/// again; no less than an hour.
pub(crate) fn counted_before(now: OffsetDateTime, payment_deadline: Duration) -> OffsetDateTime {
    hour_of(now.saturating_sub(payment_deadline.saturating_mul(2).max(Duration::HOUR)))
}

#[cfg(test)]
mod tests {
    use super::{counted_before, hour_of};
    use time::{Duration, OffsetDateTime};

    #[test]
    fn an_hour_is_counted_once_it_is_over_for_an_hour_or_for_two_deadlines() {
        let ten = OffsetDateTime::UNIX_EPOCH + Duration::hours(10);
        assert_eq!(hour_of(ten + Duration::minutes(59)), ten);
        // At 10:30 the hour from 8 to 9 is counted, and no later one.
        assert_eq!(counted_before(ten + Duration::minutes(30), Duration::minutes(10)), ten - Duration::HOUR);
        assert_eq!(counted_before(ten, Duration::hours(2)), ten - Duration::hours(4));
    }
}
