//! What waits in the inbox for another try: taken by the retry job, each by itself.

use super::{Dispatcher, FAILED, Try};
use crate::{
    KitError,
    database::in_time,
    error::describe,
    flow::What,
    inbox::{self, Due, MAX_ATTEMPTS},
    jobs::Progress,
};
use contracts::RawEvent;
use futures_util::{StreamExt, stream};
use std::time::{Duration, Instant};
use tracing::Instrument;

/// How many waiting events are taken at a time, and how many of them are worked side by side.
const DUE: i64 = 8;
const SIDE_BY_SIDE: usize = 4;
/// From so many tries on an event goes alone: it may be the one that its process dies of, and those beside it would
/// die with it, again and again, until they are given up as well.
const ALONE_FROM: i32 = 2;
/// Nobody else takes one for so long, from when it is taken and again from when it is begun.
const LEASE: Duration = Duration::from_secs(45);
impl Dispatcher {
    /// The timed job that works on what waits.
    pub(crate) async fn retry_due(&self) -> Result<Progress, KitError> {
        let now = self.clock.now();
        if !self.database.glance(|connection| Box::pin(inbox::is_due(connection, now))).await? {
            return Ok(Progress::Idle);
        }
        let mut connection = self.database.acquire().await?;
        let lease = now + LEASE;
        let due = in_time(inbox::take_due(&mut connection, now, lease, DUE)).await?;
        drop(connection);
        let progress = if due.is_empty() { Progress::Idle } else { Progress::More };
        let (alone, together): (Vec<_>, Vec<_>) = due.into_iter().partition(|row| row.attempts >= ALONE_FROM);
        // All of them are tried before the first error is told.
        let retries = stream::iter(together).map(|row| self.retry(row)).buffer_unordered(SIDE_BY_SIDE);
        let mut answers: Vec<_> = retries.collect().await;
        for row in alone {
            // What is left by then is anybody's, and the next run's first.
            if self.clock.now() > lease {
                break;
            }
            answers.push(self.retry(row).await);
        }
        answers.into_iter().collect::<Result<(), _>>()?;
        Ok(progress)
    }

    async fn retry(&self, row: Due) -> Result<(), KitError> {
        let span = self.span(row.event_id, row.envelope["type"].as_str(), row.envelope["traceparent"].as_str());
        self.retry_one(row).instrument(span).await
    }

    async fn retry_one(&self, row: Due) -> Result<(), KitError> {
        let attempts = row.attempts + 1;
        let mut connection = self.database.acquire().await?;
        let lease = self.clock.now() + LEASE;
        if !in_time(inbox::begin(&mut connection, row.event_id, row.attempts, lease)).await? {
            return Ok(());
        }
        drop(connection);
        let (kind, outcome) = match RawEvent::from_json(row.envelope) {
            // Its attempts were counted and their ends were not: whoever acted on it died of it, again and again.
            Ok(event) if attempts > MAX_ATTEMPTS => {
                let before = row.reason.unwrap_or_default();
                self.database.flow().happened(What::Dead, &event, None);
                (event.kind, Err(format!("the process ended during its last attempt; before that: {before}")))
            }
            Ok(event) => {
                let (began, alone) = (Instant::now(), [event]);
                let outcome = match self.react(&alone, Try::Again(attempts)).await {
                    Ok(acted) => {
                        self.tell(&alone, &acted, began);
                        Ok(())
                    }
                    Err(failure) => {
                        self.consumed.of(&alone[0].kind).failed.increment(1);
                        let what = if attempts < MAX_ATTEMPTS { What::Failed } else { What::Dead };
                        self.show(what, &alone[0], began);
                        Err(failure.reason)
                    }
                };
                let [event] = alone;
                (event.kind, outcome)
            }
            Err(cause) => (String::new(), Err(describe(&cause))),
        };
        let Err(reason) = outcome else { return Ok(()) };
        let next_at = (attempts < MAX_ATTEMPTS).then(|| self.clock.now() + FAILED.pause(attempts.unsigned_abs()));
        if next_at.is_none() {
            tracing::error!(error.message = reason, "an event is a dead letter now");
        }
        let mut connection = self.database.acquire().await?;
        in_time(inbox::failed_again(&mut connection, row.event_id, &reason, next_at)).await?;
        if next_at.is_none() {
            self.consumed.of(&kind).dead.increment(1);
        }
        Ok(())
    }
}
