//! The engine with all targets in it; see `cargo xtask fuzz`, which says to libFuzzer what to do.
#![expect(clippy::print_stdout, reason = "a program of `cargo xtask fuzz` speaks to it")]

use anyhow::{Context, Result, bail};
use fuzz::{TARGETS, Target};
use std::{fs, path::Path};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => TARGETS.iter().for_each(|target| println!("{}", target.name)),
        ["seeds", name, folder] => write(target(name)?, Path::new(folder))?,
        ["run", name] => run(target(name)?),
        ["repeat", name, file] => (target(name)?.run)(&fs::read(file).with_context(|| format!("reading {file}"))?),
        _ => bail!("expected `list`, `seeds TARGET FOLDER`, `run TARGET` or `repeat TARGET FILE`"),
    }
    Ok(())
}

/// Until libFuzzer ends the program.
fn run(target: &Target) {
    bolero::check!(name = target.name).for_each(target.run);
}

fn target(name: &str) -> Result<&'static Target> {
    Target::named(name).with_context(|| format!("there is no target {name}"))
}

/// The seeds as files, as the engine wants them; with those that are kept.
fn write(target: &Target, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let kept = target.kept().context("reading what is kept")?.into_iter().map(|(_, seed)| seed);
    for (number, seed) in (target.seeds)().into_iter().chain(kept).enumerate() {
        let file = folder.join(format!("seed-{number:03}"));
        fs::write(&file, seed).with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(())
}
