//! An event on its way out: its head, and its envelope as the text that was stored. Nothing is read or printed again.

use contracts::{Event, RawEvent, envelope::EnvelopeError};
use serde_json::Value;

/// What an event says of itself; of its data only the number that people know its journey by.
pub(crate) type Head = Event<Option<i64>>;

/// Ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    /// What is said outside of the body, and what spans and `/flow` tell.
    pub(crate) head: Head,
    /// JSON.
    pub(crate) envelope: String,
}

impl Parcel {
    /// From now on the event says that it comes from this span.
    pub(crate) fn come_from(&mut self, traceparent: String) {
        let field = |traceparent: &str| format!("\"traceparent\": \"{traceparent}\"");
        let known = self.head.traceparent.as_deref().map(field);
        // PostgreSQL prints the fields of a jsonb by length: those of the data come before it.
        let place = known.as_deref().and_then(|known| Some((self.envelope.rfind(known)?, known.len())));
        match place {
            Some((at, length)) => self.envelope.replace_range(at..at + length, &field(&traceparent)),
            None if known.is_none() => self.envelope.insert_str(1, &format!("{}, ", field(&traceparent))),
            // Not as PostgreSQL prints it: it keeps the span that announced it.
            None => return,
        }
        self.head.traceparent = Some(traceparent);
    }

    /// For a bus within the process.
    pub(crate) fn read(&self) -> Result<RawEvent, EnvelopeError> {
        RawEvent::from_slice(self.envelope.as_bytes())
    }
}

impl From<&RawEvent> for Parcel {
    fn from(event: &RawEvent) -> Self {
        let head = Event {
            id: event.id,
            source: event.source,
            kind: event.kind.clone(),
            subject: event.subject,
            sequence: event.sequence,
            time: event.time,
            correlation_id: event.correlation_id,
            causation_id: event.causation_id,
            traceparent: event.traceparent.clone(),
            data: event.data.get("number").and_then(Value::as_i64),
        };
        Self { head, envelope: event.to_json().to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::Parcel;
    use contracts::{ServiceName, events::notification::Sent};
    use uuid::Uuid;

    const OLD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const NEW: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-01";

    #[test]
    fn only_the_envelopes_own_traceparent_is_replaced() {
        let data = Sent {
            message_id: Uuid::new_v4().into(),
            account_id: Uuid::new_v4().into(),
            template: format!("\"traceparent\": \"{OLD}\""),
        };
        for known in [Some(OLD), None] {
            let mut event = test_kit::event(1, data.clone());
            event.traceparent = known.map(str::to_owned);
            let mut parcel = Parcel::from(&event);
            // As PostgreSQL prints it.
            parcel.envelope = parcel.envelope.replace("\"traceparent\":", "\"traceparent\": ");
            parcel.come_from(NEW.to_owned());
            let read = parcel.read().unwrap();
            assert_eq!(read.traceparent.as_deref(), Some(NEW));
            assert_eq!((read.data, read.source), (event.data, ServiceName::Notify));
        }
    }
}
