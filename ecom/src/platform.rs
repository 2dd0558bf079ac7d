//! The five services and the front door put together: used by `ecom up` and by the whole-shop tests.

use crate::{front_door, service};
use anyhow::Context;
use axum::Router;
use contracts::ServiceName;
use futures_util::future::try_join_all;
use service_kit::{
    Bus, Clock, Env, Kit, Service, Settings,
    http_server::{self, Connections, Limits},
};
use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    pin::pin,
    time::Duration,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// Requests in work at the front door may take this long after the stop.
const DOOR_DRAIN: Duration = Duration::from_secs(4);

/// What a platform is made of. Listeners are bound before anything starts, so that a taken port is found at once.
pub struct Plan {
    /// Variables all services see; the addresses below are added for each.
    pub env: Env,
    /// As whom each service works with its database.
    pub databases: BTreeMap<ServiceName, String>,
    /// As whom it migrates, where that is another.
    pub owners: BTreeMap<ServiceName, String>,
    pub listeners: BTreeMap<ServiceName, TcpListener>,
    pub front_door: TcpListener,
    /// Where the payment provider is.
    pub provider_url: String,
    pub bus: Bus,
    pub clock: Clock,
}

/// Built, not yet running.
pub struct Platform {
    services: Vec<(Service, TcpListener)>,
    kits: BTreeMap<ServiceName, Kit>,
    front_door: (Router, TcpListener),
    /// Of all listeners together: they share the process's descriptors.
    connections: Connections,
    /// Sends away who watches `/flow` at the front door.
    stop_watching: CancellationToken,
}

impl Platform {
    /// Opens the databases and builds every service.
    ///
    /// # Errors
    /// A variable is wrong, or a database cannot be opened.
    pub async fn build(plan: Plan) -> anyhow::Result<Self> {
        let env = with_addresses(&plan)?;
        let connections = Connections::new(Limits::read(&env)?);
        let builds = ServiceName::ALL.into_iter().map(|name| {
            let (plan, env) = (&plan, &env);
            async move {
                let database = plan.databases.get(&name).with_context(|| format!("{name} has no database"))?;
                let mut env = behind_pages(env)?.with("DATABASE_URL", database.clone());
                if let Some(owner) = plan.owners.get(&name) {
                    env = env.with("OWNER_DATABASE_URL", owner.clone());
                }
                // In one process nobody is to learn where the others are; its front door goes first.
                let settings = Settings { shutdown_delay: Duration::ZERO, ..Settings::read(&env, name)? };
                let built = service::build(settings, &env, plan.bus.clone(), plan.clock.clone()).await;
                built.with_context(|| format!("{name} cannot start"))
            }
        });
        let services = try_join_all(builds).await?;
        let kits: BTreeMap<_, _> = services.iter().map(|one| (one.kit().service, one.kit().clone())).collect();
        let public = services.iter().map(|one| (one.kit().service, one.public())).collect();
        let stop_watching = CancellationToken::new();
        let door = front_door::router(&env, public, &kits, stop_watching.clone())?;
        let mut listeners = plan.listeners;
        let services = services.into_iter().map(|one| {
            let name = one.kit().service;
            let listener = listeners.remove(&name).with_context(|| format!("{name} has no port"))?;
            Ok((one.among(connections.clone()), listener))
        });
        let services = services.collect::<anyhow::Result<_>>()?;
        Ok(Self { services, kits, front_door: (door, plan.front_door), connections, stop_watching })
    }

    /// What each service works with: for seeding, and for tests that look inside.
    #[must_use]
    pub fn kits(&self) -> &BTreeMap<ServiceName, Kit> {
        &self.kits
    }

    /// The connections of the process, for one more listener in it.
    #[must_use]
    pub fn connections(&self) -> Connections {
        self.connections.clone()
    }

    /// Runs until `stop`, then ends in order: the front door with the requests that came through it, which still need
    /// every service and its database; then each service with what it has in work.
    ///
    /// # Errors
    /// A listener fails.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let (door, listener) = self.front_door;
        let door = http_server::serve(into_async(listener)?, "front-door", door, self.connections, stop.clone());
        let mut door = AbortOnDropHandle::new(tokio::spawn(door));
        let stop_services = CancellationToken::new();
        let services = self.services.into_iter().map(|(service, listener)| {
            let (stop, listener) = (stop_services.clone(), into_async(listener));
            async move { service.run(listener?, stop).await }
        });
        let mut services = pin!(try_join_all(services));
        let door_drained = async {
            stop.cancelled().await;
            self.stop_watching.cancel();
            if tokio::time::timeout(DOOR_DRAIN, &mut door).await.is_err() {
                tracing::warn!("some requests at the front door did not end in time and were cut off");
                door.abort();
            }
        };
        tokio::select! {
            ended = &mut services => return ended.map(drop),
            () = door_drained => stop_services.cancel(),
        }
        services.await.map(drop)
    }
}

/// What every service must know of the others.
fn with_addresses(plan: &Plan) -> anyhow::Result<Env> {
    // In one process everybody knows where everybody is: Consul is not asked.
    let mut env = plan.env.clone().with("PROVIDER_URL", plan.provider_url.clone()).with("CONSUL_HTTP_ADDR", "");
    for (name, listener) in &plan.listeners {
        let address = listener.local_addr()?;
        let url = format!("http://127.0.0.1:{}", address.port());
        env = env.with(&format!("{}_SERVICE_URL", name.short().to_uppercase()), url);
        env = env.with(&format!("{}_SERVICE_PORT", name.short().to_uppercase()), address.port().to_string());
    }
    if env.text("PUBLIC_URL")?.is_none() {
        env = env.with("PUBLIC_URL", local_url(plan.front_door.local_addr()?));
    }
    Ok(env)
}

/// The services' own ports are open to this machine alone, and so is who the pages say they ask for.
fn behind_pages(env: &Env) -> anyhow::Result<Env> {
    let trusted = env.text("TRUSTED_PROXIES")?.unwrap_or_default();
    Ok(env.clone().with("TRUSTED_PROXIES", format!("{trusted},127.0.0.0/8,::1")))
}

fn local_url(address: SocketAddr) -> String {
    format!("http://localhost:{}", address.port())
}

fn into_async(listener: TcpListener) -> anyhow::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    Ok(tokio::net::TcpListener::from_std(listener)?)
}
