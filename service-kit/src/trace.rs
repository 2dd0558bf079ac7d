//! Which request or event the running task works for: W3C Trace Context (`traceparent`), the journey (correlation)
//! and the causing event. Set by the HTTP layer and the dispatcher, read by the outbox and by calls to peers. The ids are
//! here whether or not anything is recorded; what is recorded under them are [`crate::spans`].

use crate::{ambient, spans::Spans};
use contracts::EventId;
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use std::future::Future;
use uuid::Uuid;

tokio::task_local! {
    static CONTEXT: Context;
}

/// What is known of why something runs.
#[derive(Clone, Debug)]
pub struct Context {
    /// W3C Trace Context: `00-<trace>-<span>-<flags>`.
    pub traceparent: String,
    /// The journey it belongs to; none where a request begins one.
    pub correlation_id: Option<Uuid>,
    /// The event behind it; none for a request or a job.
    pub causation_id: Option<EventId>,
    /// Who records the parts of this work; nobody when traces are off.
    pub(crate) spans: Spans,
}

impl Context {
    /// The context of a request or event that came with `incoming`: the same trace, a span of our own.
    #[must_use]
    pub fn continuing(incoming: Option<&str>) -> Self {
        let random = hex(&random::<24>());
        let (span, fresh) = random.split_at(16);
        let (trace, flags) = incoming.and_then(parse).unwrap_or((fresh, "01"));
        let traceparent = ["00", trace, span, flags].join("-");
        Self { traceparent, correlation_id: None, causation_id: None, spans: Spans::off() }
    }

    /// The context of work that `spans` records as `span`.
    pub(crate) fn recorded(span: &SpanContext, spans: Spans) -> Self {
        Self { traceparent: traceparent(span), correlation_id: None, causation_id: None, spans }
    }

    /// The 32 hex digits people search logs by.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        self.traceparent.get(3..35).unwrap_or_default()
    }

    pub(crate) fn span_id(&self) -> &str {
        self.traceparent.get(36..52).unwrap_or_default()
    }
}

/// Trace id and flags of a valid `traceparent` (W3C Trace Context, version 00).
fn parse(text: &str) -> Option<(&str, &str)> {
    let hex = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let zero = |part: &str| part.bytes().all(|byte| byte == b'0');
    let parts: Vec<_> = text.split('-').collect();
    let [version, trace, span, flags] = parts.as_slice() else { return None };
    let lengths = (version.len(), trace.len(), span.len(), flags.len()) == (2, 32, 16, 2);
    let valid = lengths && *version != "ff" && parts.iter().all(|part| hex(part)) && !zero(trace) && !zero(span);
    valid.then_some((*trace, *flags))
}

/// What a valid `traceparent` says; `remote` when it came from another process.
pub(crate) fn span_context(traceparent: &str, remote: bool) -> Option<SpanContext> {
    let (trace, flags) = parse(traceparent)?;
    let trace = TraceId::from_hex(trace).ok()?;
    let span = SpanId::from_hex(traceparent.get(36..52)?).ok()?;
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    Some(SpanContext::new(trace, span, flags, remote, TraceState::NONE))
}

pub(crate) fn traceparent(span: &SpanContext) -> String {
    let flags = u8::from(span.is_sampled());
    format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id())
}

/// Runs `work` in `context`.
pub async fn within<F: Future>(context: Context, work: F) -> F::Output {
    CONTEXT.scope(context, work).await
}

/// The running task's context; a fresh one outside any request or event (a timed job).
#[must_use]
pub fn current() -> Context {
    CONTEXT.try_with(Clone::clone).unwrap_or_else(|_| Context::continuing(None))
}

/// Looks at the running task's context without copying it; nothing outside any request or event.
pub(crate) fn peek<T>(look: impl FnOnce(&Context) -> T) -> Option<T> {
    CONTEXT.try_with(look).ok()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = ambient::random_bytes().unwrap_or([0; N]);
    // All zeros would be an invalid id, of a span as of a trace.
    bytes[0] |= 1;
    bytes[N - 1] |= 1;
    bytes
}

/// The trace of a valid `traceparent`.
pub(crate) fn id_of(traceparent: Option<&str>) -> Option<&str> {
    traceparent.and_then(parse).map(|(trace, _flags)| trace)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |four: u8| char::from(DIGITS[usize::from(four)]);
    let mut text = String::with_capacity(bytes.len() * 2);
    bytes.iter().for_each(|byte| text.extend([digit(byte >> 4), digit(byte & 15)]));
    text
}

#[cfg(test)]
mod tests {
    use super::Context;

    #[test]
    fn a_valid_parent_keeps_its_trace_and_gets_a_new_span() {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
        let context = Context::continuing(Some(parent));
        assert_eq!(context.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_ne!(context.traceparent, parent);
        assert!(context.traceparent.ends_with("-00"), "{}", context.traceparent);
    }

    #[test]
    fn a_broken_parent_starts_a_new_trace() {
        for parent in ["", "garbage", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-é-b-c"] {
            let context = Context::continuing(Some(parent));
            assert_eq!(context.traceparent.len(), 55, "{parent}");
        }
    }
}
