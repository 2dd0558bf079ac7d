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

pub(crate) fn complain(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
