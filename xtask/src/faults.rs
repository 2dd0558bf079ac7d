//! `cargo xtask faults`: that nothing is lost and nothing is done twice, shown by breaking things, in a build with the
//! feature `labs`. And that what is released holds no mistake and no crash point.

use std::{
    fs,
    path::PathBuf,
    process::{Command, ExitCode},
    time::Instant,
};

use anyhow::{Context, Result};

use crate::install;
use crate::labs;
use crate::process::{Interrupt, Took, must};
use crate::workspace::{cargo, root};

/// The first fault run, in which the servers die; and the second, for what goes wrong between replicas alone. Together they are
/// as long as the stage's share of CI leaves them.
const ALONE: &str = "--kills 6 --refusals 0";
const REPLICAS: &str = "--replicas 2 --hangs 1 --refusals 1 --kills 4 --broker-kills 0 --postgres-kills 0 \
    --set EVENTS_BATCH=on";

/// The program and what tests its mistakes, in one selection, so that one build serves both.
const WITH_LABS: [&str; 8] =
    ["-p", "ecom", "-p", "labs-macro", "-p", "service-kit", "--features", "ecom/labs,labs-macro/labs"];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Orders of each fault run
    #[arg(long, default_value_t = 300)]
    orders: u32,
    /// Seed of the fault runs; the same seed breaks the same things
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A crash at every point that is passed, not at a tenth of them: for a run of record
    #[arg(long)]
    all_points: bool,
    /// Only a third of the crashes, and of the cures that are switched off, another one for each of three numbers in a row: all
    /// else is for a run of record
    #[arg(long)]
    third: Option<u64>,
    /// Only show that no program without the feature labs holds a mistake
    #[arg(long)]
    proof: bool,
}

pub(crate) async fn run(arguments: &Arguments, mut interrupt: Interrupt) -> Result<ExitCode> {
    let begun = Instant::now();
    tokio::task::spawn_blocking(|| install::ensure(true)).await.context("looking for programs")??;
    // What `cargo xtask test` makes anyway: fewer packages would be compiled with other features, and all they need with them.
    let mut plain = cargo("test");
    plain.args(["--workspace", "--no-run"]);
    let plain = built("ecom-plain", plain, &mut interrupt).await?;
    let mut program = cargo("build");
    program.args(["--bin", "ecom", "--test", "verbs"]).args(WITH_LABS);
    let program = built("ecom", program, &mut interrupt).await?;
    labs::plain_without_mistakes(&program, &plain, &labs::released()?)?;
    if arguments.proof {
        return Ok(ExitCode::SUCCESS);
    }
    for tests in [["--test", "verbs"], ["--lib", "labs::"]] {
        let mut test = cargo("test");
        test.args(WITH_LABS).args(tests);
        must(test, &mut interrupt).await?;
    }

    let (orders, seed) = (arguments.orders.to_string(), arguments.seed.to_string());
    let results = root().join("target/labs/results.jsonl").display().to_string();
    let third = arguments.third.map(|third| third.to_string());
    let chaos = ["chaos", "--orders", &orders, "--seed", &seed, "--results", &results];
    let third = || third.iter().flat_map(|third| ["--third", third.as_str()]);
    let stages: [Vec<&str>; 4] = [
        ["lab", "steps", "--seed", &seed]
            .into_iter()
            .chain(arguments.all_points.then_some("--all"))
            .chain(third())
            .collect(),
        ["lab", "defects"].into_iter().chain(third()).collect(),
        chaos.into_iter().chain(ALONE.split(' ')).collect(),
        chaos.into_iter().chain(REPLICAS.split(' ')).collect(),
    ];
    for stage in stages {
        let begun = Instant::now();
        let mut command = Command::new(&program);
        command.args(&stage);
        must(command, &mut interrupt).await?;
        println!("{}: {}", stage.join(" "), Took(begun));
    }
    println!("faults: {}", Took(begun));
    Ok(ExitCode::SUCCESS)
}

/// `ecom` of the profile `dev`, which keeps its symbols, under a name of its own: the next build must not replace it while
/// it runs.
async fn built(name: &str, build: Command, interrupt: &mut Interrupt) -> Result<PathBuf> {
    must(build, interrupt).await?;
    let program = root().join("target/labs").join(name);
    fs::create_dir_all(root().join("target/labs"))?;
    fs::copy(root().join("target/debug/ecom"), &program).with_context(|| format!("copying {name}"))?;
    Ok(program)
}
