//! `cargo xtask fuzz`: each target of `fuzz/` for a while under libFuzzer, which comes in a crate: nothing to install.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::process::{self, Interrupt, Took, must, must_say};
use crate::workspace::{cargo, root};

/// Counters of what was reached, which the compiler puts into all that is built for the target: a stable one can.
const COVERED: [&str; 8] = [
    "--cfg=fuzzing",
    "--cfg=fuzzing_libfuzzer",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-sanitizer-coverage-stack-depth",
];

/// Larger inputs are not kept: they stand in the repository for ever.
const LARGEST_KEPT: u64 = 4096;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only this one
    target: Option<String>,
    /// How long each target is tried
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Does nothing but give this file to the target
    #[arg(long, requires = "target")]
    input: Option<PathBuf>,
}

pub(crate) async fn run(arguments: Arguments, mut interrupt: Interrupt) -> Result<ExitCode> {
    let begun = Instant::now();
    let engine = build(&mut interrupt).await?;
    println!("built: {}", Took(begun));
    let known = must_say(command(&engine, &["list"]))?;
    let known: Vec<&str> = known.lines().collect();
    let wanted = match &arguments.target {
        None => known,
        Some(one) if known.contains(&one.as_str()) => vec![one.as_str()],
        Some(other) => bail!("there is no target {other}: expected one of {}", known.join(", ")),
    };
    if let Some(input) = &arguments.input {
        let mut repeat = command(&engine, &["repeat", wanted[0]]);
        repeat.arg(fs::canonicalize(input).with_context(|| format!("looking for {}", input.display()))?);
        must(repeat, &mut interrupt).await?;
        println!("{}: keeps its promises with {}", wanted[0], input.display());
        return Ok(ExitCode::SUCCESS);
    }
    let mut broken = Vec::new();
    for target in wanted {
        if !attempt(&engine, target, arguments.seconds, &mut interrupt).await? {
            broken.push(target);
        }
    }
    println!("tried in {}", Took(begun));
    if broken.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("BROKEN: {}", broken.join(", "));
    Ok(ExitCode::FAILURE)
}

/// The program with all targets. It is built for the host by name: so build scripts and macros have no counters.
async fn build(interrupt: &mut Interrupt) -> Result<PathBuf> {
    let mut version = Command::new("rustc");
    version.arg("-vV").current_dir(root());
    let version = must_say(version)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let mut build = cargo("build");
    build.args(["--package", "fuzz", "--features", "engine", "--profile", "fuzz", "--target", host]);
    build.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", COVERED.join("\x1f"));
    must(build, interrupt).await?;
    Ok(target_folder().join(host).join("fuzz").join("fuzz"))
}

fn target_folder() -> PathBuf {
    root().join("target")
}

fn command(engine: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(engine);
    command.args(arguments).current_dir(root());
    command
}

/// Whether nothing was found. What was reached is kept in the target folder: the next attempt goes on from there.
async fn attempt(engine: &Path, target: &str, seconds: u32, interrupt: &mut Interrupt) -> Result<bool> {
    let folder = target_folder().join("fuzz-inputs").join(target);
    let (seeds, reached) = (folder.join("seeds"), folder.join("reached"));
    if seeds.is_dir() {
        fs::remove_dir_all(&seeds).context("removing old seeds")?;
    }
    fs::create_dir_all(&reached).context("making the folder of what was reached")?;
    let mut write = command(engine, &["seeds", target]);
    write.arg(&seeds);
    must(write, interrupt).await?;
    for old in found(&folder)? {
        fs::remove_file(old).context("removing what was found before")?;
    }

    let log = folder.join("log");
    let said = File::create(&log).context("making the log")?;
    let mut attempt = command(engine, &["run", target]);
    // Parted by spaces, so all paths are relative.
    let how = format!(
        "reached seeds -artifact_prefix=found- -max_total_time={seconds} -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
         -print_final_stats=1"
    );
    attempt.current_dir(&folder).env("BOLERO_LIBFUZZER_ARGS", how);
    // The panic's words and place say it; a trace of the engine's own frames would hide them.
    attempt.env("RUST_BACKTRACE", "0");
    attempt.stdout(said.try_clone().context("the log")?).stderr(said);
    let status = process::run(attempt, interrupt).await?;
    let log_text = String::from_utf8_lossy(&fs::read(&log).context("reading the log")?).into_owned();
    if status.success() {
        println!("{target}: {}", Figures::of(&log_text));
        return Ok(true);
    }
    println!("{target}: BROKEN\n{}", tail(&log_text));
    for input in found(&folder)? {
        println!("{}", keep(target, &input)?);
    }
    println!("what the engine said: {}", log.display());
    Ok(false)
}

