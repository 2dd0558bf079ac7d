//! Which journey a payment or refund belongs to, kept with its row: the job that works on it later goes on in the same
//! trace, and what it announces says what caused it.

use contracts::{Event, EventId, events::EventData};
use service_kit::Cause;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) correlation_id: Uuid,
    /// The event that began it.
    pub(crate) caused_by: EventId,
    pub(crate) traceparent: Option<String>,
}

impl Origin {
    /// What is done later belongs to what the reaction to `event` does now.
    pub(crate) fn of<T: EventData>(event: &Event<T>) -> Self {
        let traceparent = Some(Cause::of(event).traceparent);
        Self { correlation_id: event.correlation_id, caused_by: event.id, traceparent }
    }
}
