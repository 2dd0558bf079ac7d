//! Ids are UUIDv7, and so in the order of time: a span of time is a span of ids, which every table has an index for.

use time::{OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

/// The lowest id that an order of this moment can have. An order's id is made shortly before the order: some seconds at the
/// most, unless its checkout was tried again.
pub(crate) fn first_id(at: OffsetDateTime) -> Uuid {
    let milliseconds = (at.unix_timestamp_nanos() / 1_000_000).clamp(0, (1 << 48) - 1);
    Uuid::from_u128(milliseconds.unsigned_abs() << 80)
}

/// The moment that an id was made at; the end of time for one that was not made so.
pub(crate) fn made_at(id: Uuid) -> OffsetDateTime {
    let milliseconds = i128::try_from(id.as_u128() >> 80).unwrap_or_default();
    OffsetDateTime::from_unix_timestamp_nanos(milliseconds * 1_000_000).unwrap_or(PrimitiveDateTime::MAX.assume_utc())
}

#[cfg(test)]
mod tests {
    use super::{first_id, made_at};
    use time::{Duration, OffsetDateTime};

    #[test]
    fn ids_of_a_moment_lie_between_its_first_and_the_next_ones() {
        let at = OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(0x0189_0a5d_ac96);
        let id: uuid::Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert!(first_id(at) < id && id < first_id(at + Duration::milliseconds(1)));
        assert_eq!(made_at(id), at);
        assert!(first_id(OffsetDateTime::UNIX_EPOCH - Duration::DAY).is_nil());
        assert!(made_at(uuid::Uuid::max()) > at);
    }
}
