//! Where finished spans go: the provider with its processors, and the way to an OTLP collector. It may be away: then what
//! does not fit into the queue is dropped and counted, and nothing else notices.

use super::Settings;
use crate::{Environment, ambient, flow::SpanRing};
use anyhow::Context;
use metrics::counter;
use opentelemetry::{Context as OtelContext, KeyValue};
use opentelemetry_otlp::{Protocol, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{
        BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, Span, SpanData, SpanExporter, SpanProcessor,
        TracerProviderBuilder,
    },
};
use secrecy::ExposeSecret;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use url::Url;

/// Finished spans that wait to be sent, some kilobytes each at the most.
const QUEUE: usize = 4096;
/// Sent together.
const BATCH: usize = 512;
/// A collector that takes longer is given up for this batch.
const DEADLINE: Duration = Duration::from_secs(3);

/// None when no processor wants spans: then nothing is recorded.
pub(super) fn provider(
    service: &'static str,
    environment: Environment,
    settings: &Settings,
    ring: Option<SpanRing>,
) -> anyhow::Result<Option<SdkTracerProvider>> {
    let Some(builder) = processors(SdkTracerProvider::builder(), service, settings, ring)? else { return Ok(None) };
    let resource = Resource::builder().with_service_name(service).with_attributes([
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("service.instance.id", instance()),
        KeyValue::new("deployment.environment.name", environment.as_str()),
    ]);
    Ok(Some(builder.with_resource(resource.build()).with_sampler(settings.sampler.clone()).build()))
}

/// A fresh one per start: two lives of a service are two instances.
fn instance() -> String {
    uuid::Builder::from_random_bytes(ambient::random_bytes().unwrap_or_default()).into_uuid().to_string()
}

/// Adds everyone who wants finished spans; none when nobody does.
fn processors(
    builder: TracerProviderBuilder,
    service: &'static str,
    settings: &Settings,
    ring: Option<SpanRing>,
) -> anyhow::Result<Option<TracerProviderBuilder>> {
    let mut wanted = ring.is_some();
    let mut builder = match ring {
        Some(ring) => builder.with_span_processor(ring),
        None => builder,
    };
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_span_processor(Queue::to(endpoint, service, settings)?);
        wanted = true;
    }
    Ok(wanted.then_some(builder))
}

/// The SDK's batch processor, which sends from a thread of its own. Before it, a count of what waits: the SDK drops what
/// is too much and tells nobody.
#[derive(Debug)]
struct Queue {
    batches: BatchSpanProcessor,
    waiting: Arc<AtomicUsize>,
    service: &'static str,
}

impl Queue {
    fn to(endpoint: &Url, service: &'static str, settings: &Settings) -> anyhow::Result<Self> {
        let headers = settings.headers.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned()));
        let traces = format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/'));
        let otlp = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(traces)
            .with_timeout(DEADLINE)
            .with_headers(headers.collect())
            .build()
            .context("making the exporter of traces")?;
        let waiting = Arc::new(AtomicUsize::new(0));
        let exporter = Exporter { otlp, waiting: Arc::clone(&waiting), away: AtomicBool::new(false), service };
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(settings.delay)
            .build();
        let batches = BatchSpanProcessor::builder(exporter).with_batch_config(config).build();
        Ok(Self { batches, waiting, service })
    }
}

impl SpanProcessor for Queue {
    fn on_start(&self, span: &mut Span, context: &OtelContext) {
        self.batches.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if self.waiting.fetch_add(1, Ordering::Relaxed) < QUEUE {
            return self.batches.on_end(span);
        }
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        dropped(self.service, "queue_full", 1);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}

/// Counts what was sent and what was not, and says once that the collector is away, and once that it is back.
#[derive(Debug)]
struct Exporter {
    otlp: opentelemetry_otlp::SpanExporter,
    waiting: Arc<AtomicUsize>,
    away: AtomicBool,
    service: &'static str,
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        self.waiting.fetch_sub(spans, Ordering::Relaxed);
        let sent = self.otlp.export(batch).await;
        match &sent {
            Ok(()) => {
                counter!("spans_exported_total", "service" => self.service).increment(spans as u64);
                if self.away.swap(false, Ordering::Relaxed) {
                    tracing::info!(service = self.service, "traces are taken again");
                }
            }
            Err(cause) => {
                dropped(self.service, "not_taken", spans);
                if !self.away.swap(true, Ordering::Relaxed) {
                    tracing::warn!(service = self.service, %cause, "traces are not taken; spans are dropped meanwhile");
                }
            }
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.otlp.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.otlp.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.otlp.set_resource(resource);
    }
}

fn dropped(service: &'static str, reason: &'static str, spans: usize) {
    counter!("spans_dropped_total", "service" => service, "reason" => reason).increment(spans as u64);
}
