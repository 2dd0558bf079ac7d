//! What records spans, and a span that is being recorded.

use super::{conventions, export, settings::Settings};
use crate::{Environment, flow::SpanRing};
use http::StatusCode;
use opentelemetry::{
    Context as OtelContext, KeyValue, Value,
    trace::{Link, Span as _, SpanBuilder, SpanContext, Status, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span as SdkSpan};
use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

/// No more than this is spent on what is left to send when the service stops.
const FAREWELL: Duration = Duration::from_millis(900);

/// A service's recorder of spans; cheap to clone.
#[derive(Clone, Default)]
pub struct Spans(pub(super) Option<Arc<Recorder>>);

pub(super) struct Recorder {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

/// A span that is being recorded, or nothing. It ends when it is dropped.
#[derive(Debug, Default)]
#[must_use = "a span ends when it is dropped"]
pub struct Span(pub(super) Option<SdkSpan>);

impl Spans {
    /// Records nothing.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// Records what `service` does, if the settings name a place to send it to, or `ring` keeps it.
    ///
    /// # Errors
    /// The exporter cannot be made.
    pub fn open(
        service: &'static str,
        environment: Environment,
        settings: &Settings,
        ring: Option<SpanRing>,
    ) -> anyhow::Result<Self> {
        let ring = ring.filter(|_| !settings.disabled);
        let provider = export::provider(service, environment, settings, ring)?;
        Ok(Self(provider.map(|provider| {
            let tracer = provider.tracer("service-kit");
            Arc::new(Recorder { provider, tracer })
        })))
    }

    /// Whether none are recorded.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.0.is_none()
    }

    /// Sends what is left and ends, within a second.
    pub async fn close(&self) {
        let Some(recorder) = self.0.clone() else { return };
        // On a thread of its own: it waits for the exporter's.
        let closing = tokio::task::spawn_blocking(move || recorder.provider.shutdown_with_timeout(FAREWELL));
        if !matches!(closing.await, Ok(Ok(()))) {
            tracing::debug!("the last spans could not be sent");
        }
    }
}

impl Recorder {
    pub(super) fn start(&self, parent: Option<SpanContext>, builder: SpanBuilder) -> SdkSpan {
        let mut context = OtelContext::new();
        if let Some(parent) = parent {
            context = context.with_remote_span_context(parent);
        }
        self.tracer.build_with_context(builder, &context)
    }
}

impl Span {
    /// Adds an attribute, by OpenTelemetry's semantic conventions.
    pub fn set(&mut self, key: &'static str, value: impl Into<Value>) {
        if let Some(span) = &mut self.0 {
            span.set_attribute(KeyValue::new(key, value));
        }
    }

    /// It went wrong. `reason` is for people, as in a log line, and names no person.
    pub fn failed(&mut self, reason: impl Into<Cow<'static, str>>) {
        if let Some(span) = &mut self.0 {
            span.set_status(Status::error(reason));
        }
    }

    /// Notes the failure that `result` may hold.
    pub fn judge<T, E: fmt::Display>(&mut self, result: &Result<T, E>) {
        if let (Some(_), Err(cause)) = (&self.0, result) {
            self.failed(cause.to_string());
        }
    }

    /// A server's own answer: its caller's mistakes are no errors of ours.
    pub fn answered(&mut self, status: StatusCode) {
        self.set(conventions::STATUS_CODE, i64::from(status.as_u16()));
        if status.is_server_error() {
            self.failed("");
        }
    }

    /// The answer a client got: to have asked in vain is an error.
    pub fn got(&mut self, status: StatusCode) {
        self.set(conventions::STATUS_CODE, i64::from(status.as_u16()));
        if status.is_client_error() || status.is_server_error() {
            self.failed("");
        }
    }

    /// For another trace to point at; nothing where nothing is recorded.
    pub(super) fn link(&self) -> Option<Link> {
        let context = self.0.as_ref()?.span_context();
        context.is_sampled().then(|| Link::with_context(context.clone()))
    }
}

impl fmt::Debug for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_off() { "Spans(off)" } else { "Spans(on)" })
    }
}
