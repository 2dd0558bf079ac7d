//! `cargo xtask faults`: that nothing is lost and nothing is done twice, shown by breaking things, in a build with the
//! feature `labs`. And that what is released does not carry that feature.

use std::{fs, process::Command, process::ExitCode, time::Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::install;
use crate::process::{Interrupt, Took, must};
use crate::workspace::{cargo, root};

/// What every program with the feature has in it, and no other.
const MARK: &[u8] = b"ECOM_FAULTS";
const RELEASED: [&str; 8] = [
    "ecom",
    "web",
    "provider-sim",
    "user-service",
    "product-service",
    "order-service",
    "payment-service",
    "notify-service",
];

/// The first fault run, in which the servers die; and the second, for what goes wrong between replicas alone. Together they are
/// as long as the stage's share of CI leaves them.
const ALONE: &str = "--kills 6 --refusals 0";
const REPLICAS: &str = "--replicas 2 --hangs 1 --refusals 1 --kills 4 --broker-kills 0 --postgres-kills 0";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Orders of each fault run
    #[arg(long, default_value_t = 300)]
    orders: u32,
    /// Seed of the fault runs; the same seed breaks the same things
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(crate) async fn run(arguments: &Arguments, mut interrupt: Interrupt) -> Result<ExitCode> {
    let begun = Instant::now();
    tokio::task::spawn_blocking(|| install::ensure(true)).await.context("looking for programs")??;
    let mut build = cargo("build");
    build.args(["-p", "ecom", "--features", "labs"]);
    must(build, &mut interrupt).await?;
    // Under another name: the next build without the feature must not replace it while it runs.
    let program = root().join("target/labs/ecom");
    fs::create_dir_all(root().join("target/labs"))?;
    fs::copy(root().join("target/debug/ecom"), &program).context("copying the program with the feature labs")?;
    released_without_labs(&program)?;

    let (orders, seed) = (arguments.orders.to_string(), arguments.seed.to_string());
    let results = root().join("target/labs/results.jsonl").display().to_string();
    let chaos = ["chaos", "--orders", &orders, "--seed", &seed, "--results", &results];
    for stage in [
        vec!["lab", "steps"],
        vec!["lab", "defects"],
        chaos.into_iter().chain(ALONE.split(' ')).collect(),
        chaos.into_iter().chain(REPLICAS.split(' ')).collect(),
    ] {
        let begun = Instant::now();
        let mut command = Command::new(&program);
        command.args(&stage);
        must(command, &mut interrupt).await?;
        println!("{}: {}", stage.join(" "), Took(begun));
    }
    println!("faults: {}", Took(begun));
    Ok(ExitCode::SUCCESS)
}

/// Looks into every released program there is; and into the one with the feature, to know that looking finds it.
fn released_without_labs(with_labs: &std::path::Path) -> Result<()> {
    let carries = |path: &std::path::Path| -> Result<bool> {
        let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        Ok(bytes.windows(MARK.len()).any(|window| window == MARK))
    };
    ensure!(carries(with_labs)?, "the build with the feature labs does not carry it");
    let mut looked_at = 0;
    for profile in ["release", "dist"] {
        for name in RELEASED {
            let path = root().join("target").join(profile).join(name);
            if path.exists() {
                looked_at += 1;
                if carries(&path)? {
                    bail!("{} carries crash points and cures: build it without the feature labs", path.display());
                }
            }
        }
    }
    ensure!(looked_at > 0, "no released program to look into: cargo build --release --workspace --bins");
    println!("{looked_at} released programs carry no crash points");
    Ok(())
}
