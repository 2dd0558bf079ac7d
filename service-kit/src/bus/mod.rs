//! The two ways events travel: RabbitMQ, or inside the process. Same reactions, same guarantees.

mod local;
pub(crate) mod rabbit;

pub use crate::dispatcher::{Delivery, Handler};
pub use local::LocalBus;
pub use rabbit::RabbitBus;

use contracts::RawEvent;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

#[derive(Clone)]
pub enum Bus {
    Rabbit(RabbitBus),
    /// All services in one process; see [`LocalBus`].
    Local(LocalBus),
    /// Another process with the same database relays and consumes; this one only serves HTTP. What it announces waits
    /// in the outbox for that process.
    Elsewhere,
}

/// Why the bus did not confirm an event. It is sent again.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("the broker is away: {0}")]
    Broker(String),
    #[error("no queue is bound for {kind}: its subscribers have not declared theirs yet")]
    NoQueue { kind: String },
    #[error("the broker refused the message")]
    Refused,
    #[error("{subscriber} is not here yet")]
    NotHere { subscriber: contracts::ServiceName },
    #[error("{subscriber} could not store it: {cause}")]
    NotStored { subscriber: contracts::ServiceName, cause: String },
}

impl Bus {
    /// Publishes a batch; one answer per event, in order. `Ok` means it can no longer be lost. The relay does this;
    /// nobody else should, but for sending what is in an event log again.
    pub async fn publish(&self, batch: &[RawEvent]) -> Vec<Result<(), PublishError>> {
        match self {
            Self::Rabbit(bus) => bus.publish(batch).await,
            Self::Local(bus) => bus.publish(batch).await,
            Self::Elsewhere => batch.iter().map(|_| Err(PublishError::Refused)).collect(),
        }
    }

    /// Delivers to `handler` until `stop`; then what is in work is finished.
    pub(crate) async fn consume(&self, handler: Arc<dyn Handler>, types: Vec<&'static str>, stop: CancellationToken) {
        match self {
            Self::Rabbit(bus) => bus.consume(handler, types, stop).await,
            Self::Local(bus) => bus.consume(handler, stop).await,
            Self::Elsewhere => stop.cancelled().await,
        }
    }

    pub(crate) fn relays_here(&self) -> bool {
        !matches!(self, Self::Elsewhere)
    }

    /// For `/readyz`'s body and the metrics.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Rabbit(bus) if bus.connected() => "rabbitmq: connected",
            Self::Rabbit(_) => "rabbitmq: away, events wait in the outbox",
            Self::Local(_) => "local",
            Self::Elsewhere => "carried by another process",
        }
    }
}
