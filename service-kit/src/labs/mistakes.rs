//! The kit's mistakes, one for each of its cures. Where one wants what the kit does well, it does it itself: the function
//! it stands in for would come back here.

use crate::{
    Clock, Database, Kit, KitError, Tx,
    bus::{
        Delivery, Handler, Parcel, PublishError,
        batches::{self, Batch, acknowledge},
        message::Message,
    },
    database::in_time,
    dispatcher::{self, Dispatcher, Failure, Try},
    idempotency::IdempotencyKey,
    inbox::Columns,
    outbox::{self, Pending},
    relay::{self, Relay, Sent, Term},
};
use contracts::RawEvent;
use lapin::{Channel, PublisherConfirm};
use sqlx::PgConnection;
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant},
};
use time::OffsetDateTime;
use tokio::runtime::Handle;
use uuid::Uuid;

/// Answers now, and commits when there is more to commit with.
#[expect(clippy::unused_async, reason = "stands in for a function that waits")]
pub(crate) async fn commit_later(tx: Tx) -> Result<(), sqlx::Error> {
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let _ = tx.commit().await;
    });
    Ok(())
}

/// Stores the event in a transaction of its own, at once.
pub(crate) fn keep_apart(kit: &Kit, _tx: &mut Tx, event: RawEvent) -> Result<(), KitError> {
    let apart = async {
        let mut own = kit.database.begin("announce").await?;
        let goes_out = kit.goes_out(&event);
        own.announce(event, goes_out);
        let _committed = own.commit().await?;
        Ok(())
    };
    tokio::task::block_in_place(|| Handle::current().block_on(apart))
}

/// Never sees what took a lower position and committed later.
pub(crate) async fn behind_a_cursor(
    connection: &mut PgConnection,
    _from: i64,
    _now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Pending>, sqlx::Error> {
    static CURSOR: AtomicI64 = AtomicI64::new(0);
    let pending = sqlx::query_as!(
        Pending,
        r#"SELECT position, event_id, type AS kind, subject, sequence, announced_at, correlation_id, causation_id,
                  envelope ->> 'traceparent' AS traceparent, envelope -> 'data' -> 'number' AS number,
                  envelope::text AS "envelope!", true AS "readable!"
           FROM outbox JOIN event_log USING (position) WHERE position > $1 ORDER BY position LIMIT $2"#,
        CURSOR.load(Ordering::Relaxed),
        limit
    );
    let pending = pending.fetch_all(connection).await?;
    if let Some(last) = pending.last() {
        CURSOR.store(last.position, Ordering::Relaxed);
    }
    Ok(pending)
}

/// Killed in between, what was removed is never sent.
pub(crate) async fn remove_then_publish(
    term: &mut Term,
    relay: &Relay,
    readable: Vec<(i64, Parcel)>,
) -> Result<Sent, KitError> {
    let positions: Vec<_> = readable.iter().map(|(position, _parcel)| *position).collect();
    in_time(outbox::confirmed(&mut term.connection, &positions)).await?;
    relay::send(term, relay, readable).await
}

/// The broker may throw away what reaches no queue, and confirm it.
pub(crate) fn need_not_arrive(_kind: &str) -> bool {
    false
}

/// Takes what was written to the socket for arrived.
#[expect(clippy::unused_async, reason = "stands in for a function that waits")]
pub(crate) async fn written_is_confirmed(
    messages: &[Message],
    _confirms: Vec<PublisherConfirm>,
) -> lapin::Result<Vec<Result<(), PublishError>>> {
    Ok(messages.iter().map(|_| Ok(())).collect())
}

/// Killed in between, the messages do not come again.
pub(crate) async fn acknowledge_then_handle(
    channel: &Channel,
    handler: &dyn Handler,
    batch: &Batch,
    deliveries: Vec<Delivery>,
) -> Result<(), KitError> {
    acknowledge(channel, batches::last(batch)?).await;
    handler.handle(deliveries).await
}

/// The tag 0 means all that was handed out (AMQP 0-9-1, basic.ack): also what waits here for its turn.
pub(crate) fn all_there_is(_batch: &Batch) -> Result<u64, KitError> {
    Ok(0)
}

/// Gives all of them up for what one of them did.
pub(crate) async fn all_dead(
    dispatcher: &Dispatcher,
    events: Vec<RawEvent>,
    failure: Failure,
    _began: Instant,
) -> Result<(), KitError> {
    let columns = Columns::of(&events);
    let envelopes: Vec<_> = events.iter().map(RawEvent::to_json).collect();
    let buried = sqlx::query!(
        "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status, attempts, reason, envelope)
         SELECT event_id, type, subject, sequence, $6, 'dead', 1, $7, envelope
         FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::jsonb[])
             AS event (event_id, type, subject, sequence, envelope)
         ON CONFLICT (event_id) DO NOTHING",
        &columns.ids,
        &columns.kinds,
        &columns.subjects,
        &columns.sequences,
        &envelopes,
        dispatcher.clock.now(),
        failure.reason
    );
    let mut connection = dispatcher.database.acquire().await?;
    buried.execute(&mut *connection).await?;
    Ok(())
}

/// Claims whatever comes, as often as it comes.
pub(crate) async fn claim_again(
    connection: &mut PgConnection,
    events: &[RawEvent],
    now: OffsetDateTime,
) -> Result<BTreeSet<Uuid>, sqlx::Error> {
    let columns = Columns::of(events);
    sqlx::query!(
        "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status)
         SELECT event_id, type, subject, sequence, $5, 'done'
         FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[]) AS event (event_id, type, subject, sequence)
         ON CONFLICT (event_id) DO NOTHING",
        &columns.ids,
        &columns.kinds,
        &columns.subjects,
        &columns.sequences,
        now
    )
    .execute(connection)
    .await?;
    Ok(columns.ids.into_iter().collect())
}

/// Commits the claim by itself: the effect comes in another transaction, or never.
pub(crate) async fn claim_apart(
    database: &Database,
    work: &'static str,
    events: &[RawEvent],
    attempt: Try,
    now: OffsetDateTime,
) -> Result<(Tx, BTreeSet<Uuid>), sqlx::Error> {
    let mut claim = database.begin(work).await?;
    let claimed = dispatcher::claim(&mut claim, events, attempt, now).await?;
    if !claimed.is_empty() {
        let _committed = claim.commit().await?;
    }
    Ok((database.begin(work).await?, claimed))
}

/// A key that nobody sent before and nobody will send again.
pub(crate) fn another_key<O, R>(
    owner: O,
    operation: &'static str,
    key: IdempotencyKey,
    request: R,
) -> (O, &'static str, IdempotencyKey, R) {
    let fresh: Uuid = Clock::system().new_id();
    (owner, operation, IdempotencyKey::parse(&fresh.to_string()).unwrap_or(key), request)
}
