//! `cargo xtask lint`.

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::Result;

use crate::house;
use crate::process::{Interrupt, Took, must};
use crate::workspace::{EVERY_FEATURE, cargo, root};
use crate::{labs, points};

/// What CI installs, so that a new version with other opinions comes by a commit.
const CARGO_DENY: &str = "cargo-deny@0.20.2";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only where things lie, and pages: circles of files, SQL, cures, what domain/ imports; dead links, long lines of
    /// prose. It takes a moment
    #[arg(long)]
    house: bool,
}

pub(crate) async fn run(arguments: &Arguments, mut interrupt: Interrupt) -> Result<ExitCode> {
    let begun = Instant::now();
    if arguments.house {
        house::check()?;
        println!("the house is in order: {}", Took(begun));
        return Ok(ExitCode::SUCCESS);
    }
    let begun_house = Instant::now();
    house::check()?;
    println!("the house: {}", Took(begun_house));
    stage(&["fmt", "--all", "--check"], &mut interrupt).await?;
    labs::enabled_by_nothing()?;
    points::check()?;
    stage(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &mut interrupt).await?;
    // Once more with what is in no other build.
    stage(
        &["clippy", "--workspace", "--all-targets", "--features", EVERY_FEATURE, "--", "-D", "warnings"],
        &mut interrupt,
    )
    .await?;
    if has_cargo_deny() || install_in_ci(&mut interrupt).await? {
        stage(&["deny", "check", "bans", "licenses", "sources"], &mut interrupt).await?;
    }
    let begun_deploy = Instant::now();
    let mut deploy = Command::new(root().join("deploy/checks/lint.sh"));
    deploy.current_dir(root());
    must(deploy, &mut interrupt).await?;
    println!("deploy/checks/lint.sh: {}", Took(begun_deploy));
    println!("linted in {}", Took(begun));
    Ok(ExitCode::SUCCESS)
}

async fn stage(arguments: &[&str], interrupt: &mut Interrupt) -> Result<()> {
    let begun = Instant::now();
    let mut command = cargo(arguments[0]);
    command.args(&arguments[1..]);
    must(command, interrupt).await?;
    println!("cargo {}: {}", arguments[0], Took(begun));
    Ok(())
}

fn has_cargo_deny() -> bool {
    Command::new("cargo").args(["deny", "--version"]).current_dir(root()).output().is_ok_and(|o| o.status.success())
}

/// It takes minutes to compile: CI does it, people decide for themselves.
async fn install_in_ci(interrupt: &mut Interrupt) -> Result<bool> {
    if std::env::var_os("CI").is_none() {
        println!(
            "cargo deny: SKIPPED, licences and sources were not checked: it is not installed here. `.ci/run` installs it; so does"
        );
        println!("            cargo install --locked {CARGO_DENY}, which takes minutes");
        return Ok(false);
    }
    stage(&["install", "--locked", "--debug", CARGO_DENY], interrupt).await?;
    Ok(true)
}
