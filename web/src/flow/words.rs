//! Times and spans of time for people.

use time::{OffsetDateTime, macros::format_description};

/// `16:40:12.123`, in UTC.
pub(super) fn clock(at: OffsetDateTime) -> String {
    let format = format_description!("[hour]:[minute]:[second].[subsecond digits:3]");
    at.format(&format).unwrap_or_default()
}

/// `2026-11-24 16:40:12`, in UTC.
pub(super) fn day_and_clock(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    at.format(&format).unwrap_or_default()
}

/// `0.4 ms`, `12 ms`, `3.2 s`, `4 min 10 s`, `3 h 2 min`: two or three digits that matter.
pub(super) fn span(micros: i64) -> String {
    match micros {
        ..9_950 => format!("{:.1} ms", micros as f64 / 1e3),
        9_950..999_500 => format!("{:.0} ms", micros as f64 / 1e3),
        999_500..59_950_000 => format!("{:.1} s", micros as f64 / 1e6),
        _ => {
            let seconds = micros / 1_000_000;
            let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            if hours == 0 { format!("{minutes} min {seconds} s") } else { format!("{hours} h {minutes} min") }
        }
    }
}

/// `1 event`, `2 events`.
pub(super) fn count(count: i64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_of_time_have_the_digits_that_matter() {
        let shown =
            [0, 444, 9_949, 9_951, 12_345, 999_499, 999_500, 3_240_000, 59_949_999, 250_000_000, 10_920_000_000];
        assert_eq!(
            shown.map(span),
            [
                "0.0 ms",
                "0.4 ms",
                "9.9 ms",
                "10 ms",
                "12 ms",
                "999 ms",
                "1.0 s",
                "3.2 s",
                "59.9 s",
                "4 min 10 s",
                "3 h 2 min"
            ]
        );
    }
}
