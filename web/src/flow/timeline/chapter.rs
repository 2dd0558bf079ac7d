//! Where a journey pauses. Milliseconds and the hours until an order is sent do not fit on one axis.

use super::story::{Story, micros};
use service_kit::flow::Span;

/// A pause of this length begins a new chapter.
const PAUSE: i64 = 2_000_000;

/// From the first thing that happens in it to the end of the last, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) start: i64,
    pub(super) end: i64,
}

impl Part {
    pub(super) fn holds(self, at: i64) -> bool {
        (self.start..=self.end).contains(&at)
    }
}

pub(super) fn parts(story: &Story) -> Vec<Part> {
    let events = story.events.iter().map(|told| point(micros(told.event.time)));
    let arrivals = story.arrivals.iter().map(|(_, arrival)| point(micros(arrival.at)));
    let mut all: Vec<_> = events.chain(arrivals).chain(story.spans.iter().map(of_span)).collect();
    all.sort_by_key(|part| (part.start, part.end));
    let mut parts: Vec<Part> = Vec::new();
    for next in all {
        match parts.last_mut() {
            Some(last) if next.start - last.end < PAUSE => last.end = last.end.max(next.end),
            _ => parts.push(next),
        }
    }
    parts
}

fn point(at: i64) -> Part {
    Part { start: at, end: at }
}

pub(super) fn of_span(span: &Span) -> Part {
    let start = micros(span.start);
    Part { start, end: start.saturating_add(i64::try_from(span.micros).unwrap_or(i64::MAX)) }
}
