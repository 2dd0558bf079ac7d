//! `cargo xtask prepare`: what is generated and committed. `.sqlx/` holds what the compiler must know of the database
//! to check queries without one; `points.txt` where a crate may crash on purpose; docs/ the descriptions of events and HTTP interfaces, taken from the Rust types.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Instant, SystemTime};

use anyhow::{Context, Result, bail, ensure};

use crate::databases;
use crate::points;
use crate::process::{Interrupt, Took, must};
use crate::servers::Servers;
use crate::workspace::{CHECKED_CRATES, CheckedCrate, cargo, root};

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
    for checked in &CHECKED_CRATES {
        prepare(checked, &servers, &mut interrupt).await?;
    }
    write_documents(&servers, &mut interrupt).await?;
    println!("prepared in {}", Took(begun));
    if arguments.check { check() } else { Ok(ExitCode::SUCCESS) }
}

async fn prepare(checked: &CheckedCrate, servers: &Servers, interrupt: &mut Interrupt) -> Result<()> {
    let database = databases::make(&servers.database_url()?, checked).await?;
    let metadata = checked.folder().join(".sqlx");
    let before = contents(&metadata)?;
    // Emptied, so that queries that are gone leave nothing behind; there, or the macros write nothing.
    if metadata.exists() {
        fs::remove_dir_all(&metadata).with_context(|| format!("emptying {}", metadata.display()))?;
    }
    fs::create_dir(&metadata).with_context(|| format!("making {}", metadata.display()))?;
    let source = Source::of(checked)?;
    source.touch(now())?;
    let mut check = cargo("check");
    // With the feature, or the SQL of its labs.rs would be missing.
    check.args(["-p", checked.name, "--all-targets", "--features", "labs"]);
    // Only its own variable: a crate below that is compiled meanwhile would write its queries in here too.
    check.env(checked.variable, database.as_str()).env("SQLX_OFFLINE_DIR", &metadata);
    must(check, interrupt).await?;
    if contents(&metadata)? == before {
        source.touch(source.written)?;
    }
    // A crate without checked queries; git keeps no empty folders.
    _ = fs::remove_dir(&metadata);
    Ok(())
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

/// The tests named `documents…` compare docs/ with the types, or write it when asked to.
async fn write_documents(servers: &Servers, interrupt: &mut Interrupt) -> Result<()> {
    let packages = ["contracts", "ecom"].into_iter().filter(|name| root().join(name).join("tests/it/main.rs").exists());
    let packages: Vec<&str> = packages.flat_map(|name| ["-p", name]).collect();
    if packages.is_empty() {
        return Ok(());
    }
    let mut test = cargo("test");
    test.args(packages).args(["--test", "it", "documents"]).env("UPDATE_DOCS", "1").envs(servers.variables()?);
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
