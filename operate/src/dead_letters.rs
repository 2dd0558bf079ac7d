//! `ecom dead-letters`: what consumers gave up. A letter is tried again when its cause is mended, or dropped with a
//! reason; both leave a line in that service's operator log.

use crate::{
    events::standing,
    operator,
    reach::Reach,
    terminal::{harmless, say, time_of},
};
use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use contracts::ServiceName;
use service_kit::{
    Clock, Env,
    inbox::{
        FORGOTTEN,
        by_hand::{self, Row, Status},
    },
    operator_log, text,
};
use uuid::Uuid;

#[derive(Subcommand)]
pub enum DeadLettersCommand {
    /// What every consumer gave up, oldest first
    List {
        /// Of this consumer
        #[arg(long)]
        service: Option<ServiceName>,
        /// What was dropped instead
        #[arg(long)]
        dropped: bool,
    },
    /// One letter whole, as it was received, and why it failed
    Show {
        /// The event's id
        id: Uuid,
    },
    /// Have letters tried again, once their cause is mended
    ///
    /// The running service takes them up within half a second and counts their attempts anew.
    Replay(ReplayArgs),
    /// Decide that a letter is never acted on, not even when it arrives again
    Drop {
        /// The event's id
        id: Uuid,
        /// Why, for whoever asks later
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// At this consumer, when it is dead at several
        #[arg(long)]
        service: Option<ServiceName>,
        /// Your name in the operator's log, instead of USER
        #[arg(long = "as", value_name = "NAME")]
        operator: Option<String>,
    },
}

#[derive(Args)]
pub struct ReplayArgs {
    /// The event's id; a dropped letter is taken up again, too
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    id: Option<Uuid>,
    /// All that are dead
    #[arg(long)]
    all: bool,
    /// At this consumer alone
    #[arg(long)]
    service: Option<ServiceName>,
    /// Your name in the operator's log, instead of USER
    #[arg(long = "as", value_name = "NAME")]
    operator: Option<String>,
}

/// A dead or dropped letter and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    pub service: ServiceName,
    pub row: Row,
}

/// So many of one consumer are read at a time; `replay --all` goes on with the next.
const BATCH: i64 = 1000;

fn consumers(only: Option<ServiceName>) -> impl Iterator<Item = ServiceName> {
    ServiceName::ALL.into_iter().filter(move |service| only.is_none_or(|only| only == *service))
}

/// What is dead, or what was dropped: the oldest thousand of each consumer.
///
/// # Errors
/// A database is away.
pub async fn list(reach: &Reach, service: Option<ServiceName>, dropped: bool) -> anyhow::Result<Vec<Letter>> {
    let status = if dropped { Status::Dropped } else { Status::Dead };
    let mut letters = Vec::new();
    for service in consumers(service) {
        let mut connection = reach.database(service).acquire().await?;
        let rows = by_hand::list(&mut connection, status, BATCH).await?;
        letters.extend(rows.into_iter().map(|row| Letter { service, row }));
    }
    letters.sort_by_key(|letter| letter.row.received_at);
    Ok(letters)
}

/// The letter with this id, at every consumer where it is dead or dropped.
///
/// # Errors
/// It is dead nowhere, or a database is away.
pub async fn find(reach: &Reach, service: Option<ServiceName>, id: Uuid) -> anyhow::Result<Vec<Letter>> {
    let mut letters = Vec::new();
    for service in consumers(service) {
        let mut connection = reach.database(service).acquire().await?;
        let row = by_hand::find(&mut connection, id).await?;
        letters.extend(row.map(|row| Letter { service, row }));
    }
    let elsewhere: Vec<_> =
        letters.iter().map(|letter| format!("{} at {}", letter.row.status, letter.service)).collect();
    letters.retain(|letter| matches!(letter.row.status, Status::Dead | Status::Dropped));
    match elsewhere.as_slice() {
        _ if !letters.is_empty() => Ok(letters),
        [] => bail!("there is no dead letter {id}: `ecom dead-letters list` shows their ids"),
        elsewhere => bail!("event {id} is no dead letter; it is {}", elsewhere.join(", ")),
    }
}

/// Has one letter tried again at the consumers where it is dead or dropped, and gives those.
///
/// # Errors
/// It is dead nowhere, nobody can read it, or a database is away.
pub async fn replay(
    reach: &Reach,
    clock: &Clock,
    operator: &str,
    service: Option<ServiceName>,
    id: Uuid,
) -> anyhow::Result<Vec<Letter>> {
    let letters = find(reach, service, id).await?;
    let readable = letters.iter().all(|letter| letter.row.is_readable());
    ensure!(readable, "{id} is a message that nobody can read: it can only be dropped");
    let mut revived = Vec::new();
    for letter in letters {
        if revive(reach, clock, operator, &letter).await? {
            revived.push(letter);
        }
    }
    Ok(revived)
}

