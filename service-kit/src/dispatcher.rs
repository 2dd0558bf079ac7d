//! Takes deliveries from a bus to the reactions, exactly once in effect: claim, effect and new events commit together;
//! a failure is recorded and tried again later; a delivery is done when one of the two is stored.

use crate::{
    Backoff, Clock, Database, Kit, KitError, Tx,
    bus::{Delivery, Handler},
    cure,
    database::in_time,
    flow::What,
    inbox::{self, FORGOTTEN, Stored, UNREADABLE, Unreadable},
    metrics::Consumed,
    points::pass,
    reactions::Reactions,
    spans::{Processing, Spans, conventions::Channel},
    trace,
};
use contracts::{RawEvent, ServiceName};
use futures_util::{FutureExt, future::BoxFuture};
use std::{
    any::Any,
    collections::BTreeSet,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};
use time::OffsetDateTime;
use tokio::sync::Notify;
use tracing::Instrument;
use uuid::Uuid;

mod failure;
#[cfg(test)]
mod tests;
mod waiting;

pub(crate) use failure::Failure;
use failure::Remedy;

/// No reaction takes longer.
const DEADLINE: Duration = Duration::from_secs(20);
/// Before the next attempt; 32 s before the last one.
const FAILED: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(32));

pub(crate) struct Dispatcher {
    pub(crate) database: Database,
    pub(crate) clock: Clock,
    reactions: Reactions,
    spans: Spans,
    channel: Channel,
    consumed: Consumed,
    /// Wakes [`Self::retry_due`] when a row begins to wait.
    pub(crate) retry_wake: Arc<Notify>,
}

