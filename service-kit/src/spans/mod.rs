//! Spans: what a service did and how long it took, in OpenTelemetry's terms. How one comes about:
//!
//! 1. Work begins: a request, an event, a job's row. [`Spans::begin`] goes on in the trace it came with, and gives a span
//!    and the [`Context`] to do the work in (`trace::within`).
//! 2. A part of that work deserves a line of its own, a call or a transaction: [`child`], from anywhere in it.
//! 3. A span ends when it is dropped, and goes to the processors that `export` lists.
//!
//! Names and attributes are in [`conventions`]. Where spans are sent nowhere there is no provider: then ids are made as
//! [`crate::trace`] makes them, and the rest of it does nothing.

pub mod conventions;
mod export;
mod gathered;
mod processing;
mod publishing;
mod recorder;
mod settings;

pub use recorder::{Span, Spans};
pub use settings::Settings;

pub(crate) use gathered::Gathered;
pub(crate) use processing::Processing;
pub(crate) use publishing::Publishing;

use crate::trace::{self, Context};
use opentelemetry::trace::{Span as _, SpanBuilder};

impl Spans {
    /// Begins work that came with `parent` (a `traceparent`), or a trace of its own without one. The context is the work's.
    pub fn begin(&self, parent: Option<&str>, describe: impl FnOnce() -> SpanBuilder) -> (Span, Context) {
        let Some(recorder) = &self.0 else { return (Span(None), Context::continuing(parent)) };
        let span = recorder.start(parent.and_then(|parent| trace::span_context(parent, true)), describe());
        let context = Context::recorded(span.span_context(), self.clone());
        (Span(Some(span)), context)
    }
}

/// Begins a part of what the running task works on. Nothing outside of any work, or of work that is not recorded.
pub fn child(describe: impl FnOnce() -> SpanBuilder) -> Span {
    let begun = trace::peek(|context| {
        let recorder = context.spans.0.as_ref()?;
        let parent = trace::span_context(&context.traceparent, false)?;
        parent.is_sampled().then(|| recorder.start(Some(parent), describe()))
    });
    Span(begun.flatten())
}

impl Span {
    /// What a call carries, so that the called goes on from here.
    #[must_use]
    pub fn traceparent(&self) -> String {
        match &self.0 {
            Some(span) => trace::traceparent(span.span_context()),
            None => trace::current().traceparent,
        }
    }
}
