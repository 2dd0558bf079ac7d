//! Publishes what the outbox holds. One relay per database, elected by a session advisory lock; it scans the pending
//! set in order, publishes a batch, and removes what was confirmed.

use crate::{
    Bus, Clock, Database, KitError,
    bus::PublishError,
    database::in_time,
    outbox::{self, Pending},
};
use contracts::RawEvent;
use metrics::counter;
use sqlx::PgConnection;
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The same number in every service's database: one relay in each.
const ELECTION: i64 = 0x0065_636f_6d00_0001;
const BATCH: i64 = 256;
/// How soon another instance's or a lost wake-up is noticed.
const POLL: Duration = Duration::from_secs(1);

pub(crate) async fn run(database: Database, bus: Bus, clock: Clock, stop: CancellationToken) {
    let wake = database.relay_wake();
    while !stop.is_cancelled() {
        if let Err(cause) = lead(&database, &bus, &clock, &wake, &stop).await {
            tracing::warn!(%cause, "the relay lost its database; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Relays while this process holds the lock. The lock lives and dies with its connection, which is also the one
/// used, so a relay that lost its lock cannot go on.
async fn lead(
    database: &Database,
    bus: &Bus,
    clock: &Clock,
    wake: &Arc<Notify>,
    stop: &CancellationToken,
) -> Result<(), KitError> {
    let mut connection = database.pool().acquire().await?;
    let election = sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "elected!""#, ELECTION);
    let elected = in_time(election.fetch_one(&mut *connection)).await;
    if let Ok(false) = elected {
        return Ok(());
    }
    // Never back into the pool: the lock belongs to this session, perhaps also when the answer did not arrive.
    let mut connection = connection.detach();
    elected?;
    let mut failures = 0_u32;
    while !stop.is_cancelled() {
        let batch = relay_batch(&mut connection, bus, clock).await?;
        failures = if batch.broker_away { (failures + 1).min(5) } else { 0 };
        let pause = if failures > 0 { Duration::from_millis(100 << failures) } else { POLL };
        if batch.confirmed > 0 || (batch.full && !batch.broker_away) {
            continue;
        }
        tokio::select! {
            () = wake.notified(), if failures == 0 => {}
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => {}
        }
    }
    sqlx::Connection::close(connection).await?;
    Ok(())
}

/// What became of one batch.
struct Batch {
    confirmed: usize,
    /// There may be more behind it, even if all of it was refused.
    full: bool,
    broker_away: bool,
}

async fn relay_batch(connection: &mut PgConnection, bus: &Bus, clock: &Clock) -> Result<Batch, KitError> {
    let pending = in_time(outbox::pending(connection, clock.now(), BATCH)).await?;
    let full = i64::try_from(pending.len()) == Ok(BATCH);
    let (positions, events, mut refused) = read(pending);
    let answers = bus.publish(&events).await;
    let (mut confirmed, mut broker_away) = (Vec::new(), false);
    for (position, answer) in positions.into_iter().zip(answers) {
        match answer {
            Ok(()) => confirmed.push(position),
            Err(cause) => {
                if refused.is_empty() && !broker_away {
                    tracing::warn!(%cause, "an event was not confirmed; it stays in the outbox");
                }
                match cause {
                    PublishError::Broker(_) => broker_away = true,
                    _ => refused.push(position),
                }
            }
        }
    }
    if !confirmed.is_empty() {
        in_time(outbox::confirmed(connection, &confirmed)).await?;
    }
    if !refused.is_empty() {
        in_time(outbox::put_off(connection, &refused, clock.now())).await?;
    }
    counter!("events_published_total").increment(confirmed.len() as u64);
    Ok(Batch { confirmed: confirmed.len(), full, broker_away })
}

/// The events of a batch with their positions, and the positions of what cannot be read: it must not hold up the rest.
fn read(pending: Vec<Pending>) -> (Vec<i64>, Vec<RawEvent>, Vec<i64>) {
    let (mut positions, mut events, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
    for row in pending {
        match RawEvent::from_json(row.envelope) {
            Ok(event) => {
                positions.push(row.position);
                events.push(event);
            }
            Err(cause) => {
                tracing::error!(position = row.position, %cause, "an event in the outbox cannot be read; it stays");
                unreadable.push(row.position);
            }
        }
    }
    (positions, events, unreadable)
}
