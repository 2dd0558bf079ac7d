//! Where the other services are. Their addresses are configured, and DNS says what a name means at the moment (Compose,
//! Kubernetes); or Consul says which instances are well. Either way the configured address is the last to be tried.

mod agent;
mod catalogue;
mod registration;
mod settings;

pub use settings::ConsulSettings;

use crate::{ConfigError, Env};
use agent::Agent;
use catalogue::Catalogue;
use contracts::ServiceName;
use registration::Registration;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use url::Url;

/// A client for calls to other services; each call sets its own deadline.
///
/// A name is resolved for each new connection, so who comes back under another address is found: connections that
/// nobody uses are not kept for long, and one that cannot be made is given up early enough to try another.
pub fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_idle_timeout(Duration::from_secs(30))
        .connect_timeout(Duration::from_millis(1400))
}

/// Answers where a service is now; cheap to clone.
#[derive(Clone, Debug)]
pub enum Directory {
    /// At its configured address.
    Fixed(Arc<BTreeMap<ServiceName, Url>>),
    /// Where Consul says it is well.
    Consul(Arc<Catalogue>),
}

impl Directory {
    /// Consul, where it is told of; the configured addresses otherwise.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(configured: BTreeMap<ServiceName, Url>, consul: Option<&ConsulSettings>) -> reqwest::Result<Self> {
        let Some(settings) = consul else { return Ok(Self::Fixed(Arc::new(configured))) };
        let agent = Agent::new(settings, client().build()?);
        Ok(Self::Consul(Arc::new(Catalogue::new(agent, settings.own_address.clone(), configured))))
    }

    /// The directory that a process's variables describe.
    ///
    /// # Errors
    /// A variable is wrong, or the HTTP client cannot be made.
    pub fn read(env: &Env) -> anyhow::Result<Self> {
        Ok(Self::new(configured(env)?, ConsulSettings::read(env)?.as_ref())?)
    }

    /// Where to try to reach `service`, in this order: its healthy instances, each first in turn, then its configured
    /// address.
    #[must_use]
    pub fn addresses(&self, service: ServiceName) -> Vec<Url> {
        match self {
            Self::Fixed(configured) => configured.get(&service).cloned().into_iter().collect(),
            Self::Consul(catalogue) => catalogue.addresses(service),
        }
    }

    /// Keeps up with Consul until `stop`; without Consul there is nothing to do. `who` asks, for the metrics.
    pub async fn follow(&self, who: &'static str, stop: CancellationToken) {
        if let Self::Consul(catalogue) = self {
            catalogue.follow(who, stop).await;
        }
    }

    /// Keeps the instance of `service` that listens on `port` registered until `stop`, then takes it off.
    pub(crate) async fn stay_registered(&self, service: ServiceName, port: u16, stop: CancellationToken) {
        if let Self::Consul(catalogue) = self {
            Registration::new(catalogue, service, port).keep(stop).await;
        }
    }

    /// For the operator.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Fixed(_) => "configured addresses",
            Self::Consul(catalogue) if catalogue.agent.is_away() => "Consul is away: the last known addresses",
            Self::Consul(_) => "Consul",
        }
    }
}

/// `USER_SERVICE_URL` and its siblings.
///
/// # Errors
/// One is no URL.
pub fn configured(env: &Env) -> Result<BTreeMap<ServiceName, Url>, ConfigError> {
    let mut addresses = BTreeMap::new();
    for service in ServiceName::ALL {
        let name = format!("{}_SERVICE_URL", service.short().to_uppercase());
        let default = format!("http://127.0.0.1:{}", service.default_port());
        addresses.insert(service, env.url(&name, &["http", "https"], &default)?);
    }
    Ok(addresses)
}
