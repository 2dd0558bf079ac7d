//! What parts of an order's way take a processor, without input and output: instructions as valgrind counts them, of
//! one build by one compiler. It is the difference between many and twice as many, so that the start is not in it.
//!
//! Programs and libraries choose by the processor how to copy, to search and to sign. valgrind shows each x86-64 that
//! has AVX2 as the same one (a Core i7-4910MQ, caches and all), so that they choose the same on all of them; and of the
//! environment nothing is handed on that would choose for them.

use super::figures::Counts;
use anyhow::{Context, bail};
use operate::terminal::say;
use std::{
    env::consts::ARCH,
    path::Path,
    process::{Command, Output},
};

const TIMES: i64 = 200;
const HINT: &str = "valgrind is needed (Debian: apt-get install valgrind)";
/// `cargo run` makes `ecom` alone.
const BUILD: &str = "cargo build --release --workspace --bins";
/// Where programs are found, and nothing else that is ours.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Of each part, and what they are counted by.
///
/// # Errors
/// valgrind is missing, or the program that does the parts.
pub(super) fn counted() -> anyhow::Result<(Counts, String)> {
    let valgrind = said_first(&asked("valgrind", &["--version"]).context(HINT)?);
    let library = said_first(&asked("getconf", &["GNU_LIBC_VERSION"])?);
    let program = std::env::current_exe()?.with_file_name("counted");
    let named = Command::new(&program).output();
    let named = named.with_context(|| format!("starting {}: {BUILD} makes it", program.display()))?;
    let named = String::from_utf8(named.stdout)?;
    say("instructions …");
    let mut counts = Counts::default();
    for name in named.lines() {
        let [once, twice] = [TIMES, 2 * TIMES].map(|times| collected(&program, name, times));
        counts.0.insert(name.to_owned(), (twice? - once?) / TIMES);
    }
    Ok((counts, format!("{valgrind}, {library}, {ARCH}")))
}

fn asked(program: &str, arguments: &[&str]) -> anyhow::Result<Output> {
    let done = Command::new(program).args(arguments).env_clear().env("PATH", PATH).output();
    done.with_context(|| format!("starting {program}"))
}

fn said_first(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned()
}

fn collected(program: &Path, name: &str, times: i64) -> anyhow::Result<i64> {
    let program = program.to_str().context("a path that is no text")?;
    let times = times.to_string();
    let done = asked("valgrind", &["--tool=callgrind", "--callgrind-out-file=/dev/null", program, name, &times])?;
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
