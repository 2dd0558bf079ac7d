//! Writing to people: results to standard output, troubles to standard error.

use std::{
    fmt::Display,
    io::{self, Write},
};
use time::{OffsetDateTime, macros::format_description};

/// One line for the person at the terminal. A closed pipe is no reason to stop.
pub fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
    let _ = io::stdout().flush();
}

/// The same where a closed pipe is the reader's way to say that it is enough.
///
/// # Errors
/// Nobody reads any more.
pub fn try_say(line: impl Display) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")?;
    io::stdout().flush()
}

/// What strangers sent must not steer the terminal it is shown on, nor turn its letters round: control characters but the
/// line's end are replaced, and so is what breaks lines or sets their direction.
pub fn harmless(text: &str) -> String {
    let steers = |letter: char| {
        (letter.is_control() && letter != '\n')
            || matches!(letter, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|letter| if steers(letter) { '\u{FFFD}' } else { letter }).collect()
}

/// To the millisecond, in UTC.
pub(crate) fn time_of(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3]");
    // Our own format knows all of its parts.
    time.format(&format).unwrap_or_default()
}

pub fn complain(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(harmless("an \u{1b}[31mé\u{9b}2J\nend"), "an \u{FFFD}[31mé\u{FFFD}2J\nend");
        assert_eq!(harmless("a\u{202E}b\u{2066}c\u{2028}d\u{200F}"), "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}");
    }
}
