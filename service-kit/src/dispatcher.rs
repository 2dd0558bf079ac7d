//! Takes deliveries from a bus to the reactions, exactly once in effect: claim, effect and new events commit together;
//! a failure is recorded and tried again later; a delivery is done when one of the two is stored.

use crate::{
    Clock, Database, KitError, Subscriptions, ambient,
    database::in_time,
    inbox::{self, DeadLetter, Due, MAX_ATTEMPTS},
    jobs::Progress,
    trace,
};
use contracts::{RawEvent, ServiceName, events};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use metrics::counter;
use serde_json::Value;
use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};
use time::Duration;
use tokio::sync::Notify;
use uuid::Uuid;

/// What a bus hands over.
#[derive(Debug)]
pub enum Delivery {
    Event {
        event: RawEvent,
        /// The broker handed it out before and heard nothing: the process that had it may have died of it.
        redelivered: bool,
    },
    /// What no reaction can read, or what the broker gave up after its last delivery.
    Dead { body: Vec<u8>, reason: String },
}

/// Where a bus delivers to. `Ok` means stored: the effect, the next attempt, or the dead letter.
pub trait Handler: Send + Sync {
    fn service(&self) -> ServiceName;
    fn handle(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), KitError>>;
}

/// No reaction takes longer.
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(20);
/// How many waiting events are taken at a time, and how many of them are worked side by side.
const DUE: i64 = 8;
const SIDE_BY_SIDE: usize = 4;
/// Nobody else takes them for so long: all of them failing at their deadline fits in.
const LEASE: Duration = Duration::seconds(45);

pub(crate) struct Dispatcher<App> {
    app: App,
    database: Database,
    clock: Clock,
    subscriptions: Subscriptions<App>,
    /// Wakes [`Self::retry_due`] when a row begins to wait.
    pub(crate) retry_wake: Arc<Notify>,
}

enum Outcome {
    Acted,
    KnownBefore,
}

