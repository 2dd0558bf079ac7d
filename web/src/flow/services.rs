//! Asking the five services on their own ports. One that is away leaves its part of a page empty, never the page.

use contracts::ServiceName;
use futures_util::future::join_all;
use http::StatusCode;
use serde::de::DeserializeOwned;
use service_kit::flow::{Journey, Now, Work};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use url::Url;
use uuid::Uuid;

/// A page waits no longer for any of them. A service gives its database and its broker 2 s.
const DEADLINE: Duration = Duration::from_secs(3);
/// A stream beats every 10 s; one that is silent for longer is dead.
const SILENT: Duration = Duration::from_secs(25);

#[derive(Clone)]
pub(super) struct Services {
    client: reqwest::Client,
    streams: reqwest::Client,
    urls: Arc<BTreeMap<ServiceName, Url>>,
}

/// Why a service's part is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Silence {
    #[error("does not answer")]
    Away,
    #[error("shows nothing: FLOW is off there")]
    Closed,
}

/// What each service answered.
pub(super) type Answers<T> = BTreeMap<ServiceName, Result<T, Silence>>;

impl Services {
    pub(super) fn new(urls: BTreeMap<ServiceName, Url>) -> reqwest::Result<Self> {
        let client =
            || reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).connect_timeout(DEADLINE);
        Ok(Self {
            client: client().timeout(DEADLINE).build()?,
            streams: client().read_timeout(SILENT).build()?,
            urls: Arc::new(urls),
        })
    }

    pub(super) async fn now(&self) -> Answers<Now> {
        self.all("/flow/now").await
    }

    /// `name`: an id, or a number people know.
    pub(super) async fn journey(&self, name: &str) -> Answers<Journey> {
        self.all(&format!("/flow/journeys/{name}")).await
    }

    pub(super) async fn work(&self, journey: Uuid, events: &[Uuid], traces: &[String]) -> Answers<Work> {
        let events: Vec<_> = events.iter().map(Uuid::to_string).collect();
        let (events, traces) = (events.join(","), traces.join(","));
        self.all(&format!("/flow/journeys/{journey}/work?events={events}&traces={traces}")).await
    }

    async fn all<T: DeserializeOwned>(&self, path: &str) -> Answers<T> {
        let asked = self.urls.iter().map(|(service, url)| async move { (*service, self.one(url, path).await) });
        join_all(asked).await.into_iter().collect()
    }

    async fn one<T: DeserializeOwned>(&self, url: &Url, path: &str) -> Result<T, Silence> {
        let url = url.join(path).map_err(|_| Silence::Away)?;
        let answer = self.client.get(url).send().await.map_err(|_| Silence::Away)?;
        accepted(answer)?.json().await.map_err(|_| Silence::Away)
    }

    pub(super) fn names(&self) -> Vec<ServiceName> {
        self.urls.keys().copied().collect()
    }

    /// The service's moments as they happen; goes on until it breaks.
    pub(super) async fn stream(&self, service: ServiceName) -> Result<reqwest::Response, Silence> {
        let url = self.urls.get(&service).and_then(|url| url.join("/flow/stream").ok()).ok_or(Silence::Away)?;
        // Its head comes at once; the rest has no deadline.
        let asked = tokio::time::timeout(DEADLINE, self.streams.get(url).send()).await;
        accepted(asked.map_err(|_| Silence::Away)?.map_err(|_| Silence::Away)?)
    }
}

fn accepted(answer: reqwest::Response) -> Result<reqwest::Response, Silence> {
    match answer.status() {
        status if status.is_success() => Ok(answer),
        StatusCode::NOT_FOUND => Err(Silence::Closed),
        _ => Err(Silence::Away),
    }
}
