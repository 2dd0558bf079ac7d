//! Takes up payments that are due and that nobody talks about: stored when there was no place for more, to be asked about
//! again, or left behind by who died. They are handed over like those that were just stored.

use crate::{
    at_hand::Begun,
    error::Error,
    state::App,
    store::payments::{self, Stored},
};
use service_kit::jobs::Progress;
use std::sync::{Mutex, PoisonError};
use time::{Duration, OffsetDateTime};

/// Payments that are claimed by one statement.
const SLICE: usize = 64;

/// What came to be due within the last half minute is looked for again and again, what is due for longer once a minute:
/// the index keeps what was settled until the next vacuum, and a look from its beginning would walk all of it.
const LATELY: Duration = Duration::seconds(30);
const WHOLE: Duration = Duration::MINUTE;

/// When all that is due was looked for last; none when there was more.
#[derive(Debug, Default)]
pub(super) struct Looked(Mutex<Option<OffsetDateTime>>);

impl Looked {
    /// What is due since then is looked for now.
    fn since(&self, now: OffsetDateTime) -> OffsetDateTime {
        let mut whole = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Also after a clock was put back.
        if whole.is_some_and(|at| at <= now && now < at + WHOLE) {
            return now - LATELY;
        }
        *whole = Some(now);
        OffsetDateTime::UNIX_EPOCH
    }

    fn begin_anew(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

pub(super) async fn run(app: App, looked: &Looked) -> Result<Progress, Error> {
    let places = app.at_hand.places(SLICE);
    let wanted = places.len();
    let due = if wanted == 0 { Ok(Vec::new()) } else { claim(&app, looked, wanted).await };
    let due = due.inspect_err(|_| looked.begin_anew())?;
    let full = due.len() == wanted;
    let done = if due.is_empty() { Progress::Idle } else { Progress::Found };
    let begun = due.into_iter().zip(places).map(|(payment, place)| Begun { payment, place });
    app.at_hand.give(begun.collect());
    if full {
        looked.begin_anew();
        app.at_hand.more_is_due();
    }
    // Without a place it is woken when there is one.
    Ok(if full && wanted > 0 { Progress::More } else { done })
}

async fn claim(app: &App, looked: &Looked, most: usize) -> Result<Vec<Stored>, Error> {
    let now = app.kit.clock.now();
    let since = looked.since(now);
    // Twice a second there is nothing, which costs one statement.
    if !app.kit.database.glance(|connection| Box::pin(payments::is_due(connection, since, now))).await? {
        return Ok(Vec::new());
    }
    let mut tx = app.kit.database.begin("claim_payments").await?;
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let claimed = payments::claim(&mut tx, since, now, now + app.lease, limit).await?;
    let _committed = tx.commit().await?;
    Ok(claimed)
}
