//! Calls to the other services: with a token of our own, the caller's trace and a deadline.

mod error;

pub use error::{PeerError, RemoteProblem};

use crate::{
    Directory, KitError,
    auth::Identity,
    metrics::Calls,
    points::pass,
    spans::{self, conventions},
};
use bytes::Bytes;
use contracts::ServiceName;
use futures_util::future::BoxFuture;
use http::{Method, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    io,
    sync::Arc,
    time::{Duration, Instant},
};

/// No call takes longer.
const DEADLINE: Duration = Duration::from_secs(3);

/// Calls to other services, each with a token of its own and a deadline.
#[derive(Clone)]
pub struct Peers {
    client: reqwest::Client,
    identity: Identity,
    directory: Directory,
    calls: Arc<BTreeMap<ServiceName, Calls>>,
}

/// Takes an answer's body.
type Read<'r> = dyn FnMut(&[u8]) -> Result<(), serde_json::Error> + Send + 'r;

fn read<R: DeserializeOwned>(bytes: &[u8], answer: &mut Option<R>) -> Result<(), serde_json::Error> {
    *answer = Some(serde_json::from_slice(bytes)?);
    Ok(())
}

impl Peers {
    pub(crate) fn new(service: ServiceName, client: reqwest::Client, identity: Identity, directory: Directory) -> Self {
        let calls = ServiceName::ALL.into_iter().map(|peer| (peer, Calls::new(service, peer))).collect();
        Self { client, identity, directory, calls: Arc::new(calls) }
    }

    /// # Errors
    /// No answer in time, or a problem.
    pub async fn get<R: DeserializeOwned + Send>(&self, peer: ServiceName, path: &str) -> Result<R, KitError> {
        let mut answer = None;
        self.call(Method::GET, peer, path, None, &mut |bytes| read(bytes, &mut answer)).await?;
        answer.ok_or(KitError::NoAnswer)
    }

    /// The same for what is asked by the clock and not for anybody's request: not counted among the calls.
    ///
    /// # Errors
    /// No answer in time, or a problem.
    pub(crate) async fn glance<R: DeserializeOwned + Send>(
        &self,
        peer: ServiceName,
        path: &str,
    ) -> Result<R, KitError> {
        let mut answer = None;
        self.ask(Method::GET, peer, path, None, &mut |bytes| read(bytes, &mut answer)).await?;
        answer.ok_or(KitError::NoAnswer)
    }

    /// # Errors
    /// No answer in time, or a problem.
    pub async fn post<R: DeserializeOwned + Send>(
        &self,
        peer: ServiceName,
        path: &str,
        body: &impl Serialize,
    ) -> Result<R, KitError> {
        let body = Bytes::from(serde_json::to_vec(body)?);
        let mut answer = None;
        self.call(Method::POST, peer, path, Some(body), &mut |bytes| read(bytes, &mut answer)).await?;
        answer.ok_or(KitError::NoAnswer)
    }

    fn call<'c>(
        &'c self,
        method: Method,
        peer: ServiceName,
        path: &'c str,
        body: Option<Bytes>,
        read: &'c mut Read<'_>,
    ) -> BoxFuture<'c, Result<(), KitError>> {
        Box::pin(async move {
            let started = Instant::now();
            let broken =
                |sent: bool| move |cause: io::Error| PeerError::Unreachable { peer, cause: cause.to_string(), sent };
            pass("ask:", path).await.map_err(broken(false))?;
            let answer = self.ask(method, peer, path, body, read).await;
            pass("answered:", path).await.map_err(broken(true))?;
            if let Some(calls) = self.calls.get(&peer) {
                calls.note(started.elapsed(), &answer);
            }
            answer
        })
    }

    async fn ask(
        &self,
        method: Method,
        peer: ServiceName,
        path: &str,
        body: Option<Bytes>,
        read: &mut Read<'_>,
    ) -> Result<(), KitError> {
        let (status, bytes) = self.send(method, peer, path, body).await?;
        if !status.is_success() {
            let problem = Box::new(serde_json::from_slice(&bytes).unwrap_or_default());
            return Err(PeerError::Refused { peer, status, problem }.into());
        }
        Ok(read(&bytes).map_err(|cause| PeerError::Unreadable { peer, cause: cause.to_string() })?)
    }

    /// Sends it to the first instance that can be connected to. Only what was not sent may go to another one.
    async fn send(
        &self,
        method: Method,
        peer: ServiceName,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<(StatusCode, Bytes), KitError> {
        let given_up = Instant::now() + DEADLINE;
        let (mut trouble, mut sent) = (format!("no URL is configured for {path}"), false);
        for url in self.directory.addresses(peer).iter().filter_map(|address| address.join(path).ok()) {
            let mut span = spans::child(|| conventions::http_client(&method, &url, path));
            let mut request = self
                .client
                .request(method.clone(), url)
                .timeout(given_up.saturating_duration_since(Instant::now()))
                .header(header::AUTHORIZATION, self.identity.call(peer)?)
                .header("traceparent", span.traceparent());
            if let Some(body) = &body {
                request = request.header(header::CONTENT_TYPE, "application/json").body(body.clone());
            }
            let heard = async {
                let answer = request.send().await?;
                Ok((answer.status(), answer.bytes().await?))
            };
            let heard = heard.await.map_err(reqwest::Error::without_url);
            span.judge(&heard);
            match heard {
                Ok((status, bytes)) => {
                    span.got(status);
                    return Ok((status, bytes));
                }
                Err(cause) => {
                    trouble = cause.to_string();
                    sent = !cause.is_connect();
                    if sent {
                        break;
                    }
                }
            }
        }
        Err(PeerError::Unreachable { peer, cause: trouble, sent }.into())
    }
}
