//! Publishes what the outbox holds. One relay per database, elected by a session advisory lock; it scans the pending
//! set in order, publishes a batch, and removes what was confirmed.

use crate::{
    Bus, Clock, Database, KitError, ambient,
    bus::PublishError,
    database::in_time,
    flow::What,
    labs::{cure, step},
    metrics::Published,
    outbox::{self, Pending},
    spans::{Publishing, Spans},
};
use contracts::RawEvent;
use sqlx::PgConnection;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The same number in every service's database: one relay in each.
const ELECTION: i64 = 0x0065_636f_6d00_0001;
const BATCH: i64 = 256;
/// How soon another instance's or a lost wake-up is noticed.
const POLL: Duration = Duration::from_secs(1);
/// How far behind the newest confirmed event a claim looks between two looks at the whole pending set.
const LOOK_BACK: i64 = 1000;

/// What a relay works with.
#[derive(Clone)]
pub(crate) struct Relay {
    pub(crate) database: Database,
    pub(crate) bus: Bus,
    pub(crate) clock: Clock,
    pub(crate) spans: Spans,
    pub(crate) published: Published,
}

pub(crate) async fn run(relay: Relay, stop: CancellationToken) {
    let wake = relay.database.relay_wake();
    while !stop.is_cancelled() {
        if let Err(cause) = lead(&relay, &wake, &stop).await {
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
async fn lead(relay: &Relay, wake: &Arc<Notify>, stop: &CancellationToken) -> Result<(), KitError> {
    let mut connection = relay.database.pool().acquire().await?;
    let election = sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "elected!""#, ELECTION);
    let elected = in_time(election.fetch_one(&mut *connection)).await;
    if let Ok(false) = elected {
        return Ok(());
    }
    // Never back into the pool: the lock belongs to this session, perhaps also when the answer did not arrive.
    let mut connection = connection.detach();
    elected?;
    let (mut failures, mut view) = (0_u32, View::default());
    while !stop.is_cancelled() {
        let batch = relay_batch(&mut connection, relay, &mut view).await?;
        failures = if batch.broker_away { (failures + 1).min(5) } else { 0 };
        let pause = if failures > 0 {
            Duration::from_millis(100 << failures).mul_f64(0.5 + ambient::jitter() / 2.0)
        } else {
            POLL
        };
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

/// From where on a claim looks. While anybody keeps a transaction open, the database cannot clear away what was removed,
/// and a look at the whole pending set walks over all of it: so the whole is looked at once in [`POLL`], for what
/// committed late or was put off, and the neighbourhood of the newest in between.
#[derive(Default)]
struct View {
    newest_confirmed: i64,
    whole_at: Option<Instant>,
}

impl View {
    fn begin(&mut self) -> i64 {
        if self.whole_at.is_none_or(|whole_at| whole_at.elapsed() >= POLL) {
            self.whole_at = Some(Instant::now());
            return 0;
        }
        self.newest_confirmed - LOOK_BACK
    }

    /// After a full batch that ended at `last`: where that is far behind the newest, as after many refusals, more of it
    /// is seen by the next look at the whole alone.
    fn after_full(&mut self, last: Option<i64>) {
        if last.is_some_and(|last| last < self.newest_confirmed - LOOK_BACK) {
            self.whole_at = None;
        }
    }
}

/// What became of one batch.
struct Batch {
    confirmed: usize,
    /// There may be more behind it, even if all of it was refused.
    full: bool,
    broker_away: bool,
}

async fn relay_batch(connection: &mut PgConnection, relay: &Relay, view: &mut View) -> Result<Batch, KitError> {
    let clock = &relay.clock;
    let mut pending = in_time(outbox::pending(connection, view.begin(), clock.now(), BATCH)).await?;
    // The pending set, whole again and again. A cursor never sees what took a lower position and committed later.
    if !cure("pending-set") {
        pending = behind_a_cursor(pending);
    }
    let (full, last) = (i64::try_from(pending.len()) == Ok(BATCH), pending.last().map(|row| row.position));
    let (positions, mut events, mut refused) = read(pending);
    // Removed only when confirmed. What is removed before it is sent is lost with the process.
    if !cure("confirm-before-removing") {
        in_time(outbox::confirmed(connection, &positions)).await?;
    }
    if !events.is_empty() {
        step("publish").await?;
    }
    let answers = publish(relay, &mut events).await;
    if !events.is_empty() {
        step("confirm").await?;
    }
    let (mut confirmed, mut published, mut broker_away) = (Vec::new(), Vec::new(), false);
    for ((position, event), answer) in positions.into_iter().zip(&events).zip(answers) {
        relay.published.note(&event.kind, &answer);
        match answer {
            Ok(()) => {
                confirmed.push(position);
                published.push(event);
            }
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
        step("mark").await?;
        view.newest_confirmed = confirmed.iter().copied().fold(view.newest_confirmed, i64::max);
    }
    if full {
        view.after_full(last);
    }
    if !refused.is_empty() {
        in_time(outbox::put_off(connection, &refused, clock.now())).await?;
    }
    for event in published {
        relay.database.flow().happened(What::Published, event, (clock.now() - event.time).try_into().ok());
    }
    Ok(Batch { confirmed: confirmed.len(), full, broker_away })
}

async fn publish(Relay { bus, spans, .. }: &Relay, events: &mut [RawEvent]) -> Vec<Result<(), PublishError>> {
    // While the broker is away nothing is published, and no trace is to say so, again and again.
    if let Err(cause) = bus.reach().await {
        return events.iter().map(|_| Err(PublishError::Broker(cause.to_string()))).collect();
    }
    let publishing = Publishing::begin(spans, events, &bus.outgoing());
    let answers = bus.publish(events).await;
    publishing.end(&answers);
    answers
}

/// What a relay with a cursor sees: the mistake that the cure `pending-set` keeps away.
fn behind_a_cursor(pending: Vec<Pending>) -> Vec<Pending> {
    static CURSOR: AtomicI64 = AtomicI64::new(0);
    let seen = CURSOR.load(Ordering::Relaxed);
    let newer: Vec<_> = pending.into_iter().filter(|row| row.position > seen).collect();
    if let Some(last) = newer.last() {
        CURSOR.store(last.position, Ordering::Relaxed);
    }
    newer
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

#[cfg(test)]
mod tests {
    use super::{LOOK_BACK, View};

    #[test]
    fn after_a_full_batch_far_behind_the_newest_the_whole_is_looked_at_again_at_once() {
        let mut view = View { newest_confirmed: 50_000, whole_at: None };
        let neighbourhood = 50_000 - LOOK_BACK;
        assert_eq!([view.begin(), view.begin()], [0, neighbourhood]);
        view.after_full(Some(49_500));
        assert_eq!(view.begin(), neighbourhood);
        view.after_full(Some(300));
        assert_eq!([view.begin(), view.begin()], [0, neighbourhood]);
    }
}
