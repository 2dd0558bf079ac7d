//! Calls to the services' public APIs, with a deadline.

use contracts::Money;
use http::StatusCode;
use reqwest::RequestBuilder;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use std::time::Duration;
use url::Url;

/// A page waits no longer.
const DEADLINE: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(crate) struct Upstream {
    client: reqwest::Client,
    user_service: Url,
    product_service: Url,
}

/// Why a service gave no answer of the wanted kind.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    #[error("a service cannot be reached, or answered what cannot be read: {0}")]
    Away(String),
    /// A problem, whose sentence is for people.
    #[error("a service answered {status}")]
    Refused { status: StatusCode, detail: String },
}

/// What the catalogue page shows of a product.
#[derive(Debug, Deserialize)]
pub(crate) struct Product {
    pub(crate) sku: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) price: Money,
    pub(crate) available: i64,
    #[serde(default)]
    pub(crate) picture: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Catalogue {
    pub(crate) items: Vec<Product>,
    pub(crate) next: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    detail: String,
}

#[derive(Deserialize)]
struct Verified {
    message: String,
}

impl Upstream {
    pub(crate) fn new(user_service: Url, product_service: Url) -> reqwest::Result<Self> {
        let client =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(DEADLINE).build()?;
        Ok(Self { client, user_service, product_service })
    }

    /// What user-service says to who confirmed their address.
    pub(crate) async fn verify_email(&self, token: &str) -> Result<String, UpstreamError> {
        let url = join(&self.user_service, "/auth/verify-email")?;
        let answer: Verified = ask(self.client.post(url).json(&json!({ "token": token }))).await?;
        Ok(answer.message)
    }

    pub(crate) async fn products(&self, after: Option<&str>) -> Result<Catalogue, UpstreamError> {
        let mut url = join(&self.product_service, "/products")?;
        url.query_pairs_mut().append_pair("limit", "24");
        if let Some(after) = after {
            url.query_pairs_mut().append_pair("after", after);
        }
        ask(self.client.get(url)).await
    }
}

fn join(base: &Url, path: &str) -> Result<Url, UpstreamError> {
    base.join(path).map_err(|cause| UpstreamError::Away(cause.to_string()))
}

async fn ask<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, UpstreamError> {
    // Without its URL, which may be told to no log.
    let away = |cause: reqwest::Error| UpstreamError::Away(cause.without_url().to_string());
    let answer = request.send().await.map_err(away)?;
    let status = answer.status();
    if status.is_success() {
        return answer.json().await.map_err(away);
    }
    let problem: Problem = answer.json().await.map_err(away)?;
    Err(UpstreamError::Refused { status, detail: problem.detail })
}