impl<App: Clone + Send + Sync + 'static> Dispatcher<App> {
    pub(crate) fn new(app: App, database: Database, clock: Clock, subscriptions: Subscriptions<App>) -> Self {
        Self { app, database, clock, subscriptions, retry_wake: Arc::default() }
    }

    async fn receive(&self, event: RawEvent, redelivered: bool) -> Result<(), KitError> {
        if redelivered {
            // Whoever had it last may have died of it: store the attempt first, the retry job acts.
            return self.store_attempt(&event, "delivered again: the last attempt did not end", Duration::ZERO).await;
        }
        match self.react(&event, false).await {
            Ok(Outcome::Acted) => count(&event.kind, "done"),
            Ok(Outcome::KnownBefore) => count(&event.kind, "duplicate"),
            Err(reason) => {
                count(&event.kind, "failed");
                tracing::warn!(event.id = %event.id, event.kind, reason, "a reaction failed and will be tried again");
                self.store_attempt(&event, &reason, delay(1)).await?;
            }
        }
        Ok(())
    }

    async fn store_attempt(&self, event: &RawEvent, reason: &str, after: Duration) -> Result<(), KitError> {
        let now = self.clock.now();
        let mut connection = self.database.pool().acquire().await?;
        in_time(inbox::wait(&mut connection, event, reason, now, now + after)).await?;
        self.retry_wake.notify_one();
        Ok(())
    }

    /// One attempt, within its time and whatever happens in it. The error is text: it goes into the inbox, for people.
    async fn react(&self, event: &RawEvent, waiting: bool) -> Result<Outcome, String> {
        // A panic is this event's failure: it must end neither the lane nor the job that others wait in.
        let attempt = AssertUnwindSafe(self.attempt(event, waiting)).catch_unwind();
        match tokio::time::timeout(DEADLINE, attempt).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => Err(format!("the reaction panicked: {}", panic_message(panic.as_ref()))),
            Err(_) => Err("the reaction took longer than 20 s".to_owned()),
        }
    }

    /// Claim and effect in one transaction.
    async fn attempt(&self, event: &RawEvent, waiting: bool) -> Result<Outcome, String> {
        let Some(reaction) = self.subscriptions.find(&event.kind) else {
            return Err(format!("{} has no reaction to {}", self.subscriptions.service(), event.kind));
        };
        let mut tx = self.database.begin().await.map_err(|cause| describe(&cause))?;
        let claimed = if waiting {
            inbox::claim_waiting(&mut tx, event.id).await
        } else {
            inbox::claim(&mut tx, event, self.clock.now()).await
        };
        if !claimed.map_err(|cause| describe(&cause))? {
            return Ok(Outcome::KnownBefore);
        }
        let mut context = trace::Context::continuing(event.traceparent.as_deref());
        context.correlation_id = Some(event.correlation_id);
        context.causation_id = Some(event.id);
        let work = trace::within(context, reaction(self.app.clone(), tx, event.clone()));
        work.await.map(|_committed| Outcome::Acted).map_err(|cause| describe(cause.as_ref()))
    }

    /// The timed job that works on what waits.
    pub(crate) async fn retry_due(&self) -> Result<Progress, KitError> {
        let now = self.clock.now();
        let mut connection = self.database.pool().acquire().await?;
        let due = in_time(inbox::take_due(&mut connection, now, now + LEASE, DUE)).await?;
        drop(connection);
        let progress = if due.is_empty() { Progress::Idle } else { Progress::More };
        let retries = stream::iter(due).map(|row| self.retry(row)).buffer_unordered(SIDE_BY_SIDE);
        // All of them are tried before the first error is told.
        let answers: Vec<_> = retries.collect().await;
        answers.into_iter().collect::<Result<(), _>>()?;
        Ok(progress)
    }

    async fn retry(&self, row: Due) -> Result<(), KitError> {
        let (kind, outcome) = match RawEvent::from_json(row.envelope) {
            // Its attempts were counted and their ends were not: whoever acted on it died of it, again and again.
            Ok(event) if row.attempts > MAX_ATTEMPTS => {
                let before = row.reason.unwrap_or_default();
                (event.kind, Err(format!("the process ended during its last attempt; before that: {before}")))
            }
            Ok(event) => {
                let outcome = self.react(&event, true).await;
                (event.kind, outcome)
            }
            Err(cause) => (String::new(), Err(describe(&cause))),
        };
        let Err(reason) = outcome else { return Ok(()) };
        let next_at = (row.attempts < MAX_ATTEMPTS).then(|| self.clock.now() + delay(row.attempts));
        if next_at.is_none() {
            count(&kind, "dead");
            tracing::error!(event.id = %row.event_id, event.kind = kind, reason, "an event is a dead letter now");
        }
        let mut connection = self.database.pool().acquire().await?;
        Ok(in_time(inbox::failed_again(&mut connection, row.event_id, &reason, next_at)).await?)
    }

    async fn bury(&self, body: &[u8], reason: &str) -> Result<(), KitError> {
        tracing::error!(reason, "a message is a dead letter");
        let now = self.clock.now();
        let mut connection = self.database.pool().acquire().await?;
        let readable = RawEvent::from_slice(body).ok();
        let letter = match &readable {
            Some(event) => DeadLetter {
                event_id: event.id.uuid(),
                kind: &event.kind,
                subject: event.subject,
                sequence: event.sequence,
                reason,
                envelope: event.to_json(),
            },
            None => DeadLetter {
                event_id: id_of(body),
                kind: "unreadable",
                subject: Uuid::nil(),
                sequence: 0,
                reason,
                envelope: Value::String(String::from_utf8_lossy(body).into_owned()),
            },
        };
        Ok(in_time(inbox::bury(&mut connection, letter, now)).await?)
    }
}

impl<App: Clone + Send + Sync + 'static> Handler for Dispatcher<App> {
    fn service(&self) -> ServiceName {
        self.subscriptions.service()
    }

    fn handle(&self, delivery: Delivery) -> BoxFuture<'_, Result<(), KitError>> {
        Box::pin(async move {
            match delivery {
                Delivery::Event { event, redelivered } => self.receive(event, redelivered).await,
                Delivery::Dead { body, reason } => self.bury(&body, &reason).await,
            }
        })
    }
}

/// 0.5 s, 1 s, 2 s … up to a minute, each between half and the whole of it.
fn delay(attempts: i32) -> Duration {
    let whole = Duration::milliseconds(500) * 2_i32.saturating_pow(attempts.clamp(1, 8).unsigned_abs() - 1);
    whole.min(Duration::minutes(1)) * (0.5 + ambient::jitter() / 2.0)
}

/// An unreadable body always gets the same id, so that its redelivery meets its own dead letter.
fn id_of(body: &[u8]) -> Uuid {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What `panic!` was given; it is a text nearly always.
fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// An error with its causes, for people.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

fn count(kind: &str, outcome: &'static str) {
    // Only names of the catalogue become labels: a stranger's message must not make new time series.
    let kind = events::find(kind).map_or("unknown", |event| event.name);
    counter!("events_consumed_total", "type" => kind, "outcome" => outcome).increment(1);
}
