//! The spans of an attempt at one or several events: one for each event, in the event's own trace, and where they are
//! several, one for the batch that points at them.

use super::{
    Span, Spans,
    conventions::{self, Channel},
};
use crate::trace::Context;
use contracts::RawEvent;
use std::fmt;

pub(crate) struct Processing {
    events: Vec<Span>,
    batch: Span,
}

impl Processing {
    /// Begins them, with the context to work in. One event's context is its own. Of several each says from now on that it
    /// comes from its own span, so that what follows from it goes on from there.
    pub(crate) fn begin(spans: &Spans, events: &mut [RawEvent], channel: &Channel, attempt: i32) -> (Self, Context) {
        if let [event] = events {
            let describe = || conventions::process(event, channel, attempt);
            let (span, mut context) = spans.begin(event.traceparent.as_deref(), describe);
            context.correlation_id = Some(event.correlation_id);
            context.causation_id = Some(event.id);
            return (Self { events: vec![span], batch: Span::default() }, context);
        }
        if spans.is_off() {
            return (Self { events: Vec::new(), batch: Span::default() }, Context::continuing(None));
        }
        let begun: Vec<Span> = events
            .iter_mut()
            .map(|event| {
                let describe = || conventions::process(event, channel, attempt);
                let (span, context) = spans.begin(event.traceparent.as_deref(), describe);
                event.traceparent = Some(context.traceparent);
                span
            })
            .collect();
        let links = begun.iter().filter_map(Span::link).collect();
        let (batch, context) = spans.begin(None, || conventions::process_batch(links, channel));
        (Self { events: begun, batch }, context)
    }

    /// One outcome per event, in order, in a word; or the failure of all.
    pub(crate) fn end<E: fmt::Display>(mut self, outcome: &Result<Vec<&'static str>, E>) {
        self.batch.judge(outcome);
        for (place, span) in self.events.iter_mut().enumerate() {
            span.judge(outcome);
            let word = outcome.as_ref().map_or("failed", |words| words.get(place).copied().unwrap_or_default());
            span.set(conventions::OUTCOME, word);
        }
    }
}