/// Has all dead letters tried again, and tells how many those were. What nobody can read stays, and what the inbox has
/// forgotten.
///
/// # Errors
/// A database is away; what was revived until then is tried.
pub async fn replay_all(
    reach: &Reach,
    clock: &Clock,
    operator: &str,
    service: Option<ServiceName>,
) -> anyhow::Result<usize> {
    let mut revived = 0;
    for service in consumers(service) {
        loop {
            let mut connection = reach.database(service).acquire().await?;
            let letters = by_hand::to_revive(&mut connection, BATCH).await?;
            drop(connection);
            let (number, before) = (letters.len(), revived);
            for row in letters {
                if revive(reach, clock, operator, &Letter { service, row }).await? {
                    revived += 1;
                }
            }
            // Only a full batch may have left others behind. One that died again at once would go round for ever.
            if number < usize::try_from(BATCH)? || revived == before {
                break;
            }
        }
    }
    Ok(revived)
}

/// How many dead letters are left by [`replay_all`] since the inbox has forgotten them.
///
/// # Errors
/// A database is away.
pub async fn forgotten(reach: &Reach, service: Option<ServiceName>) -> anyhow::Result<i64> {
    let mut forgotten = 0;
    for service in consumers(service) {
        forgotten += by_hand::forgotten(&mut *reach.database(service).acquire().await?).await?;
    }
    Ok(forgotten)
}

async fn revive(reach: &Reach, clock: &Clock, operator: &str, letter: &Letter) -> anyhow::Result<bool> {
    let mut tx = reach.database(letter.service).begin().await?;
    let revived = by_hand::revive(&mut tx, letter.row.event_id).await?;
    if revived {
        let (id, note) = (letter.row.event_id.to_string(), letter.row.why_replayed());
        operator_log::note(&mut tx, clock, operator, "replayed", &id, &note).await?;
    }
    tx.commit().await?;
    Ok(revived)
}

/// Drops a dead letter for good: its row stays, so that the event is not acted on when it arrives again.
///
/// # Errors
/// It is dead nowhere or at several consumers, the reason is empty, or a database is away.
pub async fn drop_letter(
    reach: &Reach,
    clock: &Clock,
    operator: &str,
    service: Option<ServiceName>,
    id: Uuid,
    reason: &str,
) -> anyhow::Result<Letter> {
    ensure!(!reason.trim().is_empty(), "--reason is empty: say why it is never to be acted on");
    let reason = text::line(reason, 1000).context("--reason")?;
    let mut letters = find(reach, service, id).await?;
    letters.retain(|letter| letter.row.status == Status::Dead);
    let where_dead: Vec<_> = letters.iter().map(|letter| letter.service.as_str()).collect();
    ensure!(where_dead.len() < 2, "{id} is dead at {}: say where with --service", where_dead.join(" and "));
    let Some(letter) = letters.pop() else { bail!("{id} was dropped before") };
    let mut tx = reach.database(letter.service).begin().await?;
    ensure!(by_hand::drop_letter(&mut tx, id).await?, "{id} is no longer dead: somebody else had it tried again");
    operator_log::note(&mut tx, clock, operator, "dropped", &id.to_string(), &reason).await?;
    tx.commit().await?;
    Ok(letter)
}

pub async fn run(env: &Env, command: DeadLettersCommand) -> anyhow::Result<()> {
    let reach = Reach::find(env).await?;
    let clock = Clock::system();
    match command {
        DeadLettersCommand::List { service, dropped } => print(&list(&reach, service, dropped).await?),
        DeadLettersCommand::Show { id } => print_whole(&find(&reach, None, id).await?)?,
        DeadLettersCommand::Replay(ReplayArgs { id, service, operator, .. }) => {
            let operator = operator::name(env, operator)?;
            match id {
                Some(id) => {
                    for letter in replay(&reach, &clock, &operator, service, id).await? {
                        say(format!("{id} is tried again by {}.", letter.service));
                    }
                }
                None => {
                    let count = replay_all(&reach, &clock, &operator, service).await?;
                    say(format!("{count} dead letters are tried again."));
                    let left = forgotten(&reach, service).await?;
                    if left > 0 {
                        say(format!(
                            "{left} are left, {FORGOTTEN}: look at each (`ecom timeline`), then replay or drop it by its id."
                        ));
                    }
                }
            }
        }
        DeadLettersCommand::Drop { id, reason, service, operator } => {
            let operator = operator::name(env, operator)?;
            let letter = drop_letter(&reach, &clock, &operator, service, id, &reason).await?;
            say(format!("{id} is dropped: {} will never act on it.", letter.service));
        }
    }
    Ok(())
}

fn print(letters: &[Letter]) {
    if letters.is_empty() {
        say("There are none.");
    }
    for Letter { service, row } in letters {
        let (service, received, attempts) = (service.as_str(), time_of(row.received_at), row.attempts);
        let kind = harmless(&row.kind);
        say(format!("{}  {service:<15}  {kind:<27} received {received}  {attempts} attempts", row.event_id));
        say(format!("    {}", harmless(row.reason.as_deref().unwrap_or("no reason is known"))));
    }
}

fn print_whole(letters: &[Letter]) -> anyhow::Result<()> {
    for Letter { service, row } in letters {
        say(format!("{service}: {}", standing(row)));
        say(harmless(&serde_json::to_string_pretty(&row.envelope)?));
    }
    Ok(())
}
