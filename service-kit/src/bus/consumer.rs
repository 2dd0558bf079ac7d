//! The consuming side of RabbitMQ: a connection of its own, made again for as long as the service runs. The service's
//! events and what the broker gave up of them come on a channel each: what waits on one holds up nothing on the other.

use super::{
    Handler,
    batches::{PREFETCH, Source},
    heartbeat::OFTEN,
    message::Origin,
    rabbit::{RabbitBus, in_time},
};
use crate::Backoff;
use contracts::ServiceName;
use lapin::{
    Channel, Connection,
    options::{BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Between two attempts to reach the broker.
pub(crate) const BROKER_AWAY: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_millis(3200));

/// Unacknowledged messages that the broker gave up, which is rare.
const PREFETCH_DEAD: u16 = 16;

/// A consumer's connection with its two channels.
struct Opened {
    connection: Connection,
    events: Channel,
    dead: Channel,
}

impl RabbitBus {
    pub(super) async fn consume(&self, handler: Arc<dyn Handler>, types: Vec<&'static str>, stop: CancellationToken) {
        let service = handler.service();
        let mut failures = 0_u32;
        while !stop.is_cancelled() {
            let session = self.consume_once(&handler, &types, &stop, &mut failures).await;
            self.consuming.store(false, Ordering::Relaxed);
            let Err(cause) = session else { return };
            failures = failures.saturating_add(1);
            let pause = BROKER_AWAY.pause(failures);
            tracing::warn!(%service, %cause, ?pause, "the broker is away; connecting again");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// One connection's life: until it breaks (an error) or `stop` (`Ok`).
    async fn consume_once(
        &self,
        handler: &Arc<dyn Handler>,
        types: &[&'static str],
        stop: &CancellationToken,
        failures: &mut u32,
    ) -> lapin::Result<()> {
        let service = handler.service();
        let opened = in_time(self.open_consumer(service, types)).await?;
        let over = stop.child_token();
        let consuming = async {
            let events = self.begin(&opened.events, service, "events", Origin::Events).await?;
            let dead = self.begin(&opened.dead, service, "dead", Origin::GivenUp).await?;
            *failures = 0;
            self.consuming.store(true, Ordering::Relaxed);
            tracing::info!(%service, "consuming from RabbitMQ");
            let (events, dead) = tokio::join!(events.work(handler.as_ref(), &over), dead.work(handler.as_ref(), &over));
            events.and(dead)
        };
        let result = tokio::select! {
            ended = consuming => ended,
            never = self.watch_depth(&opened.connection, service) => match never {},
        };
        // Unacknowledged messages go back to the queue by themselves.
        let _ = tokio::time::timeout(Duration::from_secs(1), opened.connection.close(200, "".into())).await;
        result
    }

    async fn open_consumer(&self, service: ServiceName, types: &[&str]) -> lapin::Result<Opened> {
        let connection = self.connect(service.as_str(), OFTEN).await?;
        self.declare_exchanges(&connection).await?;
        let events = connection.create_channel().await?;
        self.declare_queues(&events, service, types).await?;
        events.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
        let dead = connection.create_channel().await?;
        dead.basic_qos(PREFETCH_DEAD, BasicQosOptions::default()).await?;
        Ok(Opened { connection, events, dead })
    }

    async fn begin(
        &self,
        channel: &Channel,
        service: ServiceName,
        kind: &str,
        origin: Origin,
    ) -> lapin::Result<Source> {
        let (options, arguments) = (BasicConsumeOptions::default(), FieldTable::default());
        let consumed = channel.basic_consume(self.queue(service, kind), kind.into(), options, arguments);
        Ok(Source { channel: channel.clone(), messages: in_time(consumed).await?, origin })
    }
}
