//! The part of Consul's HTTP API that is used here: <https://developer.hashicorp.com/consul/api-docs>.

use super::ConsulSettings;
use contracts::ServiceName;
use http::{Method, StatusCode};
use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    net::IpAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tokio::net::UdpSocket;
use url::Url;

/// A question that Consul answers at once.
const DEADLINE: Duration = Duration::from_secs(3);
/// So long Consul may wait for a change before it answers all the same.
const WAIT: Duration = Duration::from_secs(60);
/// Consul adds up to a sixteenth of the wait, so that not all clients come back at one moment.
const WAIT_AT_MOST: Duration = Duration::from_secs(60 + 60 / 16 + 5);

/// Consul's agent, as one process talks to it.
#[derive(Debug)]
pub struct Agent {
    client: reqwest::Client,
    address: Url,
    token: Option<SecretString>,
    /// Whether the last question had no answer: told once when it begins, and once when it ends.
    is_away: AtomicBool,
}

/// The healthy instances of a service, and the state of the catalogue they were read from.
pub(super) struct Instances {
    pub(super) addresses: Vec<Url>,
    pub(super) index: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    node: Node,
    service: Placed,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Node {
    address: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Placed {
    /// Empty when it is the node's.
    address: String,
    port: u16,
}

/// An instance as it is told to Consul.
pub(super) struct Instance<'a> {
    pub(super) service: ServiceName,
    /// None when it is that of the agent's node.
    pub(super) address: Option<&'a str>,
    pub(super) port: u16,
}

impl Instance<'_> {
    pub(super) fn id(&self) -> String {
        match self.address {
            Some(address) => format!("{}-{address}-{}", self.service, self.port),
            None => format!("{}-{}", self.service, self.port),
        }
    }

    fn definition(&self) -> Value {
        json!({
            "ID": self.id(),
            "Name": self.service,
            "Address": self.address.unwrap_or_default(),
            "Port": self.port,
            "Tags": ["ecom"],
            "Meta": {"version": env!("CARGO_PKG_VERSION")},
            "Check": {
                "HTTP": format!("{}readyz", address_of(self.address.unwrap_or("127.0.0.1"), self.port)),
                "Interval": "10s",
                "Timeout": "2s",
                // One that was killed takes nothing off. Consul allows no less than a minute.
                "DeregisterCriticalServiceAfter": "2m",
            },
        })
    }
}

impl Agent {
    pub(super) fn new(settings: &ConsulSettings, client: reqwest::Client) -> Self {
        let (address, token) = (settings.address.clone(), settings.token.clone());
        Self { client, address, token, is_away: AtomicBool::new(false) }
    }

    pub(super) fn is_away(&self) -> bool {
        self.is_away.load(Ordering::Relaxed)
    }

    /// Waits for the instances that pass their checks to be others than at `index`; at 0 it answers at once.
    pub(super) async fn instances(&self, service: ServiceName, index: u64) -> anyhow::Result<Instances> {
        let query =
            [("passing", "true".to_owned()), ("index", index.to_string()), ("wait", format!("{}s", WAIT.as_secs()))];
        let request = self.request(Method::GET, &format!("/v1/health/service/{service}"))?;
        let answer = self.ask(request.query(&query).timeout(WAIT_AT_MOST)).await?.error_for_status()?;
        let header = answer.headers().get("x-consul-index").and_then(|value| value.to_str().ok()?.parse().ok());
        let entries: Vec<Entry> = answer.json().await?;
        let addresses = entries.into_iter().filter_map(|Entry { node, service }| {
            let host = if service.address.is_empty() { node.address } else { service.address };
            Url::parse(&address_of(&host, service.port)).ok()
        });
        Ok(Instances { addresses: addresses.collect(), index: header.unwrap_or_default() })
    }

    pub(super) async fn register(&self, instance: &Instance<'_>) -> anyhow::Result<()> {
        let request = self.request(Method::PUT, "/v1/agent/service/register")?.json(&instance.definition());
        self.ask(request.timeout(DEADLINE)).await?.error_for_status()?;
        Ok(())
    }

    /// Whether the agent still knows it: restarted without its data it does not, nor once it gave it up.
    pub(super) async fn knows(&self, id: &str) -> anyhow::Result<bool> {
        let request = self.request(Method::GET, &format!("/v1/agent/service/{id}"))?;
        let answer = self.ask(request.timeout(DEADLINE)).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        answer.error_for_status()?;
        Ok(true)
    }

    pub(super) async fn deregister(&self, id: &str) -> anyhow::Result<()> {
        let request = self.request(Method::PUT, &format!("/v1/agent/service/deregister/{id}"))?;
        self.ask(request.timeout(Duration::from_secs(1))).await?.error_for_status()?;
        Ok(())
    }

    /// The address with which this machine reaches Consul: others who reach it can reach us by that. None when it is a
    /// loopback address: then the agent runs beside us, and its node's address is ours.
    pub(super) async fn own_address(&self) -> std::io::Result<Option<IpAddr>> {
        let port = self.address.port_or_known_default().unwrap_or(8500);
        let host = self.address.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let socket = match UdpSocket::bind("0.0.0.0:0").await {
            Ok(socket) => socket,
            Err(_) => UdpSocket::bind("[::]:0").await?,
        };
        // Nothing is sent; the system only chooses the way.
        socket.connect((host, port)).await?;
        let address = socket.local_addr()?.ip();
        Ok((!address.is_loopback()).then_some(address))
    }

    fn request(&self, method: Method, path: &str) -> anyhow::Result<RequestBuilder> {
        let request = self.client.request(method, self.address.join(path)?);
        Ok(match &self.token {
            Some(token) => request.header("x-consul-token", token.expose_secret()),
            None => request,
        })
    }

    async fn ask(&self, request: RequestBuilder) -> reqwest::Result<reqwest::Response> {
        let answer = request.send().await;
        // Without a leader it answers 500, to a wrong token 403: it is there, and as good as away.
        let trouble = match &answer {
            Ok(answer) if answer.status().is_success() || answer.status() == StatusCode::NOT_FOUND => None,
            Ok(answer) => Some(format!("it answers {}", answer.status())),
            Err(cause) => Some(cause.to_string()),
        };
        let was_away = self.is_away.swap(trouble.is_some(), Ordering::Relaxed);
        match trouble {
            Some(cause) if !was_away => {
                tracing::warn!(
                    cause,
                    "Consul cannot be asked: the last known addresses are used, then the configured ones"
                );
            }
            None if was_away => tracing::info!("Consul answers again"),
            _ => {}
        }
        answer
    }
}

fn address_of(host: &str, port: u16) -> String {
    if host.contains(':') { format!("http://[{host}]:{port}/") } else { format!("http://{host}:{port}/") }
}
