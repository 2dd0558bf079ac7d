//! What is known of a journey.

use contracts::{RawEvent, ServiceName};
use service_kit::flow::{Arrival, Span};
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// All that is known of a journey.
pub(crate) struct Story {
    /// In order of time.
    pub(crate) events: Vec<Told>,
    pub(crate) arrivals: Vec<(ServiceName, Arrival)>,
    pub(crate) spans: Vec<Span>,
}

/// An announced event.
pub(crate) struct Told {
    pub(crate) event: RawEvent,
    /// It lies in the outbox still.
    pub(crate) pending: bool,
}

impl Story {
    /// The services in order of their first appearance.
    pub(super) fn lanes(&self) -> Vec<ServiceName> {
        let events = self.events.iter().map(|told| (told.event.time, told.event.source));
        let arrivals = self.arrivals.iter().map(|(service, arrival)| (arrival.at, *service));
        let spans = self.spans.iter().map(|span| (span.start, span.service));
        let mut all: Vec<_> = events.chain(arrivals).chain(spans).collect();
        all.sort();
        let mut seen = BTreeSet::new();
        all.into_iter().map(|(_, service)| service).filter(|service| seen.insert(*service)).collect()
    }
}

/// Microseconds since 1970: PostgreSQL keeps no finer times.
pub(crate) fn micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)
}
