//! Tables that grow with every order are pruned from their old end: in the order of their ids, which are UUIDv7 and so of
//! time, a bounded piece in a transaction. How far is written in that transaction: whoever meets an id below the mark
//! knows that its row may have been there.

use futures_util::future::BoxFuture;
use sqlx::PgConnection;
use std::ops::Range;
use time::OffsetDateTime;
use uuid::Uuid;

/// So many rows are looked at in one transaction: some milliseconds of locks on rows that nobody wants.
pub const AT_ONCE: i64 = 500;

/// The id that so many rows ([`AT_ONCE`]) lie before, of those in a range; none when there are fewer.
pub type Next = for<'c> fn(&'c mut PgConnection, Range<Uuid>) -> BoxFuture<'c, Result<Option<Uuid>, sqlx::Error>>;
/// Deletes what is in a range and waits for nothing; how many rows.
pub type Delete = for<'c> fn(&'c mut PgConnection, Range<Uuid>) -> BoxFuture<'c, Result<u64, sqlx::Error>>;

/// A table that is pruned by its ids. It has a row in `pruned`.
#[derive(Clone, Copy)]
pub struct Pruning {
    /// Its name there.
    pub table: &'static str,
    /// Where a piece ends.
    pub next: Next,
    /// What goes.
    pub delete: Delete,
}

/// Up to when a table was pruned, in UTC; none while nothing was.
///
/// # Errors
/// The database is away.
pub async fn pruned_to(connection: &mut PgConnection, table: &str) -> Result<Option<OffsetDateTime>, sqlx::Error> {
    let mark = sqlx::query_scalar!("SELECT up_to FROM pruned WHERE table_name = $1", table);
    Ok(mark.fetch_optional(connection).await?.and_then(time_of))
}

/// The lowest id that can have been made then (UUIDv7, RFC 9562).
#[must_use]
pub fn first_id_of(time: OffsetDateTime) -> Uuid {
    let milliseconds = u128::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
    Uuid::from_u128(milliseconds << 80)
}

/// The time in a mark's first 48 bits; none where nothing was pruned.
#[must_use]
pub fn time_of(mark: Uuid) -> Option<OffsetDateTime> {
    let milliseconds = i128::try_from(mark.as_u128() >> 80).ok().filter(|milliseconds| *milliseconds > 0)?;
    OffsetDateTime::from_unix_timestamp_nanos(milliseconds * 1_000_000).ok()
}
