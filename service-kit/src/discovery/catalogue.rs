//! What is known of Consul's catalogue: per service the instances that were healthy when it last told.

use super::agent::{Agent, Instances};
use crate::{Backoff, metrics::Runs, supervised};
use contracts::ServiceName;
use futures_util::future::join_all;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio_util::sync::CancellationToken;
use url::Url;

/// Between two questions about one service, whatever changes: a restless catalogue must not make us restless.
const REST: Duration = Duration::from_millis(500);
pub(super) const CONSUL_AWAY: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));

#[derive(Debug)]
pub struct Catalogue {
    pub(super) agent: Agent,
    pub(super) own_address: Option<String>,
    configured: BTreeMap<ServiceName, Url>,
    seen: BTreeMap<ServiceName, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    instances: RwLock<Arc<[Url]>>,
    /// Whose turn it is.
    turn: AtomicUsize,
}

impl Catalogue {
    pub(super) fn new(agent: Agent, own_address: Option<String>, configured: BTreeMap<ServiceName, Url>) -> Self {
        let seen = ServiceName::ALL.into_iter().map(|service| (service, Seen::default())).collect();
        Self { agent, own_address, configured, seen }
    }

    pub(super) fn addresses(&self, service: ServiceName) -> Vec<Url> {
        let mut addresses = Vec::new();
        if let Some(seen) = self.seen.get(&service) {
            let instances = Arc::clone(&seen.instances.read().unwrap_or_else(PoisonError::into_inner));
            addresses.extend_from_slice(&instances);
            if !instances.is_empty() {
                addresses.rotate_left(seen.turn.fetch_add(1, Ordering::Relaxed) % instances.len());
            }
        }
        let configured = self.configured.get(&service).filter(|configured| !addresses.contains(configured)).cloned();
        addresses.extend(configured);
        addresses
    }

    pub(super) async fn follow(&self, who: &'static str, stop: CancellationToken) {
        let runs = Runs::new(who, "following Consul");
        let services = self.seen.iter().map(|(service, seen)| {
            supervised::run("following Consul", runs.clone(), stop.clone(), move |stop| async move {
                stop.run_until_cancelled(self.follow_one(*service, seen)).await;
            })
        });
        join_all(services).await;
    }

    async fn follow_one(&self, service: ServiceName, seen: &Seen) {
        let (mut index, mut failures) = (0, 0_u32);
        loop {
            match self.agent.instances(service, index).await {
                Ok(Instances { addresses, index: answered }) => {
                    index = next_index(index, answered);
                    failures = 0;
                    seen.learn(service, addresses);
                    tokio::time::sleep(REST).await;
                }
                Err(cause) => {
                    tracing::debug!(%service, %cause, "Consul could not be asked for a service");
                    // It may have been restarted meanwhile, with another count.
                    index = 0;
                    failures = failures.saturating_add(1);
                    tokio::time::sleep(CONSUL_AWAY.pause(failures)).await;
                }
            }
        }
    }
}

impl Seen {
    /// That nobody is healthy is not believed: it is so for a moment whenever Consul starts with an empty catalogue, and
    /// a try costs less than not trying.
    fn learn(&self, service: ServiceName, found: Vec<Url>) {
        if found.is_empty() {
            return;
        }
        let mut instances = self.instances.write().unwrap_or_else(PoisonError::into_inner);
        if **instances != *found {
            tracing::info!(%service, instances = found.len(), "Consul tells where a service is");
            *instances = found.into();
        }
    }
}

/// Consul's rules for its index: one that goes backwards begins anew, and with 0 the next question would not wait.
const fn next_index(known: u64, answered: u64) -> u64 {
    if answered < known {
        0
    } else if answered == 0 {
        1
    } else {
        answered
    }
}

#[cfg(test)]
mod tests {
    use super::next_index;

    #[test]
    fn an_index_that_goes_backwards_begins_anew_and_none_is_zero() {
        assert_eq!((next_index(0, 7), next_index(7, 7), next_index(7, 9)), (7, 7, 9));
        assert_eq!((next_index(7, 6), next_index(7, 0), next_index(0, 0)), (0, 0, 1));
    }
}
