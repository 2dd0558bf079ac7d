//! `ecom events`: what was announced, who has handled it, and having it handled after all.

mod filter;
mod follow;
mod list;
mod log;
mod replay;
mod show;

pub use filter::{Filter, Moment};
pub use follow::Follower;
pub use list::list;
pub use log::Logged;
pub use replay::{Outcome, Wanted, replay};
pub use show::{Consumer, Shown, show};

pub(crate) use show::standing;

use crate::{operator, reach::Reach};
use clap::{Args, Subcommand};
use contracts::{EventId, ServiceName};
use service_kit::Env;

#[derive(Subcommand)]
pub enum EventsCommand {
    /// The newest events of the five event logs, oldest first
    List {
        #[command(flatten)]
        filter: Filter,
        /// How many at the most
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// One event whole, and where it stands at every consumer
    Show {
        /// The event's id
        id: EventId,
    },
    /// Events as they are announced, until Ctrl-C
    Follow {
        #[command(flatten)]
        filter: Filter,
    },
    /// Have logged events acted on by one consumer that did not get them
    ///
    /// Each goes into the consumer's inbox as one that waits, and the running service takes it up within half a second.
    /// It keeps its id: what was handled is left alone.
    Replay(ReplayArgs),
}

#[derive(Args)]
pub struct ReplayArgs {
    /// This event alone
    #[arg(long, conflicts_with_all = ["kind", "subject", "journey", "service", "since", "until"])]
    id: Option<EventId>,
    #[command(flatten)]
    filter: Filter,
    /// The consumer, e.g. order-service
    #[arg(long)]
    to: ServiceName,
    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Also act again on what was handled; refused where money or stock moves
    #[arg(long)]
    again: bool,
    /// Go on with more than 100 events
    #[arg(long)]
    yes: bool,
    /// Your name in the operator's log, instead of USER
    #[arg(long = "as", value_name = "NAME")]
    operator: Option<String>,
}

pub async fn run(env: &Env, command: EventsCommand) -> anyhow::Result<()> {
    let reach = Reach::find(env).await?;
    match command {
        EventsCommand::List { filter, limit } => list::print(&reach, &filter, limit).await,
        EventsCommand::Show { id } => show::print(&reach, id).await,
        EventsCommand::Follow { filter } => follow::print(&reach, &filter).await,
        EventsCommand::Replay(ReplayArgs { id, filter, to, dry_run, again, yes, operator }) => {
            let wanted = Wanted { id, filter, to, again, dry_run, yes };
            // What changes nothing leaves no line in the operator's log, so nobody need say who they are.
            let operator = if dry_run { operator.unwrap_or_default() } else { operator::name(env, operator)? };
            replay::print(&reach, &operator, &wanted).await
        }
    }
}
