//! `cargo xtask pages`: everything that is done in a browser, by the walks of `deploy/checks/browser/`.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::process::{Interrupt, must};
use crate::workspace::{cargo, root};

/// Where the record of all combinations is kept.
const RECORD: &str = "docs/pages";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Every combination of screens and scripts, and Lighthouse's figures of speed; written to docs/pages with a picture of
    /// each page
    #[arg(long)]
    all: bool,
    /// Where the pictures of all states go
    #[arg(long, default_value = "target/browser")]
    pictures: PathBuf,
}

pub(crate) async fn run(arguments: &Arguments, mut interrupt: Interrupt) -> Result<ExitCode> {
    let mut build = cargo("build");
    build.args(["--release", "--workspace", "--bins"]);
    must(build, &mut interrupt).await?;
    let mut walk = Command::new(root().join("deploy/checks/browser.sh"));
    walk.current_dir(root()).arg("target/release").arg(&arguments.pictures);
    if arguments.all {
        walk.env("BROWSER_MATRIX", "all").env("BROWSER_RECORD", RECORD);
    }
    must(walk, &mut interrupt).await?;
    Ok(ExitCode::SUCCESS)
}
