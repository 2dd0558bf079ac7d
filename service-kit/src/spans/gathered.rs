//! The span of a batch: a trace of its own that points at those of who is in it.

use super::{Span, Spans, conventions};
use crate::trace::{self, Context};
use opentelemetry::trace::{Link, SpanContext};

#[derive(Default)]
#[must_use = "a span ends when it is dropped"]
pub(crate) struct Gathered(#[expect(dead_code, reason = "ends when it is dropped")] Span);

impl Gathered {
    /// And the context to do the batch's work in.
    pub(crate) fn begin<'c>(
        spans: &Spans,
        work: &'static str,
        items: impl ExactSizeIterator<Item = &'c Context>,
    ) -> (Self, Context) {
        let count = items.len();
        let contexts = items.filter_map(|context| trace::span_context(&context.traceparent, false));
        let links: Vec<Link> = contexts.filter(SpanContext::is_sampled).map(Link::with_context).collect();
        let (span, context) = spans.begin(None, || conventions::batch(work, links, count));
        (Self(span), context)
    }
}
