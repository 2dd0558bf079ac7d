//! `ecom events follow`: events as they are announced.
//!
//! Positions are given out when an event is written and become visible when its transaction commits, so a lower one may
//! appear after a higher one: a bare cursor would lose it. What is missing below the newest position is therefore asked
//! for by number until it comes, or until no transaction can be that old.

use super::{Filter, Logged, list};
use crate::{reach::Reach, terminal::try_say};
use contracts::ServiceName;
use service_kit::Clock;
use sqlx::PgPool;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Longer than any transaction of ours: requests end within 10 s, reactions within 20 s. What is missing then was
/// rolled back.
const PATIENCE: Duration = Duration::from_secs(60);
/// So far below the newest position a transaction may be open when we come.
const LOOK_BACK: i64 = 1000;
/// How many events of one service are read at a time.
const BATCH: i64 = 2000;
const EVERY: Duration = Duration::from_millis(400);

/// Gives every event announced after it was made, once.
pub struct Follower {
    logs: BTreeMap<ServiceName, Cursor>,
    /// Read and not handed out: another log could not be read.
    kept: Vec<Logged>,
}

/// How far one event log was read.
struct Cursor {
    newest: i64,
    /// Positions below it that were not there, and since when.
    missing: BTreeMap<i64, Instant>,
}

impl Follower {
    /// Starts at the end of the logs that the filter can take events from.
    ///
    /// # Errors
    /// A database is away.
    pub async fn start(reach: &Reach, filter: &Filter) -> anyhow::Result<Self> {
        let mut logs = BTreeMap::new();
        for announcer in filter.announcers() {
            logs.insert(announcer, Cursor::at_the_end(reach.database(announcer)).await?);
        }
        Ok(Self { logs, kept: Vec::new() })
    }

    /// What has become visible since the last time, of all services, oldest first.
    ///
    /// # Errors
    /// A database is away; the next call goes on where this one was.
    pub async fn look(&mut self, reach: &Reach) -> anyhow::Result<Vec<Logged>> {
        for (announcer, cursor) in &mut self.logs {
            self.kept.extend(cursor.advance(reach.database(*announcer), *announcer).await?);
        }
        self.kept.sort_by_key(|logged| (logged.event.time, logged.announcer, logged.position));
        Ok(std::mem::take(&mut self.kept))
    }
}

impl Cursor {
    async fn at_the_end(pool: &PgPool) -> anyhow::Result<Self> {
        let query = "SELECT position FROM event_log WHERE position > (SELECT max(position) FROM event_log) - $1
                     ORDER BY position";
        let there: Vec<i64> = sqlx::query_scalar(query).bind(LOOK_BACK).fetch_all(pool).await?;
        let first = there.last().map_or(0, |last| (last - LOOK_BACK).max(0));
        let mut cursor = Self { newest: first, missing: BTreeMap::new() };
        for position in there {
            cursor.pass(position, Instant::now());
        }
        Ok(cursor)
    }

    /// Notes that `position` was read, and what was skipped on the way to it.
    fn pass(&mut self, position: i64, now: Instant) {
        self.missing.remove(&position);
        if position > self.newest {
            // A server that was ended hard skips a few numbers; one that was restored may skip many.
            let first = (self.newest + 1).max(position - LOOK_BACK);
            self.missing.extend((first..position).map(|skipped| (skipped, now)));
            self.newest = position;
        }
    }

    async fn advance(&mut self, pool: &PgPool, announcer: ServiceName) -> anyhow::Result<Vec<Logged>> {
        let missing: Vec<i64> = self.missing.keys().copied().collect();
        let query = "SELECT position, envelope FROM event_log WHERE position = ANY($1) OR position > $2
                     ORDER BY position LIMIT $3";
        let query = sqlx::query_as(query).bind(&missing).bind(self.newest).bind(BATCH);
        let rows = query.fetch_all(pool).await?;
        let now = Instant::now();
        let mut events = Vec::new();
        for row in rows {
            let logged = Logged::read(announcer, row)?;
            self.pass(logged.position, now);
            events.push(logged);
        }
        self.missing.retain(|_, since| since.elapsed() < PATIENCE);
        Ok(events)
    }
}

/// Prints until Ctrl-C, or until nobody reads any more.
pub(super) async fn print(reach: &Reach, filter: &Filter) -> anyhow::Result<()> {
    let clock = Clock::system();
    let mut follower = Follower::start(reach, filter).await?;
    if try_say(list::HEADING).is_err() {
        return Ok(());
    }
    let stop = tokio::signal::ctrl_c();
    tokio::pin!(stop);
    loop {
        for logged in follower.look(reach).await? {
            if filter.takes(&logged.event, clock.now()) && try_say(list::line(&logged)).is_err() {
                return Ok(());
            }
        }
        tokio::select! {
            pressed = &mut stop => return Ok(pressed?),
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, LOOK_BACK};
    use std::{collections::BTreeMap, time::Instant};

    fn missing_after(positions: &[i64]) -> Vec<i64> {
        let mut cursor = Cursor { newest: 0, missing: BTreeMap::new() };
        for position in positions {
            cursor.pass(*position, Instant::now());
        }
        cursor.missing.into_keys().collect()
    }

    #[test]
    fn what_was_skipped_is_remembered_until_it_comes() {
        assert_eq!(missing_after(&[1, 2, 5]), [3, 4]);
        assert_eq!(missing_after(&[1, 2, 5, 4]), [3]);
        assert_eq!(missing_after(&[1, 2, 5, 4, 3, 6]), [0; 0]);
    }

    #[test]
    fn a_great_jump_is_not_remembered_whole() {
        assert_eq!(missing_after(&[1, 1_000_000_000]).len(), usize::try_from(LOOK_BACK).unwrap());
    }
}
