//! Calls to the other services: with a token of our own, the caller's trace and a deadline.

use crate::{KitError, auth::Identity, trace};
use contracts::ServiceName;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use url::Url;

/// No call takes longer.
const DEADLINE: Duration = Duration::from_secs(3);
/// A token is used again for this long; it lives for 60 s.
const TOKEN_REUSE: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub struct Peers {
    client: reqwest::Client,
    identity: Identity,
    urls: Arc<BTreeMap<ServiceName, Url>>,
    tokens: Arc<Mutex<HashMap<ServiceName, (Instant, String)>>>,
}

/// Why a call gave no answer of the wanted kind.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// Whether it acted is unknown.
    #[error("{peer} cannot be reached: {cause}")]
    Unreachable { peer: ServiceName, cause: String },
    /// It answered with a problem: it did not act.
    #[error("{peer} answered {status} {}: {}", problem.code, problem.detail)]
    Refused { peer: ServiceName, status: StatusCode, problem: Box<RemoteProblem> },
    #[error("{peer} answered what we cannot read: {cause}")]
    Unreadable { peer: ServiceName, cause: String },
}

/// A problem as another service sent it.
#[derive(Debug, Default, Deserialize)]
pub struct RemoteProblem {
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub detail: String,
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

impl Peers {
    pub(crate) fn new(client: reqwest::Client, identity: Identity, urls: BTreeMap<ServiceName, Url>) -> Self {
        Self { client, identity, urls: Arc::new(urls), tokens: Arc::default() }
    }

    /// # Errors
    /// No answer in time, or a problem.
    pub async fn get<R: DeserializeOwned>(&self, peer: ServiceName, path: &str) -> Result<R, KitError> {
        self.call(Method::GET, peer, path, None::<&()>).await
    }

    /// # Errors
    /// No answer in time, or a problem.
    pub async fn post<R: DeserializeOwned>(
        &self,
        peer: ServiceName,
        path: &str,
        body: &impl Serialize,
    ) -> Result<R, KitError> {
        self.call(Method::POST, peer, path, Some(body)).await
    }

    async fn call<R: DeserializeOwned>(
        &self,
        method: Method,
        peer: ServiceName,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<R, KitError> {
        let unreachable = |cause: String| PeerError::Unreachable { peer, cause };
        let url = self.urls.get(&peer).and_then(|url| url.join(path).ok());
        let url = url.ok_or_else(|| unreachable(format!("no URL is configured for {path}")))?;
        let mut request = self
            .client
            .request(method, url)
            .timeout(DEADLINE)
            .bearer_auth(self.token(peer)?)
            .header("traceparent", trace::current().traceparent);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|cause| unreachable(cause.without_url().to_string()))?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(|cause| unreachable(cause.without_url().to_string()))?;
        if !status.is_success() {
            let problem = Box::new(serde_json::from_slice(&bytes).unwrap_or_default());
            return Err(PeerError::Refused { peer, status, problem }.into());
        }
        let read = serde_json::from_slice(&bytes);
        Ok(read.map_err(|cause| PeerError::Unreadable { peer, cause: cause.to_string() })?)
    }

    fn token(&self, peer: ServiceName) -> Result<String, KitError> {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made, token)) = tokens.get(&peer)
            && made.elapsed() < TOKEN_REUSE
        {
            return Ok(token.clone());
        }
        let token = self.identity.sign_call(peer)?;
        tokens.insert(peer, (Instant::now(), token.clone()));
        Ok(token)
    }
}
