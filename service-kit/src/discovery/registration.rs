//! An instance's entry in Consul: made at start, made again when Consul has lost it, taken off at an orderly stop.

use super::{
    agent::Instance,
    catalogue::{CONSUL_AWAY, Catalogue},
};
use contracts::ServiceName;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often Consul is asked whether it still knows us.
const EVERY: Duration = Duration::from_secs(5);

pub(super) struct Registration<'a> {
    catalogue: &'a Catalogue,
    service: ServiceName,
    port: u16,
    /// The id Consul knows us by, once it does.
    id: Option<String>,
}

impl<'a> Registration<'a> {
    pub(super) const fn new(catalogue: &'a Catalogue, service: ServiceName, port: u16) -> Self {
        Self { catalogue, service, port, id: None }
    }

    pub(super) async fn keep(mut self, stop: CancellationToken) {
        let mut failures = 0_u32;
        loop {
            let Some(renewed) = stop.run_until_cancelled(self.renew()).await else { break };
            let wait = match renewed {
                Ok(()) => {
                    failures = 0;
                    EVERY
                }
                Err(cause) => {
                    tracing::debug!(service = %self.service, %cause, "Consul could not be told where we are");
                    failures = failures.saturating_add(1);
                    CONSUL_AWAY.pause(failures)
                }
            };
            if stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
                break;
            }
        }
        self.take_off().await;
    }

    async fn renew(&mut self) -> anyhow::Result<()> {
        let agent = &self.catalogue.agent;
        if let Some(id) = &self.id
            && agent.knows(id).await?
        {
            return Ok(());
        }
        let address = match &self.catalogue.own_address {
            Some(address) => Some(address.clone()),
            None => agent.own_address().await?.map(|address| address.to_string()),
        };
        let instance = Instance { service: self.service, address: address.as_deref(), port: self.port };
        // Known before it is told: if the answer is lost, the entry is taken off all the same.
        self.id = Some(instance.id());
        agent.register(&instance).await?;
        tracing::info!(service = %self.service, id = instance.id(), "registered with Consul");
        Ok(())
    }

    async fn take_off(&self) {
        let Some(id) = &self.id else { return };
        if let Err(cause) = self.catalogue.agent.deregister(id).await {
            tracing::debug!(service = %self.service, %cause, "Consul could not be told that we leave");
        }
    }
}
