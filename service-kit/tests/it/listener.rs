//! What a subscriber is sent, over either bus: the same tests of what leaves a service run over both.

use crate::{
    broker::{Raw, tidy},
    support::{Sample, Way, database},
};
use contracts::{Event, RawEvent, ServiceName, events::EventData};
use lapin::options::BasicAckOptions;
use service_kit::{Bus, Clock};
use std::sync::Mutex;
use test_kit::{Recorder, TestDatabase, until};

pub enum Listener {
    /// In place of every other service.
    Local(Recorder),
    /// In place of notify-service: takes what is in its queue, each event kept once.
    Rabbit { raw: Box<Raw>, heard: Mutex<Vec<RawEvent>> },
}

impl Listener {
    pub async fn attach(bus: &Bus, database: &TestDatabase) -> Self {
        let Bus::Local(local) = bus else {
            // Publishing, even nothing, declares every subscriber's queue.
            bus.publish(&[]).await;
            return Self::Rabbit { raw: Box::new(Raw::connect(database).await), heard: Mutex::default() };
        };
        Self::Local(Recorder::attach(local, ServiceName::Order))
    }

    /// The events of one type so far.
    pub async fn all<T: EventData>(&self) -> Vec<Event<T>> {
        match self {
            Self::Local(recorder) => recorder.all(),
            Self::Rabbit { raw, heard } => {
                while let Some(message) = raw.take(&raw.queue(ServiceName::Notify, "events")).await {
                    message.delivery.acker.ack(BasicAckOptions::default()).await.unwrap();
                    let event = RawEvent::from_slice(&message.delivery.data).unwrap();
                    let mut heard = heard.lock().unwrap();
                    if !heard.iter().any(|known| known.id == event.id) {
                        heard.push(event);
                    }
                }
                let heard = heard.lock().unwrap();
                let wanted = heard.iter().filter(|event| event.kind == T::TYPE);
                wanted.map(|event| event.clone().decode().unwrap()).collect()
            }
        }
    }

    pub async fn wait_for<T: EventData>(&self, pick: impl Fn(&T) -> bool) -> Event<T> {
        until(T::TYPE, || async { self.all::<T>().await.into_iter().find(|event| pick(&event.data)) }).await
    }

    /// Ends the sample it listened to and leaves nothing on the broker.
    pub async fn end(self, sample: Sample) {
        if let Self::Rabbit { raw, .. } = self {
            raw.close().await;
        }
        tidy(sample).await;
    }
}

/// A sample and who hears it.
pub async fn listened(way: Way) -> (Sample, Listener) {
    let database = database().await;
    let bus = way.bus(&database);
    let listener = Listener::attach(&bus, &database).await;
    (Sample::start_on(database, bus, Clock::system()).await, listener)
}
