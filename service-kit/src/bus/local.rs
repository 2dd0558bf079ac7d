//! The bus of the all-in-one: delivers inside the process and confirms an event only when every subscriber has
//! committed its effect or its retry row.

use super::{Delivery, Handler, Parcel, PublishError, TOGETHER};
use contracts::{RawEvent, ServiceName, events};
use futures_util::future::join_all;
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};
use tokio_util::sync::CancellationToken;

/// Hands events over within a process, into the subscribers' inboxes.
#[derive(Clone, Default)]
pub struct LocalBus {
    handlers: Arc<RwLock<BTreeMap<ServiceName, Arc<dyn Handler>>>>,
}

impl LocalBus {
    /// One that nobody has joined.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) async fn publish(&self, batch: &[Parcel]) -> Vec<Result<(), PublishError>> {
        let mut answers: Vec<_> = batch.iter().map(|_| Ok(())).collect();
        let mut events = Vec::with_capacity(batch.len());
        for (place, parcel) in batch.iter().enumerate() {
            match parcel.read() {
                Ok(event) => events.push((place, event)),
                Err(cause) => {
                    tracing::error!(event.id = %parcel.head.id, %cause, "a stored event cannot be read; it stays");
                    answers[place] = Err(PublishError::Refused);
                }
            }
        }
        // Each subscriber has a database of its own: nobody waits for another. Who is away must not keep an event from
        // the others. It comes again to all; the others know it then.
        let told = ServiceName::ALL.map(|subscriber| self.tell(subscriber, &events));
        for (places, answer) in join_all(told).await.into_iter().flatten() {
            for place in places {
                if answers[place].is_ok() {
                    answers[place] = answer.clone();
                }
            }
        }
        answers
    }

    /// Delivers to a subscriber what it must have of `events`, in batches; what became of each, by the events' places.
    async fn tell(
        &self,
        subscriber: ServiceName,
        events: &[(usize, RawEvent)],
    ) -> Vec<(Vec<usize>, Result<(), PublishError>)> {
        let wanted: Vec<_> = events
            .iter()
            .filter(|(_, event)| events::find(&event.kind).is_some_and(|known| known.subscribers.contains(&subscriber)))
            .collect();
        let mut told = Vec::new();
        for batch in wanted.chunks(TOGETHER) {
            let (places, events) = batch.iter().map(|(place, event)| (*place, event.clone())).unzip();
            told.push((places, self.deliver(subscriber, events).await));
        }
        told
    }

    async fn deliver(&self, subscriber: ServiceName, events: Vec<RawEvent>) -> Result<(), PublishError> {
        let handler = self.handlers.read().unwrap_or_else(PoisonError::into_inner).get(&subscriber).cloned();
        let handler = handler.ok_or(PublishError::NotHere { subscriber })?;
        let deliveries = events.into_iter().map(|event| Delivery::Event { event, redelivered: false });
        let handled = handler.handle(deliveries.collect()).await;
        handled.map_err(|cause| PublishError::NotStored { subscriber, cause: cause.to_string() })
    }

    /// Delivers one event to one subscriber.
    ///
    /// # Errors
    /// It is not attached, or could store neither effect nor retry.
    pub async fn deliver_to(&self, subscriber: ServiceName, event: &RawEvent) -> Result<(), PublishError> {
        self.deliver(subscriber, vec![event.clone()]).await
    }

    /// From now on `handler` gets what its service subscribes to.
    pub fn attach(&self, handler: Arc<dyn Handler>) {
        let service = handler.service();
        self.handlers.write().unwrap_or_else(PoisonError::into_inner).insert(service, handler);
    }

    pub(super) async fn consume(&self, handler: Arc<dyn Handler>, stop: CancellationToken) {
        self.attach(Arc::clone(&handler));
        let _attached = Attached { bus: self, handler };
        stop.cancelled().await;
    }
}

/// Detaches its handler when dropped: also when the consuming task is aborted. A handler that stayed would hold the bus
/// that holds it, and the service's database connections with it.
struct Attached<'a> {
    bus: &'a LocalBus,
    handler: Arc<dyn Handler>,
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        let mut handlers = self.bus.handlers.write().unwrap_or_else(PoisonError::into_inner);
        let service = self.handler.service();
        // A successor that attached meanwhile stays.
        if handlers.get(&service).is_some_and(|attached| Arc::ptr_eq(attached, &self.handler)) {
            handlers.remove(&service);
        }
    }
}
