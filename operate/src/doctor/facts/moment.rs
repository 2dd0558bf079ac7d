//! A time as the doctor compares it: any that PostgreSQL can hold, also `infinity`, which no calendar type takes.

use sqlx::{
    Decode, Postgres, Type,
    error::BoxDynError,
    postgres::{PgTypeInfo, PgValueFormat, PgValueRef},
};
use std::{fmt, time::Duration};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(i64);

/// From 1970 to 2000, where PostgreSQL begins to count.
const UNTIL_2000: i64 = 946_684_800_000_000;

impl Moment {
    pub(crate) fn back(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }

    pub(crate) fn on(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Moment {
    /// As a calendar has it; what none has is 1970.
    pub(crate) fn time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl From<OffsetDateTime> for Moment {
    fn from(time: OffsetDateTime) -> Self {
        Self(i64::try_from(time.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1_000_000));
        let text = time.ok().and_then(|time| time.format(&Rfc3339).ok());
        f.write_str(text.as_deref().unwrap_or("a time beyond all calendars"))
    }
}

impl Type<Postgres> for Moment {
    fn type_info() -> PgTypeInfo {
        <OffsetDateTime as Type<Postgres>>::type_info()
    }
}

impl<'r> Decode<'r, Postgres> for Moment {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        match value.format() {
            PgValueFormat::Binary => Ok(Self(<i64 as Decode<Postgres>>::decode(value)?.saturating_add(UNTIL_2000))),
            PgValueFormat::Text => Ok(<OffsetDateTime as Decode<Postgres>>::decode(value)?.into()),
        }
    }
}
