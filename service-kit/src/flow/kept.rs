//! What is kept in memory of a service, for whoever looks.

use super::{
    SpanRing,
    moment::{Moment, Moments, What},
    now::Now,
};
use crate::{Clock, bus::Head};
use contracts::{RawEvent, ServiceName};
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A viewer that is further behind than this misses what came between.
pub(super) const BEHIND: usize = 256;
/// Pages that may watch at a time; the front door's pages share one.
const VIEWERS: usize = 16;

type Find = Box<dyn Fn(i64) -> BoxFuture<'static, Result<Option<Uuid>, sqlx::Error>> + Send + Sync>;

/// A handle to what is kept; empty when `FLOW` is off. Cheap to clone.
#[derive(Clone, Default)]
pub struct Flow(pub(super) Option<Arc<Kept>>);

pub(super) struct Kept {
    pub(super) service: ServiceName,
    pub(super) clock: Clock,
    pub(super) moments: Mutex<Moments>,
    pub(super) live: broadcast::Sender<Arc<Moment>>,
    pub(super) viewers: Arc<Semaphore>,
    pub(super) spans: SpanRing,
    /// The last look at database and broker: many viewers share one.
    pub(super) glance: tokio::sync::Mutex<Option<(Instant, Now)>>,
    pub(super) find: OnceLock<Find>,
    pub(super) end: CancellationToken,
}

impl Flow {
    /// `on`: whether anything is kept and shown; else all of it does nothing.
    #[must_use]
    pub fn new(on: bool, service: ServiceName, clock: Clock) -> Self {
        let kept = Kept {
            service,
            clock,
            moments: Mutex::default(),
            live: broadcast::Sender::new(BEHIND),
            viewers: Arc::new(Semaphore::new(VIEWERS)),
            spans: SpanRing::of(service),
            glance: tokio::sync::Mutex::default(),
            find: OnceLock::new(),
            end: CancellationToken::new(),
        };
        Self(on.then(|| Arc::new(kept)))
    }

    /// For the service's tracer provider, so that its spans can be shown; none when there is nobody to show them to.
    #[must_use]
    pub fn span_ring(&self) -> Option<SpanRing> {
        self.0.as_ref().map(|kept| kept.spans.clone())
    }

    /// How the journeys of this service are found by the number people know them by.
    pub fn find_by_number<R>(&self, find: impl Fn(i64) -> R + Send + Sync + 'static)
    where
        R: Future<Output = Result<Option<Uuid>, sqlx::Error>> + Send + 'static,
    {
        if let Some(kept) = &self.0 {
            // The first stays: a service has one kind of journey.
            let _ = kept.find.set(Box::new(move |number| Box::pin(find(number))));
        }
    }

    /// What happened to `event` here and now; told with [`Self::tell`] once it is certain.
    pub(crate) fn moment(&self, what: What, event: &RawEvent, took: Option<Duration>) -> Option<Moment> {
        let kept = self.0.as_ref()?;
        let number = event.data.get("number").and_then(Value::as_i64);
        Some(Moment::new(kept.clock.now(), kept.service, what, event, number, took))
    }

    /// The bus took an event, which lay in the outbox for so long.
    pub(crate) fn published(&self, head: &Head, lay: Option<Duration>) {
        if let Some(kept) = &self.0 {
            self.tell(Moment::new(kept.clock.now(), kept.service, What::Published, head, head.data, lay));
        }
    }

    /// Keeps a moment and hands it to whoever watches. Waits for nobody.
    pub(crate) fn tell(&self, moment: Moment) {
        let Some(kept) = &self.0 else { return };
        let moment = Arc::new(moment);
        kept.moments.lock().unwrap_or_else(PoisonError::into_inner).keep(Arc::clone(&moment));
        // Fails when nobody watches.
        let _ = kept.live.send(moment);
    }

    pub(crate) fn happened(&self, what: What, event: &RawEvent, took: Option<Duration>) {
        if let Some(moment) = self.moment(what, event, took) {
            self.tell(moment);
        }
    }

    /// Sends the viewers away, so that a stopping service need not wait for them.
    pub(crate) fn end(&self) {
        if let Some(kept) = &self.0 {
            kept.end.cancel();
        }
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Flow(on)" } else { "Flow(off)" })
    }
}
