//! Takes deliveries from a bus to the reactions, exactly once in effect: claim, effect and new events commit together;
//! a failure is recorded and tried again later; a delivery is done when one of the two is stored.

use crate::{
    Backoff, Clock, Database, Kit, KitError, Tx,
    bus::{Delivery, Handler},
    cure,
    database::in_time,
    error::describe,
    flow::What,
    inbox::{self, Due, MAX_ATTEMPTS, UNREADABLE, Unreadable},
    jobs::Progress,
    metrics::Consumed,
    points::pass,
    reactions::Reactions,
    spans::{
        Spans,
        conventions::{self, Channel},
    },
    trace,
};
use contracts::{RawEvent, ServiceName};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};
use time::OffsetDateTime;
use tokio::sync::Notify;
use tracing::Instrument;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// No reaction takes longer.
const DEADLINE: Duration = Duration::from_secs(20);
/// How many waiting events are taken at a time, and how many of them are worked side by side.
const DUE: i64 = 8;
const SIDE_BY_SIDE: usize = 4;
/// From so many tries on an event goes alone: it may be the one that its process dies of, and those beside it would
/// die with it, again and again, until they are given up as well.
const ALONE_FROM: i32 = 2;
/// Nobody else takes one for so long, from when it is taken and again from when it is begun.
const LEASE: Duration = Duration::from_secs(45);
/// Before the next attempt; 32 s before the last one.
const FAILED: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(32));

pub(crate) struct Dispatcher {
    database: Database,
    clock: Clock,
    reactions: Reactions,
    spans: Spans,
    channel: Channel,
    consumed: Consumed,
    /// Wakes [`Self::retry_due`] when a row begins to wait.
    pub(crate) retry_wake: Arc<Notify>,
}

enum Outcome {
    Acted,
    KnownBefore,
}

#[derive(Clone, Copy)]
pub(crate) enum Try {
    /// As it comes from the bus.
    Fresh,
    /// It waits in the inbox; so many tries were begun, this one included.
    Again(i32),
}

impl Try {
    fn number(self) -> i32 {
        match self {
            Self::Fresh => 1,
            Self::Again(attempts) => attempts,
        }
    }
}

impl Dispatcher {
    pub(crate) fn new(kit: &Kit, reactions: Reactions) -> Self {
        Self {
            database: kit.database.clone(),
            clock: kit.clock.clone(),
            channel: kit.bus.incoming(reactions.service()),
            consumed: Consumed::new(reactions.service()),
            reactions,
            spans: kit.spans.clone(),
            retry_wake: Arc::default(),
        }
    }

    async fn receive(&self, event: RawEvent, redelivered: bool) -> Result<(), KitError> {
        if redelivered {
            // Whoever had it last may have died of it: store the attempt first, the retry job acts.
            self.store_attempt(&event, "delivered again: the last attempt did not end", Duration::ZERO).await?;
            return Ok(());
        }
        let began = Instant::now();
        let outcome = self.react(&event, Try::Fresh).await;
        let what = match &outcome {
            Ok(Outcome::Acted) => What::Done,
            Ok(Outcome::KnownBefore) => What::Duplicate,
            Err(_) => What::Failed,
        };
        self.show(what, &event, began);
        let Err(reason) = outcome else { return Ok(()) };
        tracing::warn!(error.message = reason, "a reaction failed and will be tried again");
        self.record_failure(&event, &reason).await
    }

    /// Stored before the message is acknowledged: the broker forgets it then.
    #[cure(failure_recorded, skip)]
    async fn record_failure(&self, event: &RawEvent, reason: &str) -> Result<(), KitError> {
        self.store_attempt(event, reason, FAILED.pause(1)).await?;
        Ok(())
    }

    /// From here on its attempts are counted in the inbox alone, and end there: it cannot come back to the broker.
    async fn take_over(&self, event: RawEvent, reason: &str) -> Result<(), KitError> {
        if self.store_attempt(&event, reason, Duration::ZERO).await? {
            tracing::warn!(error.message = reason, "an event the broker gave up waits in the inbox for another try");
        } else {
            tracing::info!(error.message = reason, "an event the broker gave up is in the inbox already");
        }
        Ok(())
    }

    fn show(&self, what: What, event: &RawEvent, began: Instant) {
        self.database.flow().happened(what, event, Some(began.elapsed()));
    }

    /// False when the event has a row already, which stays as it is.
    async fn store_attempt(&self, event: &RawEvent, reason: &str, after: Duration) -> Result<bool, KitError> {
        let now = self.clock.now();
        let mut connection = self.database.acquire().await?;
        let waits = in_time(inbox::wait(&mut connection, event, reason, now, now + after)).await?;
        self.retry_wake.notify_one();
        Ok(waits)
    }

    /// One attempt, within its time and whatever happens in it. The error is text: it goes into the inbox, for people.
    async fn react(&self, event: &RawEvent, attempt: Try) -> Result<Outcome, String> {
        let (started, consumed) = (Instant::now(), self.consumed.of(&event.kind));
        let outcome = self.contained(event, attempt).await;
        consumed.duration.record(started.elapsed());
        match outcome {
            Ok(Outcome::Acted) => consumed.acted(self.clock.now() - event.time),
            Ok(Outcome::KnownBefore) => consumed.duplicate.increment(1),
            Err(_) => consumed.failed.increment(1),
        }
        outcome
    }

