//! The kit's mistakes, one for each of its cures. Where one wants what the kit does well, it does it itself: the function
//! it stands in for would come back here.

use crate::{
    KitError,
    bus::{Delivery, Handler, PublishError, lanes::acknowledge},
};
use contracts::RawEvent;
use lapin::PublisherConfirm;
use sqlx::PgConnection;
use time::OffsetDateTime;

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
