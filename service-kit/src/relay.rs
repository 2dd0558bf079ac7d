//! Publishes what the outbox holds. One relay per database, elected by a session advisory lock with a heartbeat; it scans
//! the pending set in order, publishes a batch, and removes what was confirmed.

mod election;
#[cfg(test)]
mod tests;

pub(crate) use election::{Leads, Term};

use crate::{
    Bus, Clock, Database, KitError,
    bus::{BROKER_AWAY, Head, Parcel, PublishError},
    cure,
    database::in_time,
    metrics::Published,
    outbox::{self, Pending},
    pace::leave_time,
    points::pass,
    rounds::{QUIET, SELDOM, next_round},
    spans::{Publishing, Spans},
};
use contracts::ServiceName;
use sqlx::PgConnection;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const BATCH: u16 = 256;
/// How soon another instance's or a lost wake-up is noticed.
const POLL: Duration = Duration::from_secs(1);
/// How far behind the newest confirmed event a claim looks between two looks at the whole pending set.
const LOOK_BACK: i64 = 1000;

/// What a relay works with.
#[derive(Clone)]
pub(crate) struct Relay {
    /// Names this one among those that share the database.
    pub(crate) instance: Uuid,
    /// Whose events they are.
    pub(crate) service: ServiceName,
    /// Whether a message may hold several events.
    pub(crate) together: bool,
    pub(crate) leads: Leads,
    pub(crate) database: Database,
    pub(crate) bus: Bus,
    pub(crate) clock: Clock,
    pub(crate) spans: Spans,
    pub(crate) published: Published,
}

