//! How many messages lie in the platform's queues, asked without taking part: nothing is declared, nothing consumed.

use super::{
    heartbeat::OFTEN,
    looker::Looker,
    rabbit::{RabbitBus, in_time},
};
use crate::{metrics::is_scraped, rounds::next_round};
use contracts::{ServiceName, events};
use lapin::{Channel, Connection, options::QueueDeclareOptions, types::FieldTable};
use metrics::gauge;
use std::{collections::BTreeMap, convert::Infallible, time::Duration};

/// How often a consumer looks at its own queues.
const EVERY: Duration = Duration::from_secs(10);
/// While nobody scrapes: still before a gauge leaves the page.
const UNWATCHED: Duration = Duration::from_secs(20);

/// Messages ready in a service's two queues. A queue that was never declared holds none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Events that no consumer has taken yet.
    pub events: u64,
    /// What the broker gave up.
    pub dead: u64,
}

impl RabbitBus {
    /// Messages ready in each service's two queues together.
    ///
    /// # Errors
    /// The broker is away.
    pub async fn waiting(&self) -> lapin::Result<BTreeMap<ServiceName, u64>> {
        let connection = in_time(self.connect("a look at the queues", OFTEN)).await?;
        let (mut waiting, mut channel) = (BTreeMap::new(), None);
        for service in ServiceName::ALL {
            if events::subscribed_by(service).next().is_none() {
                continue;
            }
            for kind in ["events", "dead"] {
                if let Some(ready) = self.ready(&connection, &mut channel, service, kind).await? {
                    *waiting.entry(service).or_default() += ready;
                }
            }
        }
        // Looked already: how the connection ends changes nothing.
        let _ = in_time(connection.close(200, "".into())).await;
        Ok(waiting)
    }

    /// The same of one service, over a connection that is kept for the next look.
    pub(super) async fn depth(&self, service: ServiceName) -> lapin::Result<Depth> {
        let mut looker = self.looker.lock().await;
        // Taken out: a look that was given up half-way leaves none behind.
        let mut kept = match looker.take().filter(|kept| kept.connection.status().connected()) {
            Some(kept) => kept,
            None => Looker { connection: in_time(self.connect("looks at the queues", OFTEN)).await?, channel: None },
        };
        let Looker { connection, channel } = &mut kept;
        let events = self.ready(connection, channel, service, "events").await?.unwrap_or_default();
        let dead = self.ready(connection, channel, service, "dead").await?.unwrap_or_default();
        *looker = Some(kept);
        Ok(Depth { events, dead })
    }

    /// None when the queue was never declared: that closes the channel it was asked on.
    async fn ready(
        &self,
        connection: &Connection,
        kept: &mut Option<Channel>,
        service: ServiceName,
        kind: &str,
    ) -> lapin::Result<Option<u64>> {
        let channel = match kept.take().filter(|kept| kept.status().connected()) {
            Some(kept) => kept,
            None => in_time(connection.create_channel()).await?,
        };
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let asked = channel.queue_declare(self.queue(service, kind), passive, FieldTable::default());
        match in_time(asked).await {
            Ok(queue) => {
                *kept = Some(channel);
                Ok(Some(u64::from(queue.message_count())))
            }
            Err(cause) if is_missing(&cause) => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// Keeps the gauges of the consumer's own queues, over its connection, until dropped. What it may not see, or is not
    /// answered, is missing from the metrics and disturbs nobody.
    pub(super) async fn watch_depth(&self, connection: &Connection, service: ServiceName) -> Infallible {
        let mut channel = None;
        loop {
            for kind in ["events", "dead"] {
                match self.ready(connection, &mut channel, service, kind).await {
                    Ok(Some(ready)) => {
                        #[expect(clippy::cast_precision_loss, reason = "a queue is never that long")]
                        gauge!("bus_queue_messages", "service" => service.as_str(), "queue" => kind).set(ready as f64);
                    }
                    Ok(None) => {}
                    Err(cause) => tracing::debug!(%cause, "the depth of the queues is not known"),
                }
            }
            tokio::time::sleep(if is_scraped() { EVERY } else { next_round(UNWATCHED) }).await;
        }
    }
}

fn is_missing(cause: &lapin::Error) -> bool {
    matches!(cause.kind(), lapin::ErrorKind::ProtocolError(problem) if problem.get_id() == 404)
}
