//! Writing to people: results to standard output, troubles to standard error.

use std::{
    fmt::Display,
    io::{self, Write},
};

/// One line for the person at the terminal. A closed pipe is no reason to stop.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
    let _ = io::stdout().flush();
}

/// The same where a closed pipe is the reader's way to say that it is enough.
///
/// # Errors
/// Nobody reads any more.
pub(crate) fn try_say(line: impl Display) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")?;
    io::stdout().flush()
}

/// What strangers sent must not steer the terminal it is shown on: control characters but the line's end are replaced.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() && letter != '\n' { '\u{FFFD}' } else { letter }).collect()
}

pub(crate) fn complain(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(harmless("an \u{1b}[31mé\u{9b}2J\nend"), "an \u{FFFD}[31mé\u{FFFD}2J\nend");
    }
}
