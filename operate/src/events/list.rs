//! `ecom events list`: what the five event logs hold.

use super::{Filter, Logged, log};
use crate::{
    pruned,
    reach::Reach,
    terminal::{say, time_of},
};
use service_kit::Clock;

/// The newest `limit` events that the filter takes, oldest first.
///
/// # Errors
/// A database is away.
pub async fn list(reach: &Reach, filter: &Filter, limit: u32, clock: &Clock) -> anyhow::Result<Vec<Logged>> {
    log::newest(reach, filter, limit, clock.now()).await
}

pub(super) async fn print(reach: &Reach, filter: &Filter, limit: u32) -> anyhow::Result<()> {
    let clock = Clock::system();
    let events = list(reach, filter, limit, &clock).await?;
    if events.is_empty() {
        say("There is no such event.");
    }
    for logged in &events {
        say(line(logged));
    }
    if events.len() == usize::try_from(limit)? {
        say(format!("These are the newest {limit}; there may be more (--limit, --until)."));
    } else {
        let since = filter.since.map(|since| since.at(clock.now()));
        pruned::logs(reach, filter.announcers(), since).await?.into_iter().for_each(say);
    }
    Ok(())
}

/// One event on one line; its id stands last, for copying.
pub(super) fn line(logged: &Logged) -> String {
    let event = &logged.event;
    let (time, kind, number) = (time_of(event.time), &event.kind, event.sequence);
    format!("{time}  {:<15}  {kind:<27} {:<36} #{number:<4} {}", logged.announcer.as_str(), event.subject, event.id)
}

pub(super) const HEADING: &str = "time (UTC)               announced by     type                        subject                              \
                                  number id";
