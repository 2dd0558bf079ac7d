//! Which journey a payment or refund belongs to, kept with its row: the job that works on it later goes on in the same
//! trace, and what it announces says what caused it.

use contracts::EventId;
use service_kit::trace;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) correlation_id: Uuid,
    /// The event that began it.
    pub(crate) caused_by: EventId,
    pub(crate) traceparent: Option<String>,
}

impl Origin {
    /// For working on it now: the same trace, a span of our own.
    pub(crate) fn context(&self) -> trace::Context {
        trace::Context {
            correlation_id: Some(self.correlation_id),
            causation_id: Some(self.caused_by),
            ..trace::Context::continuing(self.traceparent.as_deref())
        }
    }
}
