//! Handles for what is counted per event. They are made once: the hot path then looks nothing up, and a series is there
//! with 0 before the first of its kind, since an increase from nothing is seen by nobody.

use crate::bus::PublishError;
use contracts::{ServiceName, events};
use metrics::{Counter, Histogram, counter, histogram};
use std::{collections::BTreeMap, time::Duration};

/// What a service's reactions came to.
pub(crate) struct Consumed {
    by_type: BTreeMap<&'static str, Handles>,
    /// For what a stranger sent: its type must not make a new time series.
    unknown: Handles,
}

pub(crate) struct Handles {
    pub(crate) done: Counter,
    pub(crate) duplicate: Counter,
    pub(crate) failed: Counter,
    pub(crate) dead: Counter,
    /// From the announcement to the effect.
    pub(crate) delay: Histogram,
    /// Of one attempt.
    pub(crate) duration: Histogram,
}

impl Consumed {
    pub(crate) fn new(service: ServiceName) -> Self {
        let by_type = events::subscribed_by(service).map(|event| (event.name, Handles::new(service, event.name)));
        Self { by_type: by_type.collect(), unknown: Handles::new(service, "unknown") }
    }

    pub(crate) fn of(&self, kind: &str) -> &Handles {
        self.by_type.get(kind).unwrap_or(&self.unknown)
    }
}

impl Handles {
    fn new(service: ServiceName, kind: &'static str) -> Self {
        let service = service.as_str();
        let outcome = |outcome: &'static str| counter!("events_consumed_total", "service" => service, "type" => kind, "outcome" => outcome);
        Self {
            done: outcome("done"),
            duplicate: outcome("duplicate"),
            failed: outcome("failed"),
            dead: outcome("dead"),
            delay: histogram!("event_delay_seconds", "service" => service, "type" => kind),
            duration: histogram!("event_processing_duration_seconds", "service" => service, "type" => kind),
        }
    }

    /// An effect committed `delay` after its event was announced; the announcer's clock may be ahead of ours.
    pub(crate) fn acted(&self, delay: time::Duration) {
        self.done.increment(1);
        self.delay.record(Duration::try_from(delay).unwrap_or_default());
    }
}

/// What became of the events a relay sent.
#[derive(Clone)]
pub(crate) struct Published {
    by_type: BTreeMap<&'static str, Counter>,
    failures: BTreeMap<&'static str, Counter>,
}

impl Published {
    pub(crate) fn new(service: ServiceName) -> Self {
        let service = service.as_str();
        let types = events::CATALOGUE.iter().filter(|event| event.announced_by.as_str() == service);
        let by_type = types
            .map(|event| (event.name, counter!("events_published_total", "service" => service, "type" => event.name)));
        let failures = PublishError::REASONS.into_iter().map(|reason| {
            (reason, counter!("events_publish_failures_total", "service" => service, "reason" => reason))
        });
        Self { by_type: by_type.collect(), failures: failures.collect() }
    }

    pub(crate) fn note(&self, kind: &str, answer: &Result<(), PublishError>) {
        let counter = match answer {
            Ok(()) => self.by_type.get(kind),
            Err(cause) => self.failures.get(cause.reason()),
        };
        if let Some(counter) = counter {
            counter.increment(1);
        }
    }
}
