//! How many messages wait in each service's queue. What a broker holds is on its way, not lost.

use crate::reach::Reach;
use contracts::ServiceName;
use service_kit::bus::RabbitBus;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub(crate) struct Broker {
    /// Messages ready in a service's queues: its events, and those the broker gave up.
    pub(crate) waiting: BTreeMap<ServiceName, u64>,
}

/// An error is the sentence that says why nothing is known.
pub(super) async fn read(reach: &Reach) -> Result<Broker, String> {
    let Some(url) = &reach.amqp_url else { return Ok(Broker::default()) };
    let bus = RabbitBus::new(url.clone().into(), "ecom");
    let waiting = bus.waiting().await.map_err(|cause| format!("The broker does not answer: {cause}."))?;
    Ok(Broker { waiting })
}
