//! The two ways events travel: RabbitMQ, or inside the process. Same reactions, same guarantees.

pub(crate) mod batches;
mod consumer;
mod depth;
mod handler;
mod heartbeat;
mod local;
mod looker;
pub(crate) mod message;
mod parcel;
mod publish_error;
pub(crate) mod rabbit;
mod rights;
#[cfg(test)]
mod tests;

pub use batches::PREFETCH;
pub(crate) use consumer::BROKER_AWAY;
pub use depth::Depth;
pub use handler::{Delivery, Handler};
pub use local::LocalBus;
pub use message::TOGETHER;
pub(crate) use parcel::{Head, Parcel};
pub use publish_error::PublishError;
pub use rabbit::RabbitBus;
pub use rights::{BrokerUser, Definitions};

use crate::spans::conventions::Channel;
use contracts::{RawEvent, ServiceName};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

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

    /// Publishes a batch; one answer per event, in order. `Ok` means it can no longer be lost. For sending what is in an
    /// event log again; else the relay does this.
    pub async fn publish(&self, batch: &[RawEvent]) -> Vec<Result<(), PublishError>> {
        let parcels: Vec<_> = batch.iter().map(Parcel::from).collect();
        self.send(&parcels, false).await
    }

    /// The same for what is stored. `together`: several events of one type to a message.
    pub(crate) async fn send(&self, batch: &[Parcel], together: bool) -> Vec<Result<(), PublishError>> {
        match self {
            Self::Rabbit(bus) => bus.publish(batch, together).await,
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
