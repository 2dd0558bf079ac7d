//! `ecom events show`: one event, and what became of it.

use super::{Logged, log};
use crate::{
    pruned,
    reach::Reach,
    terminal::{harmless, say, time_of},
};
use anyhow::bail;
use contracts::{EventId, ServiceName, events};
use service_kit::{
    inbox::by_hand::{self, Row, Status},
    pruning::{first_id_of, pruned_to, time_of as time_of_id},
};
use time::OffsetDateTime;

/// An event and who has handled it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub logged: Logged,
    /// Whether the bus has not confirmed it yet.
    pub unconfirmed: bool,
    /// Its subscribers, and whoever else has it in the inbox.
    pub consumers: Vec<Consumer>,
}

/// One service's side of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Consumer {
    pub service: ServiceName,
    pub subscribes: bool,
    /// None: it has not arrived, or was forgotten.
    pub row: Option<Row>,
    /// None: the inbox remembers all that is as old as the event.
    pub pruned_to: Option<OffsetDateTime>,
}

/// Looks an event up in the logs and in the inboxes.
///
/// # Errors
/// There is no such event, or a database is away.
pub async fn show(reach: &Reach, id: EventId) -> anyhow::Result<Shown> {
    let Some(logged) = log::find(reach, id).await? else { bail!(unknown(reach, id).await?) };
    let subscribers = events::find(&logged.event.kind).map_or(&[][..], |event| event.subscribers);
    let mut consumers = Vec::new();
    for service in ServiceName::ALL {
        let mut connection = reach.database(service).acquire().await?;
        let row = by_hand::find(&mut connection, id.uuid()).await?;
        let subscribes = subscribers.contains(&service);
        if subscribes || row.is_some() {
            let pruned_to = pruned_to(&mut connection, "inbox").await?;
            let pruned_to = pruned_to.filter(|pruned| id.uuid() < first_id_of(*pruned));
            consumers.push(Consumer { service, subscribes, row, pruned_to });
        }
    }
    Ok(Shown { unconfirmed: log::unconfirmed(reach, &logged).await?, logged, consumers })
}

/// Why there is no such event.
///
/// # Errors
/// A database is away.
pub(super) async fn unknown(reach: &Reach, id: EventId) -> anyhow::Result<String> {
    let made = time_of_id(id.uuid());
    let pruned = pruned::logs(reach, ServiceName::ALL, Some(made.unwrap_or(OffsetDateTime::UNIX_EPOCH))).await?;
    if !pruned.is_empty() {
        return Ok(format!("no service knows an event {id} any more, if it ever was one. {}", pruned.join(" ")));
    }
    Ok(format!(
        "no service announced an event {id}: `ecom events list` shows their ids, and `ecom dead-letters show {id}` what a \
         consumer got from elsewhere"
    ))
}

pub(super) async fn print(reach: &Reach, id: EventId) -> anyhow::Result<()> {
    let shown = show(reach, id).await?;
    say(serde_json::to_string_pretty(&shown.logged.event.to_json())?);
    say("");
    let known = events::find(&shown.logged.event.kind);
    let on_its_way = match shown.unconfirmed {
        true => "not confirmed by the bus yet",
        false if known.is_some_and(|known| !known.is_published()) => "for its log alone, unless EVENTS_PUBLISH=all",
        false => "confirmed by the bus",
    };
    say(format!(
        "{:<16} announced it, position {}; {on_its_way}",
        shown.logged.announcer.as_str(),
        shown.logged.position
    ));
    if shown.consumers.is_empty() {
        say("Nobody has to react to it.");
    }
    for consumer in &shown.consumers {
        say(format!("{:<16} {}", consumer.service.as_str(), state(consumer)));
    }
    Ok(())
}

fn state(consumer: &Consumer) -> String {
    let stranger = if consumer.subscribes { "" } else { " (it does not subscribe to this type)" };
    match &consumer.row {
        None => match consumer.pruned_to {
            Some(pruned) => format!(
                "not there: done and forgotten, or never arrived; its inbox remembers nothing that was done from before {}",
                time_of(pruned)
            ),
            None => "not there: it has not arrived yet".to_owned(),
        },
        Some(row) => format!("{}{stranger}", standing(row)),
    }
}

/// Where a row stands, for people.
pub(crate) fn standing(row: &Row) -> String {
    let mut text = format!("{}, received {}", row.status, time_of(row.received_at));
    match (row.status, row.attempts) {
        (Status::Done, 0 | 1) => {}
        (Status::Done, attempts) => text = format!("{text}, at attempt {attempts}"),
        (_, 1) => text = format!("{text}, 1 attempt failed"),
        (_, attempts) => text = format!("{text}, {attempts} attempts failed"),
    }
    if let Some(next_at) = row.next_at {
        text = format!("{text}, due {}", time_of(next_at));
    }
    match &row.reason {
        Some(reason) => format!("{text}: {}", harmless(reason)),
        None => text,
    }
}
