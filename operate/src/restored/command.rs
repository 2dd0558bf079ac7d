//! `ecom restored` on the command line.

use super::{
    carry_out::carry_out,
    plan::{Plan, Wanted},
    planning::plan,
};
use crate::{
    operator,
    reach::Reach,
    terminal::{complain, say},
};
use clap::Args;
use service_kit::{Clock, Env};
use std::process::ExitCode;

/// Steps bring others with them: an order that is remembered can learn of its payment, and can then be cancelled.
const PASSES: usize = 6;

#[derive(Args)]
pub struct Arguments {
    /// Give back what was paid for orders that are no more, or whose address is lost
    #[arg(long)]
    refund: bool,
    /// Do it
    #[arg(long)]
    yes: bool,
    /// The provider shows no log, as a real one: what it did since the backup is for you to compare with its own books
    #[arg(long)]
    no_provider_log: bool,
    /// Your name in the operator's log, instead of USER
    #[arg(long = "as", value_name = "NAME")]
    operator: Option<String>,
}

/// Says what there is to do, and with `--yes` does it.
pub async fn run(env: &Env, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (reach, clock) = (Reach::find(env).await?, Clock::system());
    let wanted = Wanted { refund: arguments.refund, no_provider_log: arguments.no_provider_log };
    let mut found = plan(&reach, &clock, wanted).await?;
    if found.steps.is_empty() {
        tell(&found);
        say("Nothing is to be done.");
        return Ok(ExitCode::SUCCESS);
    }
    if !arguments.yes {
        found.steps.iter().for_each(|step| say(format!("would {step}")));
        tell(&found);
        say("\nNothing was changed. Add --yes to do it; what follows from it is done then, too.");
        return Ok(ExitCode::SUCCESS);
    }
    let operator = operator::name(env, arguments.operator.clone())?;
    let mut failed = 0;
    for _ in 0..PASSES {
        let mut done = 0;
        for step in &found.steps {
            match carry_out(&reach, env, &clock, &operator, step).await {
                Ok(true) => {
                    done += 1;
                    say(format!("done: {step}"));
                }
                Ok(false) => say(format!("no longer needed: {step}")),
                Err(cause) => {
                    failed += 1;
                    complain(format!("FAILED: {step}: {cause:#}"));
                }
            }
        }
        found = plan(&reach, &clock, wanted).await?;
        if failed > 0 || done == 0 || found.steps.is_empty() {
            break;
        }
    }
    tell(&found);
    say("\nWhen the services have run for a minute, look with `ecom doctor`.");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(found: &Plan) {
    found.notes.iter().for_each(|note| say(format!("note: {note}")));
}