/// Which of the events of an attempt it acted on; the others were known before.
type Acted = BTreeSet<Uuid>;

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

    /// Fresh events of one type. Each is stored when this is done: its effect, or its next attempt.
    async fn receive(&self, events: Vec<RawEvent>) -> Result<(), KitError> {
        let began = Instant::now();
        match self.react(&events, Try::Fresh).await {
            Ok(acted) => self.tell(&events, &acted, began),
            // As many time-outs in a row as there are events would help nobody: the retry job goes on, alone with each.
            Err(failure) if failure.remedy == Remedy::Later => {
                self.record_failures(&events, &failure.reason, began).await?;
            }
            Err(failure) => self.apart(events, failure, began).await?,
        }
        Ok(())
    }

    /// After a failure for a reason in the data: each by itself, so that one takes no others along.
    #[cure(each_alone, instead = crate::labs::mistakes::all_dead)]
    async fn apart(&self, events: Vec<RawEvent>, failure: Failure, began: Instant) -> Result<(), KitError> {
        if let [_alone] = &events[..] {
            return self.record_failures(&events, &failure.reason, began).await;
        }
        tracing::info!(error.message = failure.reason, events = events.len(), "together they failed; one by one now");
        for event in events {
            let (span, alone, began) = (self.span_of(&event), [event], Instant::now());
            let work = async {
                match self.react(&alone, Try::Fresh).await {
                    Ok(acted) => self.tell(&alone, &acted, began),
                    Err(failure) => self.record_failures(&alone, &failure.reason, began).await?,
                }
                Ok::<_, KitError>(())
            };
            work.instrument(span).await?;
        }
        Ok(())
    }

    async fn record_failures(&self, events: &[RawEvent], reason: &str, began: Instant) -> Result<(), KitError> {
        for event in events {
            self.consumed.of(&event.kind).failed.increment(1);
            self.show(What::Failed, event, began);
        }
        tracing::warn!(error.message = reason, events = events.len(), "a reaction failed and will be tried again");
        self.record(events, reason).await
    }

    /// Stored before the message is acknowledged: the broker forgets it then.
    #[cure(failure_recorded, skip)]
    async fn record(&self, events: &[RawEvent], reason: &str) -> Result<(), KitError> {
        self.store_attempts(events, reason, FAILED.pause(1)).await?;
        Ok(())
    }

    /// From here on its attempts are counted in the inbox alone, and end there: it cannot come back to the broker.
    async fn take_over(&self, event: RawEvent, reason: &str) -> Result<(), KitError> {
        if self.store_attempts(&[event], reason, Duration::ZERO).await?.waiting > 0 {
            tracing::warn!(error.message = reason, "an event the broker gave up waits in the inbox for another try");
        } else {
            tracing::info!(error.message = reason, "an event the broker gave up is in the inbox already");
        }
        Ok(())
    }

    fn show(&self, what: What, event: &RawEvent, began: Instant) {
        self.database.flow().happened(what, event, Some(began.elapsed()));
    }

    /// Tells of each what became of it: done, or known before.
    fn tell(&self, events: &[RawEvent], acted: &Acted, began: Instant) {
        let now = self.clock.now();
        let mut acted = acted.clone();
        for event in events {
            let consumed = self.consumed.of(&event.kind);
            if acted.remove(&event.id.uuid()) {
                consumed.acted(now - event.time);
                self.show(What::Done, event, began);
            } else {
                consumed.duplicate.increment(1);
                self.show(What::Duplicate, event, began);
            }
        }
    }

    /// By one statement. An event that has a row already keeps it.
    async fn store_attempts(&self, events: &[RawEvent], reason: &str, after: Duration) -> Result<Stored, KitError> {
        let now = self.clock.now();
        let mut connection = self.database.acquire().await?;
        let stored = in_time(inbox::wait(&mut connection, events, reason, now, now + after)).await?;
        for kind in &stored.forgotten {
            tracing::error!(event.action = kind, error.message = FORGOTTEN, "an event is a dead letter");
            self.consumed.of(kind).dead.increment(1);
        }
        self.retry_wake.notify_one();
        Ok(stored)
    }

    /// One attempt at events of one type together; a second one where they met others.
    async fn react(&self, events: &[RawEvent], attempt: Try) -> Result<Acted, Failure> {
        let first = self.contained(events, attempt).await;
        match first {
            Err(Failure { remedy: Remedy::OnceMore, .. }) => self.contained(events, attempt).await,
            other => other,
        }
    }

    /// Within its time and whatever happens in it.
    async fn contained(&self, events: &[RawEvent], attempt: Try) -> Result<Acted, Failure> {
        let (started, mut handed) = (Instant::now(), events.to_vec());
        let (processing, context) = Processing::begin(&self.spans, &mut handed, &self.channel, attempt.number());
        // A panic is these events' failure: it must end neither the consumer nor the job that others wait in.
        let work = AssertUnwindSafe(trace::within(context, self.attempt(handed, attempt))).catch_unwind();
        let outcome = match tokio::time::timeout(DEADLINE, work).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => {
                let reason = format!("the reaction panicked: {}", panic_message(panic.as_ref()));
                Err(Failure { reason, remedy: Remedy::EachAlone })
            }
            Err(_) => Err(Failure { reason: "the reaction took longer than 20 s".to_owned(), remedy: Remedy::Later }),
        };
        if let Some(event) = events.first() {
            self.consumed.of(&event.kind).duration.record(started.elapsed());
        }
        processing.end(&outcome.as_ref().map(|acted| words(events, acted)));
        outcome
    }

    async fn attempt(&self, mut events: Vec<RawEvent>, attempt: Try) -> Result<Acted, Failure> {
        let kind = events.first().map(|event| event.kind.as_str()).unwrap_or_default();
        let Some((kind, reaction)) = self.reactions.find(kind) else {
            let reason = format!("{} has no reaction to {kind}", self.reactions.service());
            return Err(Failure { reason, remedy: Remedy::EachAlone });
        };
        let claimed = claimed(&self.database, kind, &events, attempt, self.clock.now()).await;
        let (tx, acted) = claimed.map_err(|cause| Failure::of(&cause))?;
        if acted.is_empty() {
            return Ok(acted);
        }
        pass("", "consume").await.map_err(|cause| Failure { remedy: Remedy::EachAlone, ..Failure::of(&cause) })?;
        // Of one that is there twice the first.
        let mut left = acted.clone();
        events.retain(|event| left.remove(&event.id.uuid()));
        let work = reaction(tx, events);
        let _committed = work.await.map_err(|cause| Failure::of(cause.as_ref()))?;
        Ok(acted)
    }

    /// What every line about this event says. At the highest level, so that it is there whatever is filtered.
    fn span(&self, id: Uuid, kind: Option<&str>, traceparent: Option<&str>) -> tracing::Span {
        tracing::error_span!(
            "reaction", service.name = self.reactions.service().as_str(), event.id = %id, event.action = kind,
            trace.id = trace::id_of(traceparent)
        )
    }

    fn span_of(&self, event: &RawEvent) -> tracing::Span {
        self.span(event.id.uuid(), Some(&event.kind), event.traceparent.as_deref())
    }

    /// Of several; what became of one of them is told in its own.
    fn span_of_many(&self, kind: &str, events: usize) -> tracing::Span {
        let service = self.reactions.service().as_str();
        tracing::error_span!("reactions", service.name = service, event.action = kind, events)
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

    fn handle(&self, deliveries: Vec<Delivery>) -> BoxFuture<'_, Result<(), KitError>> {
        Box::pin(async move {
            let (now, mut fresh, mut old, mut again) = (self.clock.now(), Vec::new(), Vec::new(), Vec::new());
            for delivery in deliveries {
                match delivery {
                    Delivery::Event { event, .. } if inbox::may_be_forgotten(&event, now) => old.push(event),
                    Delivery::Event { event, redelivered: false } => fresh.push(event),
                    Delivery::Event { event, redelivered: true } => again.push(event),
                    Delivery::GivenUp { event, reason } => {
                        let span = self.span_of(&event);
                        self.take_over(event, &reason).instrument(span).await?;
                    }
                    Delivery::Unreadable { body, reason } => self.bury(&body, &reason).await?,
                }
            }
            if !again.is_empty() {
                // Whoever had them last may have died of one: the attempts are stored first, the retry job acts.
                let reason = "delivered again: the last attempt did not end";
                self.store_attempts(&again, reason, Duration::ZERO).await?;
            }
            if !old.is_empty() {
                self.store_attempts(&old, "so old that the inbox is asked first", Duration::ZERO).await?;
            }
            // Those of one type stay in the order in which they came.
            fresh.sort_by_cached_key(|event| (Reactions::place(&event.kind), event.kind.clone()));
            for slice in fresh.chunk_by(|one, next| one.kind == next.kind) {
                let span = match slice {
                    [alone] => self.span_of(alone),
                    _ => self.span_of_many(&slice[0].kind, slice.len()),
                };
                self.receive(slice.to_vec()).instrument(span).await?;
            }
            Ok(())
        })
    }
}

