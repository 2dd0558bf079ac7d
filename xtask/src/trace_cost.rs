//! `cargo xtask trace-cost`: what traces cost, in processor time per order, on this machine. Nothing is asserted.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::install;
use crate::process::{Interrupt, must};
use crate::workspace::{cargo, root};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many orders each platform takes in a turn
    #[arg(long, default_value_t = 300)]
    orders: u32,
    /// How many turns
    #[arg(long, default_value_t = 20)]
    turns: u32,
    /// Another `ecom`, such as that of an earlier commit, to compare with as well
    #[arg(long)]
    against: Option<PathBuf>,
    /// The profile to build and to measure
    #[arg(long, default_value = "release", value_parser = ["release", "dist"])]
    profile: String,
}

pub(crate) async fn run(arguments: &Arguments, mut interrupt: Interrupt) -> Result<ExitCode> {
    tokio::task::spawn_blocking(|| install::ensure(true)).await.context("looking for programs")??;
    let mut build = cargo("build");
    build.args(["-p", "ecom", "--profile", &arguments.profile]);
    must(build, &mut interrupt).await?;
    let mut trial = Command::new(root().join("target").join(&arguments.profile).join("ecom"));
    trial.args(["chaos", "trial", "trace-cost", "--orders", &arguments.orders.to_string()]);
    trial.args(["--turns", &arguments.turns.to_string()]);
    if let Some(against) = &arguments.against {
        trial.arg("--against").arg(against);
    }
    must(trial, &mut interrupt).await?;
    Ok(ExitCode::SUCCESS)
}
