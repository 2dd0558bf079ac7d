//! `cargo xtask test` and `cargo xtask services`.

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result};

use crate::process::{self, Interrupt, Took, exit_code, run_in_foreground};
use crate::servers::{Servers, Starting};
use crate::workspace::cargo;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Handed to `cargo test`; with -p only those packages: cargo xtask test -- -p ecom -- journey
    #[arg(last = true)]
    cargo: Vec<String>,
}

#[derive(clap::Args)]
pub(crate) struct ServicesArguments {
    /// The command, which finds TEST_DATABASE_URL and TEST_AMQP_URL
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

pub(crate) async fn run(arguments: Arguments, mut interrupt: Interrupt) -> Result<ExitCode> {
    let begun = Instant::now();
    let names_packages =
        arguments.cargo.iter().take_while(|argument| *argument != "--").any(|argument| {
            argument.starts_with("-p") || argument.starts_with("--package") || argument == "--workspace"
        });
    let scope: &[&str] = if names_packages { &[] } else { &["--workspace"] };

    // Both take their time: the servers start while the compiler works.
    let servers = Starting::begin(true).await?;
    let mut compile = cargo("test");
    compile.args(scope).args(arguments.cargo.iter().take_while(|argument| *argument != "--")).arg("--no-run");
    let compiled = process::run(compile, &mut interrupt).await?;
    if !compiled.success() {
        return Ok(exit_code(compiled));
    }
    println!("compiled in {}", Took(begun));
    let servers = servers.finish(&mut interrupt).await?;

    let testing = Instant::now();
    let mut test = cargo("test");
    test.args(scope).args(&arguments.cargo).envs(servers.variables()?);
    let status = process::run(test, &mut interrupt).await?;
    println!("tested in {}, {} in all", Took(testing), Took(begun));
    Ok(exit_code(status))
}

pub(crate) async fn services(arguments: ServicesArguments, mut interrupt: Interrupt) -> Result<ExitCode> {
    let servers = Servers::start(true, &mut interrupt).await?;
    let variables = servers.variables()?;
    for (name, value) in &variables {
        println!("{name}={value}");
    }
    let (program, rest) = arguments.command.split_first().context("no command")?;
    let mut command = Command::new(program);
    command.args(rest).envs(variables);
    Ok(exit_code(run_in_foreground(command, &mut interrupt).await?))
}
