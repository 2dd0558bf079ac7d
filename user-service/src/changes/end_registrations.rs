//! Registrations that nobody confirmed in time end, with all they hold; and their links are forgotten a while later.

use crate::{
    Error,
    store::{registration_links, registrations},
};
use service_kit::Tx;
use time::{Duration, OffsetDateTime};

/// Until then a person who opens an old mail is told that its link has expired.
const LINKS_KEPT: Duration = Duration::days(7);
const BATCH: i64 = 500;

/// Some of those that are due at `now`; true when there may be more.
pub(crate) async fn end(tx: &mut Tx, now: OffsetDateTime) -> Result<bool, Error> {
    let ended = registrations::delete_expired(tx, now, BATCH).await?;
    let forgotten = registration_links::delete_expired(tx, now - LINKS_KEPT, BATCH).await?;
    Ok(ended.max(forgotten) == BATCH.unsigned_abs())
}
