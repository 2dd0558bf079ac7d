//! The two ways events travel: RabbitMQ, or inside the process. Same reactions, same guarantees.

mod consumer;
mod depth;
pub(crate) mod lanes;
mod local;
pub(crate) mod rabbit;
#[cfg(test)]
mod tests;

pub use crate::dispatcher::{Delivery, Handler};
pub use depth::Depth;
pub use lanes::PREFETCH;
pub use local::LocalBus;
pub use rabbit::RabbitBus;

use crate::{Backoff, spans::conventions::Channel};
use contracts::{RawEvent, ServiceName};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// Between two attempts to reach it.
pub(crate) const BROKER_AWAY: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_millis(3200));

/// How events travel.
#[derive(Clone)]
pub enum Bus {
    /// Through RabbitMQ, to the services' own processes.
    Rabbit(RabbitBus),
    /// All services in one process; see [`LocalBus`].
    Local(LocalBus),
    /// Another process with the same database relays and consumes; this one serves HTTP and runs its timed jobs beside
    /// that one's. What it announces waits in the outbox for that process.
    Elsewhere,
}

/// Why the bus did not confirm an event. It is sent again.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// Nothing can be said of the message.
    #[error("the broker is away: {0}")]
    Broker(String),
    /// It was returned: `mandatory` (AMQP 0-9-1, basic.publish).
    #[error("no queue is bound for {kind}: its subscribers have not declared theirs yet")]
    NoQueue {
        /// The event type.
        kind: String,
    },
    /// It answered with a `nack`.
    #[error("the broker refused the message")]
    Refused,
    /// In one process: its service has not been started.
    #[error("{subscriber} is not here yet")]
    NotHere {
        /// Who must have it.
        subscriber: ServiceName,
    },
    /// In one process: its inbox did not take it.
    #[error("{subscriber} could not store it: {cause}")]
    NotStored {
        /// Who must have it.
        subscriber: ServiceName,
        /// Why not.
        cause: String,
    },
}

impl PublishError {
    /// All values of [`Self::reason`].
    pub(crate) const REASONS: [&'static str; 5] = ["broker", "no_queue", "refused", "not_here", "not_stored"];

    /// In one word, for the metrics.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Broker(_) => "broker",
            Self::NoQueue { .. } => "no_queue",
            Self::Refused => "refused",
            Self::NotHere { .. } => "not_here",
            Self::NotStored { .. } => "not_stored",
        }
    }
}

impl Bus {
    /// Whether it could be published now: over RabbitMQ, makes the connection if there is none.
    ///
    /// # Errors
    /// The broker is away.
    pub(crate) async fn reach(&self) -> Result<(), PublishError> {
        match self {
            Self::Rabbit(bus) => bus.reach().await,
            Self::Local(_) | Self::Elsewhere => Ok(()),
        }
    }

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

    /// What lies in a service's queues; none without a broker.
    ///
    /// # Errors
    /// The broker is away.
    pub(crate) async fn depth(&self, service: ServiceName) -> lapin::Result<Option<Depth>> {
        match self {
            Self::Rabbit(bus) => bus.depth(service).await.map(Some),
            Self::Local(_) | Self::Elsewhere => Ok(None),
        }
    }

    /// Where events go, for their spans.
    pub(crate) fn outgoing(&self) -> Channel {
        match self {
            Self::Rabbit(bus) => Channel { system: "rabbitmq", destination: bus.exchange().as_str().into() },
            Self::Local(_) | Self::Elsewhere => Channel { system: "ecom_local", destination: "ecom.events".into() },
        }
    }

    /// Where a service's events come from, for their spans.
    pub(crate) fn incoming(&self, service: ServiceName) -> Channel {
        match self {
            Self::Rabbit(bus) => {
                Channel { system: "rabbitmq", destination: bus.queue(service, "events").as_str().into() }
            }
            Self::Local(_) | Self::Elsewhere => {
                Channel { system: "ecom_local", destination: format!("{service}.events").into() }
            }
        }
    }

    /// Whether it carries events now, for an instance that relays or does not; none when another process does.
    pub(crate) fn connected(&self, leads: bool) -> Option<bool> {
        match self {
            Self::Rabbit(bus) => Some(bus.connected(leads)),
            Self::Local(_) => Some(true),
            Self::Elsewhere => None,
        }
    }

    /// The same bus, told apart from what other services in this process know of their connections.
    pub(crate) fn of_one_service(self) -> Self {
        match self {
            Self::Rabbit(bus) => Self::Rabbit(bus.of_one_service()),
            other => other,
        }
    }
}
