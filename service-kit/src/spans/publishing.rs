//! The spans of a relay's batch: one for each event, in the event's own trace, and where it joins several, one for the
//! batch that points at them.

use super::{
    Span, Spans,
    conventions::{self, Channel},
};
use crate::bus::{Parcel, PublishError};

pub(crate) struct Publishing {
    events: Vec<Span>,
    batch: Span,
}

impl Publishing {
    /// From now on each event says that it comes from its own `publish` span: whoever acts on it goes on from there.
    pub(crate) fn begin(spans: &Spans, parcels: &mut [Parcel], channel: &Channel) -> Self {
        if spans.is_off() {
            return Self { events: Vec::new(), batch: Span::default() };
        }
        let begun: Vec<Span> = parcels
            .iter_mut()
            .map(|parcel| {
                let head = &parcel.head;
                let (span, context) = spans.begin(head.traceparent.as_deref(), || conventions::publish(head, channel));
                parcel.come_from(context.traceparent);
                span
            })
            .collect();
        let links: Vec<_> = begun.iter().filter_map(Span::link).collect();
        let batch = match links.len() {
            // Alone, its own span says it all.
            0 | 1 => Span::default(),
            _ => spans.begin(None, || conventions::send_batch(links, channel)).0,
        };
        Self { events: begun, batch }
    }

    /// One answer per event, in order.
    pub(crate) fn end(mut self, answers: &[Result<(), PublishError>]) {
        for (span, answer) in self.events.iter_mut().zip(answers) {
            span.judge(answer);
        }
        if let Some(refused) = answers.iter().find(|answer| answer.is_err()) {
            self.batch.judge(refused);
        }
    }
}