pub(crate) async fn run(relay: Relay, stop: CancellationToken) {
    let (wake, mut kept) = (relay.database.relay_wake(), None);
    while !stop.is_cancelled() {
        if let Err(cause) = lead(&relay, &mut kept, &wake, &stop).await {
            tracing::warn!(%cause, "the relay lost its database; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Relays while it is elected, over the connection that holds the lock.
async fn lead(
    relay: &Relay,
    kept: &mut Option<PgConnection>,
    wake: &Arc<Notify>,
    stop: &CancellationToken,
) -> Result<(), KitError> {
    let Some(mut term) = Term::stand(&relay.database, relay.instance, &relay.leads, kept).await? else { return Ok(()) };
    let (mut failures, mut view, mut busy) = (0_u32, View::default(), Instant::now());
    while !stop.is_cancelled() {
        let batch = relay_batch(&mut term, relay, &mut view).await?;
        failures = if batch.broker_away { failures.saturating_add(1) } else { 0 };
        if batch.seen > 0 {
            busy = Instant::now();
        }
        if batch.confirmed > 0 || (batch.full && !batch.broker_away) {
            leave_time(batch.seen, usize::from(BATCH)).await;
            continue;
        }
        let away = (failures > 0).then(|| BROKER_AWAY.pause(failures));
        loop {
            let seldom = away.is_none() && is_seldom(busy.elapsed(), term.is_alone());
            let pause = away.unwrap_or_else(|| if seldom { next_round(SELDOM) } else { POLL });
            let waited = tokio::select! {
                () = wake.notified(), if away.is_none() => false,
                () = tokio::time::sleep(pause) => true,
                () = stop.cancelled() => false,
            };
            // Then the heartbeat is the look. The broker is looked for as well, so that readiness tells of it before
            // somebody announces something.
            if !(waited && seldom) || term.renew_and_look().await? || relay.bus.reach().await.is_err() {
                break;
            }
        }
    }
    term.end().await
}

/// Whether a relay that found nothing `quiet` so long looks less often. Whoever announces in this process wakes it;
/// what others announce, who stand by then, is looked for as often as ever.
fn is_seldom(quiet: Duration, alone: bool) -> bool {
    quiet >= QUIET && alone
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
    seen: usize,
    confirmed: usize,
    /// There may be more behind it, even if all of it was refused.
    full: bool,
    broker_away: bool,
}

async fn relay_batch(term: &mut Term, relay: &Relay, view: &mut View) -> Result<Batch, KitError> {
    let clock = &relay.clock;
    term.renew().await?;
    let pending = in_time(outbox::pending(&mut term.connection, view.begin(), clock.now(), i64::from(BATCH))).await?;
    let (seen, last) = (pending.len(), pending.last().map(|row| row.position));
    let full = seen == usize::from(BATCH);
    let (readable, mut refused) = parcels(pending, relay.service);
    // Whoever was stopped while it read is told here that another relays, most of the time before it repeats anything.
    term.renew().await?;
    let sent = publish_then_remove(term, relay, readable).await?;
    view.newest_confirmed = sent.confirmed.iter().map(|(position, _)| *position).fold(view.newest_confirmed, i64::max);
    if full {
        view.after_full(last);
    }
    refused.extend(sent.refused);
    if !refused.is_empty() {
        in_time(outbox::put_off(&mut term.connection, &refused, clock.now())).await?;
    }
    for (_position, head) in &sent.confirmed {
        relay.database.flow().published(head, (clock.now() - head.time).try_into().ok());
    }
    Ok(Batch { seen, confirmed: sent.confirmed.len(), full, broker_away: sent.broker_away })
}

/// What became of the events of one batch.
#[derive(Default)]
pub(crate) struct Sent {
    confirmed: Vec<(i64, Head)>,
    refused: Vec<i64>,
    broker_away: bool,
}

/// Removed only when confirmed: what is removed before it is sent is lost with the process.
#[cure(confirm_before_removing, instead = crate::labs::mistakes::remove_then_publish)]
async fn publish_then_remove(term: &mut Term, relay: &Relay, readable: Vec<(i64, Parcel)>) -> Result<Sent, KitError> {
    let sent = send(term, relay, readable).await?;
    if !sent.confirmed.is_empty() {
        let positions: Vec<_> = sent.confirmed.iter().map(|(position, _head)| *position).collect();
        in_time(outbox::confirmed(&mut term.connection, &positions)).await?;
        pass("", "mark").await.map_err(sqlx::Error::from)?;
    }
    Ok(sent)
}

pub(crate) async fn send(term: &mut Term, relay: &Relay, readable: Vec<(i64, Parcel)>) -> Result<Sent, KitError> {
    let (positions, mut parcels): (Vec<_>, Vec<_>) = readable.into_iter().unzip();
    if !parcels.is_empty() {
        pass("", "publish").await.map_err(sqlx::Error::from)?;
    }
    let answers = term.renewing(publish(relay, &mut parcels)).await?;
    if !parcels.is_empty() {
        pass("", "confirm").await.map_err(sqlx::Error::from)?;
    }
    let mut sent = Sent::default();
    for ((position, Parcel { head, .. }), answer) in positions.into_iter().zip(parcels).zip(answers) {
        relay.published.note(&head.kind, &answer);
        match answer {
            Ok(()) => sent.confirmed.push((position, head)),
            Err(cause) => {
                if sent.refused.is_empty() && !sent.broker_away {
                    tracing::warn!(%cause, "an event was not confirmed; it stays in the outbox");
                }
                match cause {
                    PublishError::Broker(_) => sent.broker_away = true,
                    _ => sent.refused.push(position),
                }
            }
        }
    }
    Ok(sent)
}

async fn publish(relay: &Relay, parcels: &mut [Parcel]) -> Vec<Result<(), PublishError>> {
    let Relay { bus, spans, .. } = relay;
    // While the broker is away nothing is published, and no trace is to say so, again and again.
    if let Err(cause) = bus.reach().await {
        return parcels.iter().map(|_| Err(PublishError::Broker(cause.to_string()))).collect();
    }
    let publishing = Publishing::begin(spans, parcels, &bus.outgoing());
    let answers = bus.send(parcels, relay.together).await;
    publishing.end(&answers);
    answers
}

/// The events of a batch with their positions, and the positions of what cannot be read: it must not hold up the rest.
fn parcels(pending: Vec<Pending>, service: ServiceName) -> (Vec<(i64, Parcel)>, Vec<i64>) {
    let (mut readable, mut unreadable) = (Vec::new(), Vec::new());
    for row in pending {
        if row.readable {
            readable.push((row.position, row.parcel(service)));
        } else {
            tracing::error!(position = row.position, "an event in the outbox cannot be read; it stays");
            unreadable.push(row.position);
        }
    }
    (readable, unreadable)
}