    async fn contained(&self, event: &RawEvent, attempt: Try) -> Result<Outcome, String> {
        let describe = || conventions::process(event, &self.channel, attempt.number());
        let (mut span, mut context) = self.spans.begin(event.traceparent.as_deref(), describe);
        context.correlation_id = Some(event.correlation_id);
        context.causation_id = Some(event.id);
        // A panic is this event's failure: it must end neither the lane nor the job that others wait in.
        let work = AssertUnwindSafe(trace::within(context, self.attempt(event, attempt))).catch_unwind();
        let outcome = match tokio::time::timeout(DEADLINE, work).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => Err(format!("the reaction panicked: {}", panic_message(panic.as_ref()))),
            Err(_) => Err("the reaction took longer than 20 s".to_owned()),
        };
        span.judge(&outcome);
        span.set(
            conventions::OUTCOME,
            match outcome {
                Ok(Outcome::Acted) => "done",
                Ok(Outcome::KnownBefore) => "duplicate",
                Err(_) => "failed",
            },
        );
        outcome
    }

    async fn attempt(&self, event: &RawEvent, attempt: Try) -> Result<Outcome, String> {
        let Some((kind, reaction)) = self.reactions.find(&event.kind) else {
            return Err(format!("{} has no reaction to {}", self.reactions.service(), event.kind));
        };
        let claimed = claimed(&self.database, kind, event, attempt, self.clock.now()).await;
        let Some(tx) = claimed.map_err(|cause| describe(&cause))? else { return Ok(Outcome::KnownBefore) };
        pass("", "consume").await.map_err(|cause| describe(&cause))?;
        let work = reaction(tx, vec![event.clone()]);
        work.await.map(|_committed| Outcome::Acted).map_err(|cause| describe(cause.as_ref()))
    }

    /// The timed job that works on what waits.
    pub(crate) async fn retry_due(&self) -> Result<Progress, KitError> {
        let now = self.clock.now();
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
                let began = Instant::now();
                let outcome = self.react(&event, Try::Again(attempts)).await;
                let what = match &outcome {
                    Ok(Outcome::Acted) => What::Done,
                    Ok(Outcome::KnownBefore) => What::Duplicate,
                    Err(_) if attempts < MAX_ATTEMPTS => What::Failed,
                    Err(_) => What::Dead,
                };
                self.show(what, &event, began);
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

    /// What every line about this event says. At the highest level, so that it is there whatever is filtered.
    fn span(&self, id: Uuid, kind: Option<&str>, traceparent: Option<&str>) -> tracing::Span {
        tracing::error_span!(
            "reaction", service.name = self.reactions.service().as_str(), event.id = %id, event.action = kind,
            trace.id = trace::id_of(traceparent)
        )
    }

    /// Whoever throws away what they cannot read will never know what it was.
    #[cure(dead_letter_kept, skip)]
    async fn bury(&self, body: &[u8], reason: &str) -> Result<(), KitError> {
        let text = String::from_utf8_lossy(body).into_owned();
        let letter = Unreadable { id: inbox::id_of_unreadable(body), body: text, reason };
        let mut connection = self.database.acquire().await?;
        // Told once, however often it comes.
        if in_time(inbox::bury(&mut connection, letter, self.clock.now())).await? {
            tracing::error!(error.message = reason, "a message is a dead letter");
            self.consumed.of(UNREADABLE).dead.increment(1);
        }
        Ok(())
    }
}

impl Handler for Dispatcher {
    fn service(&self) -> ServiceName {
        self.reactions.service()
    }

    fn handle(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), KitError>> {
        Box::pin(async move {
            let span = |event: &RawEvent| self.span(event.id.uuid(), Some(&event.kind), event.traceparent.as_deref());
            match delivery {
                Delivery::Event { event, redelivered } => {
                    let span = span(&event);
                    self.receive(event, redelivered).instrument(span).await
                }
                Delivery::GivenUp { event, reason } => {
                    let span = span(&event);
                    self.take_over(event, &reason).instrument(span).await
                }
                Delivery::Unreadable { body, reason } => self.bury(&body, &reason).await,
            }
        })
    }
}

/// The transaction of the claim, in which the effect follows; none when the event was claimed before. A claim that commits
/// by itself marks as done what may never be done.
#[cure(claim_with_effect, instead = crate::labs::mistakes::claim_apart)]
async fn claimed(
    database: &Database,
    work: &'static str,
    event: &RawEvent,
    attempt: Try,
    now: OffsetDateTime,
) -> Result<Option<Tx>, sqlx::Error> {
    let mut tx = database.begin(work).await?;
    Ok(claim(&mut tx, event, attempt, now).await?.then_some(tx))
}

pub(crate) async fn claim(
    tx: &mut Tx,
    event: &RawEvent,
    attempt: Try,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    match attempt {
        Try::Fresh => inbox::claim(tx, event, now).await,
        Try::Again(_) => inbox::claim_waiting(tx, event.id).await,
    }
}

/// What `panic!` was given; it is a text nearly always.
fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
