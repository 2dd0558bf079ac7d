//! How many messages wait in each service's queue. What a broker holds is on its way, not lost.

use super::Facts;
use crate::reach::Reach;
use contracts::ServiceName;
use service_kit::bus::RabbitBus;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub(crate) struct Broker {
    /// Messages ready in a service's queues: its events, and those the broker gave up.
    pub(crate) waiting: BTreeMap<ServiceName, u64>,
}

pub(super) async fn read(reach: &Reach, facts: &mut Facts) {
    let Some(url) = &reach.amqp_url else { return };
    let bus = RabbitBus::new(url.clone().into(), "ecom");
    match bus.waiting().await {
        Ok(waiting) => facts.broker.waiting = waiting,
        Err(cause) => facts.could_not_look.push(format!("The broker does not answer: {cause}.")),
    }
}
