//! Which journey a payment or refund belongs to, kept with its row: the job that works on it later goes on in the same
//! trace, and what it announces says what caused it.

use contracts::EventId;
use service_kit::{
    Kit,
    spans::{Span, conventions},
    trace,
};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) correlation_id: Uuid,
    /// The event that began it.
    pub(crate) caused_by: EventId,
    pub(crate) traceparent: Option<String>,
}

impl Origin {
    /// That of a reaction to `caused_by`: what is done later belongs to what the reaction did.
    pub(crate) fn here(correlation_id: Uuid, caused_by: EventId) -> Self {
        Self { correlation_id, caused_by, traceparent: Some(trace::current().traceparent) }
    }

    /// For working on it now: the same trace, a span of our own.
    pub(crate) fn begin(&self, kit: &Kit, work: &'static str, attempts: i32) -> (Span, trace::Context) {
        let (mut span, mut context) = kit.spans.begin(self.traceparent.as_deref(), || conventions::work(work));
        span.set(conventions::ATTEMPT, i64::from(attempts));
        context.correlation_id = Some(self.correlation_id);
        context.causation_id = Some(self.caused_by);
        (span, context)
    }
}
