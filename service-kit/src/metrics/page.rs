//! The page: what collects the numbers and prints them.

use super::{
    kit::KIT,
    metric::{Kind, Metric},
    process,
};
use crate::rounds::{SELDOM, next_round};
use http::{HeaderName, header::CONTENT_TYPE};
use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use metrics_util::MetricKindMask;
use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
/// When somebody wanted the page last.
static ASKED: Mutex<Option<Instant>> = Mutex::new(None);
/// Told when somebody wants it whom nobody knew of.
static BEGINS: Notify = Notify::const_new();
/// Whoever scrapes does so at least that often.
const SCRAPED: Duration = Duration::from_secs(150);

/// Seconds; fine around what a shopper waits for.
const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Seconds; for what nobody waits for and a broker that was away holds up for an hour.
const LONG_BUCKETS: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0];

/// Things that are done together.
const SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// A gauge nobody sets any more leaves the page after so long: an old value would pass for a true one.
pub(super) const FORGOTTEN_AFTER: Duration = Duration::from_secs(30);

/// Puts the metrics' meaning on the page, beside their values once there are any.
pub fn describe(metrics: &[Metric]) {
    handle();
    for metric in metrics {
        let (name, help) = (metric.name, metric.sentence());
        match (metric.kind, metric.unit) {
            (Kind::Counter, None) => describe_counter!(name, help),
            (Kind::Counter, Some(unit)) => describe_counter!(name, unit, help),
            (Kind::Gauge, None) => describe_gauge!(name, help),
            (Kind::Gauge, Some(unit)) => describe_gauge!(name, unit, help),
            (Kind::Histogram, None) => describe_histogram!(name, help),
            (Kind::Histogram, Some(unit)) => describe_histogram!(name, unit, help),
        }
    }
}

/// The page in Prometheus' text format. Nothing is asked of the database here: one that is away must not hold up whoever
/// wants to know that it is.
#[must_use]
pub fn answer() -> ([(HeaderName, &'static str); 1], String) {
    if !is_scraped() {
        BEGINS.notify_waiters();
    }
    *ASKED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    let handle = handle();
    handle.run_upkeep();
    let page = handle.render() + &process::page();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page)
}

/// Whether somebody scrapes.
pub(crate) fn is_scraped() -> bool {
    let asked = *ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    asked.is_some_and(|asked| asked.elapsed() < SCRAPED)
}

/// Comes when somebody begins to scrape.
pub(super) async fn scraping_begins() {
    BEGINS.notified().await;
}

/// Samples of histograms pile up until somebody folds them in: nobody may be scraping.
pub(crate) async fn keep_up(stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(next_round(SELDOM))).await.is_some() {
        handle().run_upkeep();
    }
}

/// Starts to collect; the first call wins. What was counted before is lost, so it comes before all else.
pub(crate) fn handle() -> &'static PrometheusHandle {
    let mut first = false;
    let handle = HANDLE.get_or_init(|| {
        first = true;
        let recorder = recorder(FORGOTTEN_AFTER);
        let handle = recorder.handle();
        // A recorder installed by somebody else keeps its place; ours then renders an empty page.
        let _ = metrics::set_global_recorder(recorder);
        handle
    });
    if first {
        describe(KIT);
    }
    handle
}

pub(super) fn recorder(forgotten_after: Duration) -> PrometheusRecorder {
    let builder = PrometheusBuilder::new().idle_timeout(MetricKindMask::GAUGE, Some(forgotten_after));
    // Each fails only for an empty list of buckets.
    let long = Matcher::Full("event_delay_seconds".to_owned());
    let sizes = Matcher::Full("batch_items".to_owned());
    let built = builder
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), BUCKETS)
        .and_then(|builder| builder.set_buckets_for_metric(long, LONG_BUCKETS))
        .and_then(|builder| builder.set_buckets_for_metric(sizes, SIZES));
    built.unwrap_or_else(|_| PrometheusBuilder::new()).build_recorder()
}
