//! Which request or event the running task works for: W3C Trace Context (`traceparent`), the journey (correlation)
//! and the causing event. Set by the HTTP layer and the dispatcher, read by the outbox and by calls to peers.

use crate::ambient;
use contracts::EventId;
use std::{fmt::Write, future::Future};
use uuid::Uuid;

tokio::task_local! {
    static CONTEXT: Context;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    pub traceparent: String,
    pub correlation_id: Option<Uuid>,
    pub causation_id: Option<EventId>,
}

impl Context {
    /// The context of a request or event that came with `incoming`: the same trace, a span of our own.
    #[must_use]
    pub fn continuing(incoming: Option<&str>) -> Self {
        let (trace, flags) = match incoming.and_then(parse) {
            Some((trace, flags)) => (trace.to_owned(), flags),
            None => (hex(&random::<16>()), "01"),
        };
        let traceparent = format!("00-{trace}-{}-{flags}", hex(&random::<8>()));
        Self { traceparent, correlation_id: None, causation_id: None }
    }

    /// The 32 hex digits people search logs by.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        self.traceparent.get(3..35).unwrap_or_default()
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

/// Runs `work` in `context`.
pub async fn within<F: Future>(context: Context, work: F) -> F::Output {
    CONTEXT.scope(context, work).await
}

/// The running task's context; a fresh one outside any request or event (a timed job).
#[must_use]
pub fn current() -> Context {
    CONTEXT.try_with(Clone::clone).unwrap_or_else(|_| Context::continuing(None))
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = ambient::random_bytes().unwrap_or([0; N]);
    // All zeros would be an invalid id.
    bytes[0] |= 1;
    bytes
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
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
