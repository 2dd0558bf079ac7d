//! `dev-postgres run FOLDER`: a PostgreSQL in the foreground, until Ctrl-C.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks to whoever called it")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser};
use dev_postgres::{Durability, Listen, Settings, SourceChoice};
use nix::sys::signal::{SigSet, Signal};

#[derive(Parser)]
#[command(about = "A PostgreSQL for development and tests")]
enum Command {
    /// Runs one until Ctrl-C, and prints how to connect
    Run(Run),
    /// Lists the PostgreSQL programs found on this machine
    Installed,
}

#[derive(Args)]
struct Run {
    /// The cluster folder; made when missing
    data: PathBuf,
    /// Listen on this port of 127.0.0.1 besides the socket
    #[arg(long)]
    port: Option<u16>,
    /// Faster, and lost with the next power cut
    #[arg(long)]
    no_durability: bool,
    /// Only the PostgreSQL installed on the machine
    #[arg(long, conflicts_with = "bundled")]
    installed: bool,
    /// Only the PostgreSQL that comes along
    #[arg(long)]
    bundled: bool,
}

fn main() -> ExitCode {
    dev_postgres::maybe_run_as_helper();
    let done = match Command::parse() {
        Command::Run(run) => run.run(),
        Command::Installed => {
            for source in dev_postgres::installed() {
                println!("{source:?}");
            }
            Ok(())
        }
    };
    if let Err(e) = &done {
        eprintln!("error: {e:#}");
    }
    if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Run {
    fn run(self) -> Result<()> {
        // Before other threads start, so that all have them blocked and the one that waits gets them.
        let signals: SigSet = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().collect();
        signals.thread_block().context("blocking signals")?;
        let mut running = dev_postgres::start(self.settings())?;
        println!("{}", running.url("postgres"));

        let (tell, told) = channel();
        thread::spawn(move || tell.send(signals.wait()));
        while told.recv_timeout(Duration::from_millis(200)).is_err() {
            if !running.is_alive() {
                bail!("PostgreSQL ended by itself; see {}", running.data().join("server.log").display());
            }
        }
        Ok(running.stop()?)
    }

    fn settings(self) -> Settings {
        let mut settings = Settings::new(self.data);
        if let Some(port) = self.port {
            settings.listen = Listen::Tcp { port };
        }
        if self.no_durability {
            settings.durability = Durability::Off;
        }
        settings.source = match (self.installed, self.bundled) {
            (true, _) => Some(SourceChoice::Installed),
            (_, true) => Some(SourceChoice::Bundled),
            (false, false) => None,
        };
        settings
    }
}
