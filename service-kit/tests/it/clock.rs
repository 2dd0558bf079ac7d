//! The clock: handed in, to the microsecond, and still when a test wants it to be.

use crate::support::database;
use contracts::EventId;
use service_kit::Clock;
use time::{Duration, OffsetDateTime, macros::datetime};

#[test]
fn a_manual_clock_stands_still_until_it_is_moved() {
    let clock = Clock::manual(datetime!(2026-01-31 23:59:59.999_999 UTC));
    let same = clock.clone();
    assert_eq!(clock.now(), clock.now());
    clock.advance(Duration::microseconds(1));
    assert_eq!(same.now(), datetime!(2026-02-01 00:00 UTC));
}

#[test]
fn the_system_s_clock_is_in_utc_and_is_not_moved() {
    let clock = Clock::system();
    let before = clock.now();
    clock.advance(Duration::days(365));
    let after = clock.now();
    assert!(after >= before && after - before < Duration::hours(1));
    assert!(before.offset().is_utc());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_reads_back_from_the_database_as_it_was_written() {
    let database = database().await;
    for clock in [Clock::system(), Clock::manual(datetime!(2026-01-01 12:00:00.123_456_789 UTC))] {
        let written = clock.now();
        let query = sqlx::query_scalar("SELECT $1::timestamptz").bind(written);
        let read: OffsetDateTime = query.fetch_one(database.pool()).await.unwrap();
        assert_eq!(read, written);
        assert_eq!(written.nanosecond() % 1000, 0);
    }
}

#[test]
fn ids_are_made_in_the_order_of_time() {
    let ids: Vec<EventId> = (0..1000).map(|_| Clock::system().new_id()).collect();
    assert!(ids.is_sorted());
    assert_eq!(ids[0].uuid().get_version_num(), 7);
}
