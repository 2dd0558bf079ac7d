//! The bus of the all-in-one: delivers inside the process and confirms an event only when every subscriber has
//! committed its effect or its retry row.

use super::{Delivery, Handler, PublishError};
use contracts::{RawEvent, ServiceName, events};
use futures_util::{StreamExt, stream};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How many aggregates' events are delivered at the same time.
const LANES: usize = 8;

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

    pub(super) async fn publish(&self, batch: &[RawEvent]) -> Vec<Result<(), PublishError>> {
        // Events of one aggregate one after the other, aggregates side by side.
        let mut by_subject: BTreeMap<Uuid, Vec<usize>> = BTreeMap::new();
        for (index, event) in batch.iter().enumerate() {
            by_subject.entry(event.subject).or_default().push(index);
        }
        let lanes = stream::iter(by_subject.into_values()).map(|indices| async move {
            let mut answers = Vec::with_capacity(indices.len());
            for index in indices {
                answers.push((index, self.deliver(&batch[index]).await));
            }
            answers
        });
        let mut answers: Vec<_> = lanes.buffer_unordered(LANES).concat().await;
        answers.sort_by_key(|(index, _)| *index);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    async fn deliver(&self, event: &RawEvent) -> Result<(), PublishError> {
        let subscribers = events::find(&event.kind).map_or(&[][..], |known| known.subscribers);
        let mut answer = Ok(());
        for &subscriber in subscribers {
            // Who is away must not keep the event from the others. It comes again to all; the others know it then.
            answer = answer.and(self.deliver_to(subscriber, event).await);
        }
        answer
    }

    /// Delivers one event to one subscriber.
    ///
    /// # Errors
    /// It is not attached, or could store neither effect nor retry.
    pub async fn deliver_to(&self, subscriber: ServiceName, event: &RawEvent) -> Result<(), PublishError> {
        let handler = self.handlers.read().unwrap_or_else(PoisonError::into_inner).get(&subscriber).cloned();
        let handler = handler.ok_or(PublishError::NotHere { subscriber })?;
        let delivery = Delivery::Event { event: event.clone(), redelivered: false };
        let handled = handler.handle(delivery).await;
        handled.map_err(|cause| PublishError::NotStored { subscriber, cause: cause.to_string() })
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
