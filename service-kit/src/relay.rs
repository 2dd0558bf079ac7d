//! Publishes what the outbox holds. One relay per database, elected by a session advisory lock; it scans the pending
//! set in order, publishes a batch, and removes what was confirmed.

use crate::{Bus, Clock, Database, KitError, bus::PublishError, outbox};
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
    let elected = sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "elected!""#, ELECTION)
        .fetch_one(&mut *connection)
        .await?;
    if !elected {
        return Ok(());
    }
    // Never back into the pool: the lock belongs to this session.
    let mut connection = connection.detach();
    let mut failures = 0_u32;
    while !stop.is_cancelled() {
        let (published, broker_away) = relay_batch(&mut connection, bus, clock).await?;
        failures = if broker_away { (failures + 1).min(5) } else { 0 };
        let pause = if failures > 0 { Duration::from_millis(100 << failures) } else { POLL };
        if published > 0 {
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

/// How many were confirmed, and whether the broker is away.
async fn relay_batch(connection: &mut PgConnection, bus: &Bus, clock: &Clock) -> Result<(usize, bool), KitError> {
    let pending = outbox::pending(connection, clock.now(), BATCH).await?;
    if pending.is_empty() {
        return Ok((0, false));
    }
    let positions: Vec<i64> = pending.iter().map(|row| row.position).collect();
    let batch = pending.into_iter().map(|row| RawEvent::from_json(row.envelope)).collect::<Result<Vec<_>, _>>()?;
    let answers = bus.publish(&batch).await;
    let (mut confirmed, mut refused, mut broker_away) = (Vec::new(), Vec::new(), false);
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
    outbox::confirmed(connection, &confirmed).await?;
    if !refused.is_empty() {
        // Refused one by one: put off, so that they do not fill every batch and hold up the others.
        outbox::put_off(connection, &refused, clock.now() + time::Duration::milliseconds(500)).await?;
    }
    counter!("events_published_total").increment(confirmed.len() as u64);
    Ok((confirmed.len(), broker_away))
}
