//! What parts of an order's way take a processor, without input and output: instructions as valgrind counts them, of
//! one build by one compiler. It is the difference between many and twice as many, so that the
//! program's start is not in it.

use super::figures::Counts;
use anyhow::{Context, bail};
use operate::terminal::say;
use std::{path::Path, process::Command};

const TIMES: i64 = 200;
const HINT: &str = "valgrind is needed (Debian: apt install valgrind)";

/// # Errors
/// valgrind is missing, or the program that does the parts.
pub(super) fn counted() -> anyhow::Result<Counts> {
    let program = std::env::current_exe()?.with_file_name("counted");
    let named = Command::new(&program).output().with_context(|| format!("starting {}", program.display()))?;
    let named = String::from_utf8(named.stdout)?;
    say("instructions …");
    let mut counts = Counts::default();
    for name in named.lines() {
        let [once, twice] = [TIMES, 2 * TIMES].map(|times| collected(&program, name, times));
        counts.0.insert(name.to_owned(), (twice? - once?) / TIMES);
    }
    Ok(counts)
}

fn collected(program: &Path, name: &str, times: i64) -> anyhow::Result<i64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program).args([name, &times.to_string()]);
    let done = valgrind.output().context(HINT)?;
    let said = String::from_utf8_lossy(&done.stderr);
    let Some(instructions) = instructions(&said).filter(|_| done.status.success()) else {
        bail!("{name} under valgrind: {said}");
    };
    Ok(instructions)
}

fn instructions(said: &str) -> Option<i64> {
    let line = said.lines().find_map(|line| line.split_once("Collected : "))?.1;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::instructions;

    #[test]
    fn what_was_collected_is_read() {
        assert_eq!(instructions("==7== Events    : Ir\n==7== Collected : 123456\n==7=="), Some(123_456));
        assert_eq!(instructions("no"), None);
    }
}
