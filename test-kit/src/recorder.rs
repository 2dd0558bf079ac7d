//! Stands in for the other services on the local bus and keeps what they were sent.

use crate::until;
use contracts::{Event, RawEvent, ServiceName, events::EventData};
use futures_util::future::BoxFuture;
use service_kit::{
    KitError,
    bus::{Delivery, Handler, LocalBus},
};
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Clone, Default)]
pub struct Recorder {
    events: Arc<Mutex<Vec<RawEvent>>>,
}

struct Ear {
    service: ServiceName,
    recorder: Recorder,
}

impl Handler for Ear {
    fn service(&self) -> ServiceName {
        self.service
    }

    fn handle(&self, deliveries: Vec<Delivery>) -> BoxFuture<'_, Result<(), KitError>> {
        let mut events = self.recorder.events.lock().unwrap_or_else(PoisonError::into_inner);
        for delivery in deliveries {
            if let Delivery::Event { event, .. } = delivery
                && !events.iter().any(|known| known.id == event.id)
            {
                events.push(event);
            }
        }
        Box::pin(async { Ok(()) })
    }
}

impl Recorder {
    /// Listens in place of every service but `under_test`.
    #[must_use]
    pub fn attach(bus: &LocalBus, under_test: ServiceName) -> Self {
        let recorder = Self::default();
        for service in ServiceName::ALL.into_iter().filter(|service| *service != under_test) {
            bus.attach(Arc::new(Ear { service, recorder: recorder.clone() }));
        }
        recorder
    }

    /// The events of one type so far, each once. Types nobody subscribes to are not delivered: look into `event_log`.
    #[must_use]
    pub fn all<T: EventData>(&self) -> Vec<Event<T>> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = events.iter().filter(|event| event.kind == T::TYPE);
        wanted.map(|event| event.clone().decode().expect("announced events decode")).collect()
    }

    /// Waits for the first event of a type that `pick` accepts.
    pub async fn wait_for<T: EventData + Clone>(&self, pick: impl Fn(&T) -> bool) -> Event<T> {
        until(T::TYPE, || async { self.all::<T>().into_iter().find(|event| pick(&event.data)) }).await
    }
}
