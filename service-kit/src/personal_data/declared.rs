//! What a service says of the people it keeps data of.

use crate::Tx;
use contracts::AccountId;
use futures_util::future::BoxFuture;
use serde_json::Value;
use sqlx::PgConnection;
use std::error::Error;
use uuid::Uuid;

/// What went wrong in a service's own part.
pub type BoxedError = Box<dyn Error + Send + Sync>;

/// So many rows are erased by one transaction at the most.
pub const ERASED_AT_ONCE: i64 = 500;
/// So many things are in one piece of an export.
pub const EXPORTED_AT_ONCE: i64 = 50;
/// And so many bytes of JSON, unless one thing alone has more: a request's body may have 256 KiB.
const PIECE_BYTES: usize = 192 * 1024;

/// Erases up to [`ERASED_AT_ONCE`] rows of the person under any of these ids, in the transaction; gives how many. None once
/// nothing is left.
pub type Erase<App> = for<'a> fn(&'a App, &'a mut Tx, &'a [Uuid]) -> BoxFuture<'a, Result<u64, BoxedError>>;

/// Makes up to [`ERASED_AT_ONCE`] rows of the first's those of the second, in the transaction; gives how many. None once
/// nothing is left.
pub type Join<App> = for<'a> fn(&'a App, &'a mut Tx, AccountId, AccountId) -> BoxFuture<'a, Result<u64, BoxedError>>;

/// Reads up to [`EXPORTED_AT_ONCE`] of the person's things after one of them, in whatever order goes on.
pub type Read<App> =
    for<'a> fn(&'a App, &'a mut PgConnection, AccountId, Option<Uuid>) -> BoxFuture<'a, Result<Things, BoxedError>>;

/// Some of a person's things, as they are handed over.
#[derive(Debug, Default)]
pub struct Things {
    /// Each an object.
    pub items: Vec<Value>,
    /// After which it goes on; none at the end.
    pub next: Option<Uuid>,
}

/// One kind of what a service keeps of people.
pub struct Kind<App: 'static> {
    /// As the person reads it, e.g. `orders`.
    pub name: &'static str,
    /// Where it comes from.
    pub read: Read<App>,
}

/// What a service keeps of people.
pub struct PersonalData<App: 'static> {
    /// What it erases, besides answers stored under idempotency keys, which the kit does.
    pub erase: Erase<App>,
    /// What of a guest's becomes the account's they have joined.
    pub join: Join<App>,
    /// What it hands over.
    pub kinds: &'static [Kind<App>],
}

/// The receipt of a service, as its event: whose, and how many rows.
pub type Receipt<R> = fn(AccountId, i64) -> R;

impl Things {
    /// Of rows, each with its id, of which up to [`EXPORTED_AT_ONCE`] were asked for: as many as fit into a piece.
    #[must_use]
    pub fn of(mut rows: Vec<(Uuid, Value)>) -> Self {
        let full = rows.len() == usize::try_from(EXPORTED_AT_ONCE).unwrap_or(usize::MAX);
        let mut bytes = 0;
        let mut fits = |item: &Value| {
            bytes += item.to_string().len();
            bytes <= PIECE_BYTES
        };
        let fitting = rows.iter().take_while(|(_, item)| fits(item)).count().max(1);
        let goes_on = full || fitting < rows.len();
        rows.truncate(fitting);
        let next = rows.last().map(|(id, _)| *id).filter(|_| goes_on);
        Self { items: rows.into_iter().map(|(_, item)| item).collect(), next }
    }
}

#[cfg(test)]
mod tests {
    use super::{EXPORTED_AT_ONCE, PIECE_BYTES, Things};
    use serde_json::json;
    use uuid::Uuid;

    fn things(number: usize, bytes: usize) -> Things {
        Things::of((0..number).map(|_| (Uuid::nil(), json!({ "name": "x".repeat(bytes) }))).collect())
    }

    #[test]
    fn a_piece_holds_what_fits_into_a_request_and_goes_on_after_it() {
        let full = usize::try_from(EXPORTED_AT_ONCE).unwrap();
        for (number, bytes, fit, goes_on) in [
            (0, 10, 0, false),
            (3, 10, 3, false),
            (full, 10, full, true),
            (full, PIECE_BYTES / 4, 3, true),
            (5, PIECE_BYTES / 4, 3, true),
            (2, PIECE_BYTES, 1, true),
            (1, PIECE_BYTES, 1, false),
        ] {
            let Things { items, next } = things(number, bytes);
            assert_eq!((items.len(), next.is_some()), (fit, goes_on), "{number} of {bytes}");
        }
    }
}
