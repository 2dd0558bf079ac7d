//! `cargo xtask prepare`: what is generated and committed. `.sqlx/` holds what the compiler must know of the database
//! to check queries without one; `points.txt` where a crate may crash on purpose; docs/ the descriptions of events and HTTP interfaces, taken from the Rust types.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Instant, SystemTime};

use anyhow::{Context, Result, bail, ensure};

use crate::databases;
use crate::points;
use crate::process::{Interrupt, Took, must};
use crate::servers::Servers;
use crate::workspace::{CHECKED_CRATES, CheckedCrate, EVERY_FEATURE, cargo, root};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Fails when what is committed differs from what comes out
    #[arg(long)]
    check: bool,
    /// Only the lists of crash points (points.txt), which takes a moment
    #[arg(long)]
    points: bool,
}

pub(crate) async fn run(arguments: &Arguments, mut interrupt: Interrupt) -> Result<ExitCode> {
    let begun = Instant::now();
    points::write()?;
    if arguments.points {
        return Ok(ExitCode::SUCCESS);
    }
    let servers = Servers::start(false, &mut interrupt).await?;
    let begun_queries = Instant::now();
    write_queries(&servers, &mut interrupt).await?;
    println!("queries: {}", Took(begun_queries));
    write_documents(&servers, &mut interrupt).await?;
    println!("prepared in {}", Took(begun));
    if arguments.check { check() } else { Ok(ExitCode::SUCCESS) }
}

/// One `cargo check` of everything, so that it shares what it compiles with `cargo clippy`.
async fn write_queries(servers: &Servers, interrupt: &mut Interrupt) -> Result<()> {
    let mut check = cargo("check");
    check.args(["--workspace", "--all-targets", "--features", EVERY_FEATURE]);
    check.env("RUSTC_WORKSPACE_WRAPPER", std::env::current_exe().context("looking for this program")?);
    check.env(AS_COMPILER, "1");
    let mut sources = Vec::new();
    for checked in &CHECKED_CRATES {
        check.env(checked.variable, databases::make(&servers.database_url()?, checked).await?.as_str());
        let metadata = checked.folder().join(".sqlx");
        let before = contents(&metadata)?;
        // Emptied, so that queries that are gone leave nothing behind; there, or the macros write nothing.
        if metadata.exists() {
            fs::remove_dir_all(&metadata).with_context(|| format!("emptying {}", metadata.display()))?;
        }
        fs::create_dir(&metadata).with_context(|| format!("making {}", metadata.display()))?;
        let source = Source::of(checked)?;
        source.touch(now())?;
        sources.push((source, metadata, before));
    }
    let checked = must(check, interrupt).await;
    for (source, metadata, before) in sources {
        if checked.is_err() {
            // What one wrong query keeps from being written is not lost: nothing could be compiled without it.
            for (name, bytes) in &before {
                fs::write(metadata.join(name), bytes).with_context(|| format!("writing {}", metadata.display()))?;
            }
        }
        if contents(&metadata)? == before {
            source.touch(source.written)?;
        }
        // A crate without checked queries; git keeps no empty folders.
        _ = fs::remove_dir(&metadata);
    }
    checked
}

/// Says that cargo calls this program in place of the compiler.
const AS_COMPILER: &str = "ECOM_XTASK_AS_COMPILER";

/// The compiler, told for each crate by itself where its queries go: `SQLX_OFFLINE_DIR` is one for all that cargo starts.
pub(crate) fn maybe_run_as_compiler() {
    if std::env::var_os(AS_COMPILER).is_none() {
        return;
    }
    let mut arguments = std::env::args_os().skip(1);
    let mut compiler = Command::new(arguments.next().unwrap_or_else(|| "rustc".into()));
    compiler.args(arguments);
    if let Some(folder) = std::env::var_os("CARGO_MANIFEST_DIR") {
        compiler.env("SQLX_OFFLINE_DIR", Path::new(&folder).join(".sqlx"));
    }
    let failed = compiler.exec();
    eprintln!("error: starting {:?}: {failed}", compiler.get_program());
    std::process::exit(1);
}

/// What lies in a folder, by name; nothing where there is none.
fn contents(folder: &Path) -> Result<BTreeMap<OsString, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in folder.read_dir().into_iter().flatten() {
        let entry = entry.with_context(|| format!("reading {}", folder.display()))?;
        let bytes = fs::read(entry.path()).with_context(|| format!("reading {}", entry.path().display()))?;
        files.insert(entry.file_name(), bytes);
    }
    Ok(files)
}

/// The file whose time says whether a crate has to be compiled. The macros write while they expand: it must be, also if
/// cargo sees no reason; where they wrote what was there, other builds have none.
struct Source {
    file: PathBuf,
    written: SystemTime,
}

impl Source {
    fn of(checked: &CheckedCrate) -> Result<Self> {
        let file = checked.folder().join("src/lib.rs");
        let metadata = fs::metadata(&file).and_then(|metadata| metadata.modified());
        let written = metadata.with_context(|| format!("looking at {}", file.display()))?;
        Ok(Self { file, written })
    }

    fn touch(&self, time: SystemTime) -> Result<()> {
        let file = File::options().append(true).open(&self.file);
        file.and_then(|file| file.set_modified(time)).with_context(|| format!("touching {}", self.file.display()))
    }
}

#[expect(clippy::disallowed_methods, reason = "a file's time stamp is compared with the machine's clock")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// The tests named `documents…` compare docs/ with the types, or write it when asked to. All crates, as `cargo xtask test`
/// has them: fewer would be compiled with other features, and all they need with them.
async fn write_documents(servers: &Servers, interrupt: &mut Interrupt) -> Result<()> {
    let mut test = cargo("test");
    test.args(["--quiet", "--workspace", "--test", "it", "documents"])
        .env("UPDATE_DOCS", "1")
        .envs(servers.variables()?);
    must(test, interrupt).await
}

/// What `write_documents` writes, of the pages the tables between their marks; the rest is written by hand.
const DOCUMENTS: [&str; 5] =
    ["docs/asyncapi.json", "docs/openapi", "docs/api.md", "docs/operations/metrics.md", "docs/operations/variables.md"];

fn check() -> Result<ExitCode> {
    let metadata = CHECKED_CRATES.iter().map(|checked| format!("{}/.sqlx", checked.name));
    let points = CHECKED_CRATES.iter().map(|checked| format!("{}/{}", checked.name, points::FILE));
    let output = Command::new("git")
        .args(["status", "--porcelain", "--untracked-files=all", "--"])
        .args(metadata)
        .args(points)
        .args(DOCUMENTS)
        .current_dir(root())
        .output()
        .context("running git")?;
    ensure!(output.status.success(), "git status failed: {}", String::from_utf8_lossy(&output.stderr));
    let changed = String::from_utf8_lossy(&output.stdout);
    if !changed.is_empty() {
        bail!("generated files differ from the committed ones; run cargo xtask prepare and commit:\n{changed}");
    }
    Ok(ExitCode::SUCCESS)
}
