//! The service's last finished spans, for the page that shows one journey. A tracer provider is given this as one of its
//! processors.

use contracts::ServiceName;
use opentelemetry::{Context, KeyValue, trace};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SpanData, SpanProcessor},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use time::OffsetDateTime;
use uuid::Uuid;

/// So many are kept: a hundred orders' worth.
const KEPT: usize = 2048;
/// What is shown of a span beside its name; the rest is for a trace store.
const SHOWN: &[&str] = &[
    "http.request.method",
    "http.route",
    "http.response.status_code",
    "url.template",
    "server.address",
    "db.namespace",
    "messaging.message.id",
    CONVERSATION,
    "ecom.event.type",
];
/// The journey a span belongs to, by the semantic conventions.
const CONVERSATION: &str = "messaging.message.conversation_id";

/// The last spans of a process, for `/flow`.
#[derive(Clone, Debug)]
pub struct SpanRing {
    service: ServiceName,
    last: Arc<Mutex<VecDeque<Span>>>,
}

/// A finished span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// Whose work it is.
    pub service: ServiceName,
    /// 32 hex digits (W3C Trace Context).
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
    /// None: the trace begins with it.
    pub parent_id: Option<String>,
    /// What was done, e.g. `POST /orders`.
    pub name: String,
    /// On which side of a call.
    pub kind: SpanKind,
    /// When it began, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub start: OffsetDateTime,
    /// How long it took, in microseconds.
    pub micros: u64,
    /// Whether it ended with an error.
    pub failed: bool,
    /// By OpenTelemetry's semantic conventions.
    pub attributes: BTreeMap<String, String>,
}

/// On which side of a call a span is (OpenTelemetry).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// Answers a request.
    Server,
    /// Makes a request and waits.
    Client,
    /// Sends a message.
    Producer,
    /// Acts on a message.
    Consumer,
    /// Neither.
    Internal,
}

impl SpanRing {
    pub(super) fn of(service: ServiceName) -> Self {
        Self { service, last: Arc::default() }
    }

    fn keep(&self, span: Span) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() == KEPT {
            last.pop_front();
        }
        last.push_back(span);
    }

    /// Those of one of the traces, or that say that they belong to the journey; by their beginning.
    pub(super) fn find(&self, journey: Uuid, traces: &[String]) -> Vec<Span> {
        let journey = journey.to_string();
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = |span: &&Span| {
            traces.contains(&span.trace_id) || span.attributes.get(CONVERSATION).is_some_and(|id| *id == journey)
        };
        let mut found: Vec<_> = last.iter().filter(wanted).cloned().collect();
        drop(last);
        found.sort_by_key(|span| span.start);
        found
    }
}

impl SpanProcessor for SpanRing {
    fn on_start(&self, _span: &mut opentelemetry_sdk::trace::Span, _context: &Context) {}

    fn on_end(&self, span: SpanData) {
        let took = span.end_time.duration_since(span.start_time).unwrap_or_default();
        let parent = span.parent_span_id;
        self.keep(Span {
            service: self.service,
            trace_id: span.span_context.trace_id().to_string(),
            span_id: span.span_context.span_id().to_string(),
            parent_id: (parent != trace::SpanId::INVALID).then(|| parent.to_string()),
            name: span.name.into_owned(),
            kind: kind(&span.span_kind),
            start: span.start_time.into(),
            micros: took.as_micros().try_into().unwrap_or(u64::MAX),
            failed: matches!(span.status, trace::Status::Error { .. }),
            attributes: shown(&span.attributes),
        });
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

fn kind(kind: &trace::SpanKind) -> SpanKind {
    match kind {
        trace::SpanKind::Server => SpanKind::Server,
        trace::SpanKind::Client => SpanKind::Client,
        trace::SpanKind::Producer => SpanKind::Producer,
        trace::SpanKind::Consumer => SpanKind::Consumer,
        trace::SpanKind::Internal => SpanKind::Internal,
    }
}

fn shown(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let shown = attributes.iter().filter(|attribute| SHOWN.contains(&attribute.key.as_str()));
    shown.map(|attribute| (attribute.key.to_string(), attribute.value.to_string())).collect()
}