/// Crashes, timeouts and too much memory; what was merely slow is no failure.
fn found(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = folder.read_dir().with_context(|| format!("reading {}", folder.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let name = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("found-"));
    Ok(paths.filter(name).collect())
}

/// A found input becomes a seed of the tests, if it is small.
fn keep(target: &str, input: &Path) -> Result<String> {
    let repeat = |path: &Path| format!("cargo xtask fuzz {target} --input {}", path.display());
    let name = input.file_name().context("a file's name")?.to_string_lossy().replace("found-", "");
    let size = input.metadata().context("how large it is")?.len();
    if size > LARGEST_KEPT {
        return Ok(format!("found {} ({size} bytes, too large to be kept)\nagain: {}", input.display(), repeat(input)));
    }
    let folder = root().join("fuzz/corpus").join(target);
    fs::create_dir_all(&folder).context("making the target's corpus")?;
    let kept = folder.join(name);
    fs::copy(input, &kept).context("keeping what was found")?;
    let again = repeat(kept.strip_prefix(root()).unwrap_or(&kept));
    Ok(format!(
        "found {} ({size} bytes): commit it with what mends it\nagain: {again}, or cargo test -p fuzz",
        kept.display()
    ))
}

/// The words of the panic stand at the end.
fn tail(log: &str) -> String {
    let progress = |line: &&str| ["#", "\tNEW_FUNC", "INFO:", "WARNING:"].iter().any(|begin| line.starts_with(begin));
    let lines: Vec<&str> = log.lines().filter(|line| !progress(line)).collect();
    lines[lines.len().saturating_sub(60)..].iter().fold(String::new(), |mut text, line| {
        // Writing to a String cannot fail.
        _ = writeln!(text, "  {line}");
        text
    })
}

/// What libFuzzer says at the end.
struct Figures {
    runs: u64,
    a_second: u64,
    new: u64,
    /// Edges of the program that the seeds reach, and that were reached at the end.
    covered: (u64, u64),
}

impl Figures {
    fn of(log: &str) -> Self {
        let stat = |name: &str| log.lines().find_map(|line| number(line.strip_prefix("stat::")?.strip_prefix(name)?));
        let covered = |line: &str| number(line.split_once("cov: ")?.1);
        let begun = log.lines().find(|line| line.contains("INITED")).and_then(covered);
        let ended = log.lines().rev().find_map(covered);
        Self {
            runs: stat("number_of_executed_units:").unwrap_or_default(),
            a_second: stat("average_exec_per_sec:").unwrap_or_default(),
            new: stat("new_units_added:").unwrap_or_default(),
            covered: (begun.unwrap_or_default(), ended.unwrap_or_default()),
        }
    }
}

fn number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { runs, a_second, new, covered: (begun, ended) } = self;
        write!(
            f,
            "{runs} runs ({a_second} a second), {new} new inputs, {begun} edges reached at first and {ended} at last"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Figures;

    #[test]
    fn figures_are_read_from_what_libfuzzer_says() {
        let log = "INFO: seed corpus: files: 35\n#36\tINITED cov: 1200 ft: 3400 corp: 30/20Kb\n\
                   #900\tNEW    cov: 1210 ft: 3500 corp: 31/20Kb\n#5000\tDONE   cov: 1234 ft: 3600 corp: 40/22Kb\n\
                   stat::number_of_executed_units: 5000\nstat::average_exec_per_sec:     454\n\
                   stat::new_units_added:          12\n";
        let expected = "5000 runs (454 a second), 12 new inputs, 1200 edges reached at first and 1234 at last";
        assert_eq!(Figures::of(log).to_string(), expected);
    }
}
