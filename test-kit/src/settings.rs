//! Settings and events as tests need them.

use crate::TestDatabase;
use contracts::{Event, RawEvent, ServiceName, events, events::EventData};
use service_kit::{Clock, Env, Settings};
use uuid::Uuid;

/// Settings of a service on `database`. Peers nobody gave a URL for cannot be reached.
#[must_use]
pub fn settings(service: ServiceName, database: &TestDatabase, peers: &[(ServiceName, String)]) -> Settings {
    let mut env = Env::of([("DATABASE_URL", database.work_url()), ("DATABASE_POOL", "8")]);
    for peer in ServiceName::ALL {
        let given = peers.iter().find(|(name, _)| *name == peer).map(|(_, url)| url.clone());
        // Port 9 (discard) has no listener.
        let url = given.unwrap_or_else(|| "http://127.0.0.1:9".to_owned());
        env = env.with(&format!("{}_SERVICE_URL", peer.short().to_uppercase()), url);
    }
    Settings::read(&env, service).expect("test settings are valid")
}

/// An event as its announcer would have sent it, the `sequence`-th of its subject.
#[must_use]
pub fn event<T: EventData>(sequence: i64, data: T) -> RawEvent {
    let clock = Clock::system();
    let subject = data.subject();
    let source = events::find(T::TYPE).expect("a type of the catalogue").announced_by;
    Event {
        id: clock.new_id(),
        source,
        kind: T::TYPE.to_owned(),
        subject,
        sequence,
        time: clock.now(),
        correlation_id: Uuid::new_v4(),
        causation_id: None,
        traceparent: None,
        data,
    }
    .into_raw()
    .expect("event data are JSON")
}
