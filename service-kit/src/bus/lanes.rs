//! What a consumer does with the messages it is handed: sorts them into lanes, has them worked, acknowledges them.

use super::{Delivery, Handler, rabbit::ended};
use crate::{KitError, cure, points::pass};
use contracts::RawEvent;
use lapin::{
    options::{BasicAckOptions, BasicNackOptions},
    types::AMQPValue,
};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// Messages of one aggregate share a lane and are worked one after the other; lanes run side by side.
const LANES: usize = 8;
/// Unacknowledged events a consumer holds at the most.
pub const PREFETCH: u16 = 64;
/// An acknowledgement is no more than a write.
const ACK_WAIT: Duration = Duration::from_secs(1);

/// Which queue messages come from.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    Events,
    /// The broker's last word on messages: delivered too often.
    GivenUp,
}

/// Workers that keep the order of each aggregate's messages.
pub(super) struct Lanes {
    senders: Vec<mpsc::Sender<lapin::message::Delivery>>,
    workers: JoinSet<()>,
    /// What was not begun by then goes back to the queue.
    over: CancellationToken,
}

impl Lanes {
    pub(super) fn start(handler: &Arc<dyn Handler>, origin: Origin, over: CancellationToken) -> Self {
        let mut workers = JoinSet::new();
        let senders = (0..LANES).map(|_| {
            let (sender, mut messages) = mpsc::channel(usize::from(PREFETCH));
            let (handler, over) = (Arc::clone(handler), over.clone());
            let lane = async move {
                while let Some(message) = messages.recv().await {
                    if over.is_cancelled() {
                        return;
                    }
                    work(handler.as_ref(), message, origin, &over).await;
                }
            };
            workers.spawn(lane.in_current_span());
            sender
        });
        Self { senders: senders.collect(), workers, over }
    }

    pub(super) async fn take(&mut self, message: lapin::message::Delivery) -> lapin::Result<()> {
        let mut hasher = DefaultHasher::new();
        subject(&message.data).hash(&mut hasher);
        let lane = usize::try_from(hasher.finish() % LANES as u64).unwrap_or(0);
        self.senders[lane].send(message).await.map_err(|_| ended("a lane panicked"))
    }

    /// Returns when a worker has ended: before `finish` that is a panic.
    pub(super) async fn broken(&mut self) {
        self.workers.join_next().await;
    }

    pub(super) async fn finish(mut self) {
        self.over.cancel();
        self.senders.clear();
        while self.workers.join_next().await.is_some() {}
    }
}

fn subject(body: &[u8]) -> Option<uuid::Uuid> {
    #[derive(serde::Deserialize)]
    struct Subject {
        subject: uuid::Uuid,
    }
    serde_json::from_slice::<Subject>(body).ok().map(|envelope| envelope.subject)
}

/// Works one message until it is stored, then acknowledges it. While the database is away the message is held, not
/// handed back: handing back would use up its delivery limit.
async fn work(handler: &dyn Handler, message: lapin::message::Delivery, origin: Origin, over: &CancellationToken) {
    loop {
        let delivery = match (RawEvent::from_slice(&message.data), origin) {
            (Ok(event), Origin::Events) => Delivery::Event { event, redelivered: message.redelivered },
            (Ok(event), Origin::GivenUp) => Delivery::GivenUp { event, reason: reason(&message) },
            (Err(cause), Origin::Events) => {
                Delivery::Unreadable { body: message.data.clone(), reason: cause.to_string() }
            }
            (Err(_), Origin::GivenUp) => Delivery::Unreadable { body: message.data.clone(), reason: reason(&message) },
        };
        match handle_then_acknowledge(handler, &message, delivery).await {
            Ok(()) => return,
            Err(cause) => tracing::warn!(%cause, "a message could not be stored; trying again"),
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = over.cancelled() => return,
        }
    }
}

/// Acknowledged after what it caused is committed, never before: an acknowledged message does not come again.
#[cure(acknowledge_after_commit, instead = crate::labs::mistakes::acknowledge_then_handle)]
async fn handle_then_acknowledge(
    handler: &dyn Handler,
    message: &lapin::message::Delivery,
    delivery: Delivery,
) -> Result<(), KitError> {
    handler.handle(delivery).await?;
    if pass("", "acknowledge").await.is_err() {
        let again = BasicNackOptions { requeue: true, ..BasicNackOptions::default() };
        let _ = message.acker.nack(again).await;
        return Ok(());
    }
    acknowledge(message).await;
    Ok(())
}

/// Fails only with the connection; then the message comes again and meets its inbox row. lapin answers never when the
/// connection breaks in this very moment: without a bound the lane would hang for ever.
pub(crate) async fn acknowledge(message: &lapin::message::Delivery) {
    let _ = tokio::time::timeout(ACK_WAIT, message.acker.ack(BasicAckOptions::default())).await;
}

fn reason(message: &lapin::message::Delivery) -> String {
    let headers = message.properties.headers().as_ref();
    let why = headers.and_then(|table| table.inner().get("x-first-death-reason")).and_then(|value| match value {
        AMQPValue::LongString(text) => Some(text.to_string()),
        _ => None,
    });
    format!("the broker gave it up: {}", why.as_deref().unwrap_or("no reason given"))
}
