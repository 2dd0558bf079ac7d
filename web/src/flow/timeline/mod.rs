//! A journey drawn in time: a lane for each service with its spans, the events as marks with lines to where they arrived.
//! Pure: what the services answered goes in, places in a picture come out.

mod chapter;
mod drawing;
mod scale;
mod story;

pub(super) use drawing::{Drawing, name};
pub(super) use story::{Story, Told, micros};

use super::words;
use time::OffsetDateTime;

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
}

fn time_of(micros: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
