//! A journey drawn in time: a lane for each service with its spans, the events as marks with lines to where they arrived.
//! Pure: what the services answered goes in, places in a picture come out.

mod chapter;
mod drawing;
mod scale;

pub(super) use drawing::{Drawing, name};

use super::words;
use contracts::{RawEvent, ServiceName};
use service_kit::flow::{Arrival, Span};
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// All that is known of a journey.
pub(super) struct Story {
    /// In order of time.
    pub(super) events: Vec<Told>,
    pub(super) arrivals: Vec<(ServiceName, Arrival)>,
    pub(super) spans: Vec<Span>,
}

/// An announced event.
pub(super) struct Told {
    pub(super) event: RawEvent,
    /// It lies in the outbox still.
    pub(super) pending: bool,
}

/// A part of the journey without a long pause in it.
pub(super) struct Chapter {
    /// `3 min 12 s later`; none for the first.
    pub(super) later: Option<String>,
    /// The day and time it begins.
    pub(super) begins: String,
    pub(super) drawing: Drawing,
}

impl Story {
    /// In order of time.
    pub(super) fn chapters(&self) -> Vec<Chapter> {
        let parts = chapter::parts(self);
        let lanes = self.lanes();
        let mut end_before = None;
        let mut chapters = Vec::new();
        for part in parts {
            let later = end_before.map(|before| format!("{} later", words::span(part.start - before)));
            end_before = Some(part.end);
            let drawing = Drawing::of(self, part, &lanes);
            chapters.push(Chapter { later, begins: words::day_and_clock(time_of(part.start)), drawing });
        }
        chapters
    }

    /// When the first thing happened, in microseconds.
    pub(super) fn start(&self) -> i64 {
        chapter::parts(self).first().map_or(0, |part| part.start)
    }

    /// The services in order of their first appearance.
    fn lanes(&self) -> Vec<ServiceName> {
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
pub(super) fn micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)
}

fn time_of(micros: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
