//! The kit's mistakes, one for each of its cures. Where one wants what the kit does well, it does it itself: the function
//! it stands in for would come back here.

use crate::{
    Clock, Database, Kit, KitError, Tx,
    bus::{Delivery, Handler, PublishError, lanes::acknowledge},
    database::in_time,
    dispatcher::{self, Try},
    idempotency::IdempotencyKey,
    outbox::{self, Pending},
    relay::{self, Place, Relay, Sent, Term},
};
use contracts::RawEvent;
use lapin::PublisherConfirm;
use sqlx::PgConnection;
use std::sync::atomic::{AtomicI64, Ordering};
use time::OffsetDateTime;
use tokio::runtime::Handle;
use uuid::Uuid;

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
        "SELECT position, attempts, envelope FROM outbox JOIN event_log USING (position)
         WHERE position > $1 ORDER BY position LIMIT $2",
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
    readable: Vec<(Place, RawEvent)>,
) -> Result<Sent, KitError> {
    let positions: Vec<_> = readable.iter().map(|((position, _attempts), _event)| *position).collect();
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
    batch: &[RawEvent],
    _confirms: Vec<PublisherConfirm>,
) -> lapin::Result<Vec<Result<(), PublishError>>> {
    Ok(batch.iter().map(|_| Ok(())).collect())
}

/// Killed in between, the message does not come again.
pub(crate) async fn acknowledge_then_handle(
    handler: &dyn Handler,
    message: &lapin::message::Delivery,
    delivery: Delivery,
) -> Result<(), KitError> {
    acknowledge(message).await;
    handler.handle(delivery).await
}

/// Claims whatever comes, as often as it comes.
pub(crate) async fn claim_again(
    connection: &mut PgConnection,
    event: &RawEvent,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    sqlx::query!(
        "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status)
         VALUES ($1, $2, $3, $4, $5, 'done') ON CONFLICT (event_id) DO UPDATE SET received_at = excluded.received_at",
        event.id.uuid(),
        event.kind,
        event.subject,
        event.sequence,
        now
    )
    .execute(connection)
    .await?;
    Ok(true)
}

/// Commits the claim by itself: the effect comes in another transaction, or never.
pub(crate) async fn claim_apart(
    database: &Database,
    work: &'static str,
    event: &RawEvent,
    attempt: Try,
    now: OffsetDateTime,
) -> Result<Option<Tx>, sqlx::Error> {
    let mut claim = database.begin(work).await?;
    if !dispatcher::claim(&mut claim, event, attempt, now).await? {
        return Ok(None);
    }
    let _committed = claim.commit().await?;
    Ok(Some(database.begin(work).await?))
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
