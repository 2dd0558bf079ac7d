//! The public API, and what it answers.

use anyhow::{Context, ensure};
use http::{Method, StatusCode};
use serde_json::Value;
use url::Url;

/// The public API, as one shopper uses it.
pub(super) struct Api {
    base: Url,
    client: reqwest::Client,
    /// Once somebody has logged in.
    pub(super) token: Option<String>,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl Api {
    pub(super) fn new(base: &Url) -> Self {
        Self { base: base.clone(), client: reqwest::Client::new(), token: None }
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(Method::GET, path, None, None).await
    }

    pub(super) async fn post(&self, path: &str, body: Value, key: Option<&str>) -> anyhow::Result<Answer> {
        self.send(Method::POST, path, Some(body), key).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>, key: Option<&str>) -> anyhow::Result<Answer> {
        let mut request = self.client.request(method, self.base.join(path)?);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.with_context(|| format!("{} does not answer", self.base))?;
        let status = response.status();
        Ok(Answer { status, body: response.json().await.unwrap_or_default() })
    }
}

impl Answer {
    pub(super) fn expect(self, status: u16, doing: &str) -> anyhow::Result<Value> {
        ensure!(self.status.as_u16() == status, "{doing} answered {}: {}", self.status, self.body["detail"]);
        Ok(self.body)
    }
}
