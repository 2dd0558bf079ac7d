//! What a consumer does with the messages it is handed: takes what is there as one batch, has it stored, and
//! acknowledges all of it by one word. One batch at a time: what is unacknowledged and older is never still in work.

use super::{
    Delivery, Handler,
    message::{self, Origin, TOGETHER},
    rabbit::ended,
};
use crate::{KitError, cure, points::pass};
use futures_util::{FutureExt, StreamExt};
use lapin::{
    Channel, Consumer,
    options::{BasicAckOptions, BasicNackOptions},
};
use std::{panic::AssertUnwindSafe, time::Duration};
use tokio_util::sync::CancellationToken;

/// Unacknowledged messages a consumer holds at the most, two batches: while one is in work the next is on its way.
pub const PREFETCH: u16 = 128;
/// An acknowledgement is no more than a write.
const ACK_WAIT: Duration = Duration::from_secs(1);

/// A channel with what it is handed.
pub(super) struct Source {
    pub(super) channel: Channel,
    pub(super) messages: Consumer,
    pub(super) origin: Origin,
}

/// Messages that are stored together: the oldest of their channel, none left out.
pub(crate) struct Batch {
    tags: Vec<u64>,
    messages: Vec<lapin::message::Delivery>,
    origin: Origin,
}

impl Source {
    /// Works what comes until the consumer breaks (an error) or `over` (`Ok`); what is in work then is finished.
    pub(super) async fn work(mut self, handler: &dyn Handler, over: &CancellationToken) -> lapin::Result<()> {
        // However it ends, the other channel of this connection ends with it.
        let _ends = over.clone().drop_guard();
        loop {
            let first = tokio::select! {
                message = self.messages.next() => message.ok_or_else(|| ended("the broker ended the consumer"))??,
                () = over.cancelled() => return Ok(()),
            };
            let (batch, deliveries) = self.take(first);
            // Its messages come again, marked as redelivered: with the end of the connection.
            let stored = AssertUnwindSafe(self.store(handler, &batch, deliveries, over)).catch_unwind().await;
            stored.map_err(|_| ended("a handler panicked"))??;
        }
    }

    /// What is there already, up to a batch. Nothing is waited for.
    fn take(&mut self, first: lapin::message::Delivery) -> (Batch, Vec<Delivery>) {
        let mut batch = Batch { tags: Vec::new(), messages: Vec::new(), origin: self.origin };
        let mut deliveries = batch.add(first);
        while deliveries.len() < TOGETHER
            && let Some(Some(Ok(message))) = self.messages.next().now_or_never()
        {
            deliveries.extend(batch.add(message));
        }
        (batch, deliveries)
    }

    /// Tries until all of it is stored, then acknowledges it. While the database is away the messages are held, not
    /// handed back: handing back would use up their delivery limit.
    async fn store(
        &self,
        handler: &dyn Handler,
        batch: &Batch,
        mut deliveries: Vec<Delivery>,
        over: &CancellationToken,
    ) -> lapin::Result<()> {
        loop {
            match handle_then_acknowledge(&self.channel, handler, batch, deliveries).await {
                Ok(()) => return Ok(()),
                Err(cause) => {
                    tracing::warn!(%cause, messages = batch.tags.len(), "messages could not be stored; trying again");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                () = over.cancelled() => return Ok(()),
            }
            if !self.channel.status().connected() {
                return Err(ended("the connection broke"));
            }
            deliveries = batch.read();
        }
    }
}

impl Batch {
    fn add(&mut self, message: lapin::message::Delivery) -> Vec<Delivery> {
        let deliveries = message::read(&message, self.origin);
        self.tags.push(message.delivery_tag);
        self.messages.push(message);
        deliveries
    }

    fn read(&self) -> Vec<Delivery> {
        self.messages.iter().flat_map(|message| message::read(message, self.origin)).collect()
    }
}

/// Acknowledged after what it caused is committed, never before: an acknowledged message does not come again.
#[cure(acknowledge_after_commit, instead = crate::labs::mistakes::acknowledge_then_handle)]
async fn handle_then_acknowledge(
    channel: &Channel,
    handler: &dyn Handler,
    batch: &Batch,
    deliveries: Vec<Delivery>,
) -> Result<(), KitError> {
    handler.handle(deliveries).await?;
    if pass("", "acknowledge").await.is_err() {
        let again = BasicNackOptions { multiple: true, requeue: true };
        let _ = channel.basic_nack(last(batch)?, again).await;
        return Ok(());
    }
    acknowledge(channel, last(batch)?).await;
    Ok(())
}

/// All up to the batch's last message are acknowledged with it, and not one more: the next ones wait here as well.
#[cure(acknowledge_no_further, instead = crate::labs::mistakes::all_there_is)]
pub(crate) fn last(batch: &Batch) -> Result<u64, KitError> {
    batch.tags.last().copied().ok_or(KitError::NoAnswer)
}

/// Fails only with the connection; then the messages come again and meet their inbox rows. lapin answers never when the
/// connection breaks in this very moment: without a bound the consumer would hang for ever.
pub(crate) async fn acknowledge(channel: &Channel, up_to: u64) {
    let all = BasicAckOptions { multiple: true };
    let _ = tokio::time::timeout(ACK_WAIT, channel.basic_ack(up_to, all)).await;
}
