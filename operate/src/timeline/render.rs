//! A timeline for people: one line each, traces by a letter.

use super::{Entry, Timeline};
use crate::terminal::time_of;
use time::{Duration, OffsetDateTime};

impl Timeline {
    /// The lines as the command prints them.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let order = &self.order;
        let why = order.cancel_reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let mut lines = vec![
            format!("Order {} {}{why}: {}, {}", order.number, order.status, order.total, order.payment_method),
            format!("  id {}, placed {} UTC", order.id, time_of(order.placed_at)),
            String::new(),
        ];
        let start = self.entries.first().map_or(order.placed_at, |entry| entry.at);
        let traces = self.traces();
        for entry in &self.entries {
            lines.push(line(entry, start, &traces));
        }
        lines.push(String::new());
        if self.open.is_empty() {
            lines.push("Nothing is open.".to_owned());
        } else {
            lines.push("Open:".to_owned());
            lines.extend(self.open.iter().map(|open| format!("  {open}")));
        }
        lines.extend(self.pruned_to.map(|pruned| {
            let pruned = time_of(pruned);
            format!("Events, arrivals and mails from before {pruned} UTC are not kept any more: what is older is missing here.")
        }));
        lines.extend(self.silent.iter().map(|silent| format!("Not heard: {silent}")));
        let traces = traces.iter().enumerate();
        lines.extend(traces.map(|(index, trace)| format!("Trace {} is {trace}", letter(index))));
        lines
    }

    /// The trace ids in order of appearance.
    fn traces(&self) -> Vec<&str> {
        let mut traces: Vec<&str> = Vec::new();
        for trace in self.entries.iter().filter_map(|entry| entry.trace_id.as_deref()) {
            if !traces.contains(&trace) {
                traces.push(trace);
            }
        }
        traces
    }
}

fn line(entry: &Entry, start: OffsetDateTime, traces: &[&str]) -> String {
    let trace = entry.trace_id.as_ref().and_then(|trace| traces.iter().position(|known| known == trace));
    let trace = trace.map(letter).unwrap_or_default();
    let since = since(entry.at - start);
    let text = format!("{since:>12}  {trace:<1} {:<15}  {:<32}  {}", entry.who, entry.what, entry.details);
    text.trim_end().to_owned()
}

/// a, b, … z, and then numbers: an order has few traces.
fn letter(index: usize) -> String {
    let letter = u8::try_from(index).ok().and_then(|index| (index < 26).then(|| char::from(b'a' + index)));
    letter.map_or_else(|| index.to_string(), String::from)
}

/// `1.234 s`, and `1:02:03 h` from ten minutes on.
fn since(span: Duration) -> String {
    if span < Duration::minutes(10) {
        let (whole, part) = (span.whole_seconds(), span.subsec_milliseconds());
        return format!("{whole}.{part:03} s");
    }
    let (hours, minutes, seconds) = (span.whole_hours(), span.whole_minutes() % 60, span.whole_seconds() % 60);
    format!("{hours}:{minutes:02}:{seconds:02} h")
}

#[cfg(test)]
mod tests {
    use super::{letter, since};
    use time::Duration;

    #[test]
    fn short_spans_have_milliseconds_and_long_ones_hours() {
        let shown = [4, 61_005, 600_000, 90_061_000].map(|millis| since(Duration::milliseconds(millis)));
        assert_eq!(shown, ["0.004 s", "61.005 s", "0:10:00 h", "25:01:01 h"]);
    }

    #[test]
    fn traces_have_letters_as_long_as_there_are_any() {
        assert_eq!([0, 25, 26].map(letter), ["a", "z", "26"]);
    }
}
