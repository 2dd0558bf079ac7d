//! `ecom doctor` on the command line.
//!
//! Exit codes: 0 clean, 1 violations (or a repair that failed), 2 not everything could be looked at.

use super::{
    Options, Report, examine,
    repair::{self, Mend},
    report,
};
use crate::{
    operator,
    reach::Reach,
    terminal::{complain, say},
};
use clap::Args;
use service_kit::{Clock, Env, standalone};
use std::{path::PathBuf, process::ExitCode, time::Duration};
use uuid::Uuid;

/// Not everything could be looked at.
pub const COULD_NOT_LOOK: u8 = 2;

#[derive(Args)]
pub struct Arguments {
    /// Look again every so many seconds (10 unless given) until Ctrl-C
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "10",
          value_parser = clap::value_parser!(u64).range(1..))]
    watch: Option<u64>,
    /// What changed within so many seconds is on its way, and no violation; 0 for a platform that is known to be quiet
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    grace: u64,
    /// An event may wait in an outbox for so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    oldest_outbox: u64,
    /// Compare with the log of a load client (JSON lines)
    #[arg(long, value_name = "FILE")]
    client_log: Option<PathBuf>,
    /// Compare with notify-service's mail folder
    #[arg(long, value_name = "FOLDER")]
    mails: Option<PathBuf>,
    /// A test person's text: it may be found only where persons are known
    #[arg(long, value_name = "TEXT")]
    canary: Option<String>,
    /// The test person was erased: the canary may be found nowhere, not in the databases of people either
    #[arg(long, requires = "canary")]
    canary_erased: bool,
    /// Search this log file for the canary (repeatable)
    #[arg(long, value_name = "FILE", requires = "canary")]
    log: Vec<PathBuf>,
    /// An event that was injected to become a dead letter (repeatable)
    #[arg(long, value_name = "EVENT")]
    poison: Vec<Uuid>,
    /// The provider shows no log, as a real one: leave out what needs it, instead of exit code 2
    #[arg(long)]
    no_provider_log: bool,
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
    /// Show every violation, not the first five of each invariant
    #[arg(long)]
    all: bool,
    /// Say what would be mended: one of the three, or all of them
    #[arg(long, value_name = "NAME", num_args = 0..=1, conflicts_with_all = ["watch", "json"])]
    repair: Option<Option<Mend>>,
    /// Mend it
    #[arg(long, requires = "repair")]
    yes: bool,
    /// Your name in the operator's log, instead of USER
    #[arg(long = "as", value_name = "NAME", requires = "repair")]
    operator: Option<String>,
}

impl Arguments {
    fn options(&self) -> Options {
        Options {
            client_log: self.client_log.clone(),
            grace: Duration::from_secs(self.grace),
            poison: self.poison.iter().copied().collect(),
            canary: self.canary.clone(),
            canary_erased: self.canary_erased,
            mails: self.mails.clone(),
            logs: self.log.clone(),
            oldest_outbox: Duration::from_secs(self.oldest_outbox),
            no_provider_log: self.no_provider_log,
        }
    }
}

/// Runs the command; whatever keeps it from looking is said here.
pub async fn run(env: &Env, arguments: &Arguments) -> ExitCode {
    match look(env, arguments).await {
        Ok(code) => code,
        Err(cause) => {
            complain(format!("ecom doctor: could not look: {cause:#}"));
            ExitCode::from(COULD_NOT_LOOK)
        }
    }
}

async fn look(env: &Env, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let reach = Reach::find(env).await?;
    let options = arguments.options();
    let clock = Clock::system();
    if let Some(wanted) = arguments.repair {
        return mend(&reach, env, wanted, arguments).await;
    }
    let Some(seconds) = arguments.watch else {
        let report = examine(&reach, &options, clock.now()).await?;
        show(&report, arguments);
        return Ok(code_of(&report));
    };
    let stop = standalone::stop_on_signal()?;
    loop {
        let now = clock.now();
        // A database that is away now may be back at the next look.
        let code = match examine(&reach, &options, now).await {
            Ok(report) => {
                if !arguments.json {
                    say(format!("--- {}", super::facts::Moment::from(now)));
                }
                show(&report, arguments);
                code_of(&report)
            }
            Err(cause) => {
                complain(format!("ecom doctor: could not look: {cause:#}"));
                ExitCode::from(COULD_NOT_LOOK)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
            () = stop.cancelled() => return Ok(code),
        }
    }
}

/// Says what there is to mend, and with `--yes` mends it.
async fn mend(reach: &Reach, env: &Env, wanted: Option<Mend>, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let clock = Clock::system();
    let steps = repair::plan(reach, &arguments.options(), &clock, wanted).await?;
    if steps.is_empty() {
        say("Nothing to mend.");
        return Ok(ExitCode::SUCCESS);
    }
    if !arguments.yes {
        steps.iter().for_each(|step| say(format!("would {step}")));
        say(format!("\nNothing was changed. {} to do: add --yes to do it.", counted(steps.len(), "step")));
        return Ok(ExitCode::SUCCESS);
    }
    let operator = match operator::name(env, arguments.operator.clone()) {
        Ok(operator) => operator,
        Err(cause) => {
            complain(format!("ecom doctor: nothing was changed: {cause:#}"));
            return Ok(ExitCode::FAILURE);
        }
    };
    let mut failed = 0;
    for step in &steps {
        match repair::carry_out(reach, env, &clock, &operator, step).await {
            Ok(true) => say(format!("done: {step}")),
            Ok(false) => say(format!("no longer needed: {step}")),
            Err(cause) => {
                failed += 1;
                complain(format!("FAILED: {step}: {cause:#}"));
            }
        }
    }
    say(format!("\n{} taken, {failed} failed. Look again with `ecom doctor`.", counted(steps.len(), "step")));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn counted(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

fn show(found: &Report, arguments: &Arguments) {
    if arguments.json {
        say(report::json(found));
    } else {
        report::lines(found, arguments.all).into_iter().for_each(say);
    }
}

fn code_of(report: &Report) -> ExitCode {
    match (report.violations(), report.could_not_look.is_empty()) {
        (0, true) => ExitCode::SUCCESS,
        (0, false) => ExitCode::from(COULD_NOT_LOOK),
        _ => ExitCode::FAILURE,
    }
}