/// What became of each, for its span.
fn words(events: &[RawEvent], acted: &Acted) -> Vec<&'static str> {
    events.iter().map(|event| if acted.contains(&event.id.uuid()) { "done" } else { "duplicate" }).collect()
}

/// The transaction of the claim, in which the effect follows, and what was claimed in it. A claim that commits by itself
/// marks as done what may never be done.
#[cure(claim_with_effect, instead = crate::labs::mistakes::claim_apart)]
async fn claimed(
    database: &Database,
    work: &'static str,
    events: &[RawEvent],
    attempt: Try,
    now: OffsetDateTime,
) -> Result<(Tx, BTreeSet<Uuid>), sqlx::Error> {
    let mut tx = database.begin(work).await?;
    let claimed = claim(&mut tx, events, attempt, now).await?;
    Ok((tx, claimed))
}

pub(crate) async fn claim(
    tx: &mut Tx,
    events: &[RawEvent],
    attempt: Try,
    now: OffsetDateTime,
) -> Result<BTreeSet<Uuid>, sqlx::Error> {
    match attempt {
        Try::Fresh => inbox::claim(tx, events, now).await,
        // They come singly.
        Try::Again(_) => {
            let mut claimed = BTreeSet::new();
            for event in events {
                if inbox::claim_waiting(tx, event.id).await? {
                    claimed.insert(event.id.uuid());
                }
            }
            Ok(claimed)
        }
    }
}

/// What `panic!` was given; it is a text nearly always.
fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
