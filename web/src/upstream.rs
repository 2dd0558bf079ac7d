//! Calls to the services' public APIs, with a deadline.

use contracts::{
    ServiceName,
    api::{
        product::{CategoryView, ProductView},
        user::{VerifiedView, VerifyEmailBody},
    },
};
use http::{Method, StatusCode};
use reqwest::RequestBuilder;
use serde::{Deserialize, de::DeserializeOwned};
use service_kit::{
    Directory, client_address, discovery,
    spans::{self, conventions},
};
use std::time::Duration;
use url::Url;

/// A page waits no longer.
const DEADLINE: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(crate) struct Upstream {
    client: reqwest::Client,
    directory: Directory,
}

/// Why a service gave no answer of the wanted kind.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    #[error("a service cannot be reached, or answered what cannot be read: {0}")]
    Away(String),
    /// A problem, whose sentence is for people.
    #[error("a service answered {status}")]
    Refused { status: StatusCode, code: String, detail: String },
}

/// A list as a service answers it.
#[derive(Debug, Deserialize)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: Vec<FieldProblem>,
}

#[derive(Deserialize)]
struct FieldProblem {
    pointer: String,
    detail: String,
}

impl Problem {
    /// A sentence for a person who filled in a form: which field, and why.
    fn sentence(self) -> String {
        if self.errors.is_empty() {
            return self.detail;
        }
        let field = |error: &FieldProblem| {
            let name = error.pointer.trim_start_matches('/').replace('_', " ");
            format!("The {name} {}.", error.detail)
        };
        self.errors.iter().map(field).collect::<Vec<_>>().join(" ")
    }
}

impl Upstream {
    pub(crate) fn new(directory: Directory) -> reqwest::Result<Self> {
        Ok(Self { client: discovery::client().timeout(DEADLINE).build()?, directory })
    }

    /// What user-service says to who confirmed their address.
    pub(crate) async fn verify_email(&self, confirmation: &VerifyEmailBody) -> Result<String, UpstreamError> {
        let confirm = |url| self.client.post(url).json(confirmation);
        let answer: VerifiedView = self.ask(Method::POST, ServiceName::User, "/auth/verify-email", confirm).await?;
        Ok(answer.message)
    }

    pub(crate) async fn products<'q>(
        &self,
        query: impl Iterator<Item = (&'static str, &'q str)> + Clone,
    ) -> Result<Page<ProductView>, UpstreamError> {
        let list = |mut url: Url| {
            url.query_pairs_mut().append_pair("limit", "24").extend_pairs(query.clone());
            self.client.get(url)
        };
        self.ask(Method::GET, ServiceName::Product, "/products", list).await
    }

    pub(crate) async fn categories(&self) -> Result<Vec<CategoryView>, UpstreamError> {
        let categories: Page<CategoryView> =
            self.ask(Method::GET, ServiceName::Product, "/categories", |url| self.client.get(url)).await?;
        Ok(categories.items)
    }

    /// Asks the first instance that can be connected to.
    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        service: ServiceName,
        path: &str,
        request: impl Fn(Url) -> RequestBuilder,
    ) -> Result<T, UpstreamError> {
        let mut trouble = format!("{service} has no address");
        for url in self.directory.addresses(service).iter().filter_map(|address| address.join(path).ok()) {
            let mut span = spans::child(|| conventions::http_client(&method, &url, path));
            let mut request = request(url).header("traceparent", span.traceparent());
            if let Some(client) = client_address::current() {
                request = request.header("x-forwarded-for", client.to_string());
            }
            let answer = request.send().await;
            // Without its URL, which may be told to no log.
            let answer = answer.map_err(reqwest::Error::without_url);
            span.judge(&answer);
            match answer {
                Ok(answer) => {
                    span.got(answer.status());
                    return read(answer).await;
                }
                Err(cause) => {
                    trouble = cause.to_string();
                    if !cause.is_connect() {
                        break;
                    }
                }
            }
        }
        Err(UpstreamError::Away(trouble))
    }
}

async fn read<T: DeserializeOwned>(answer: reqwest::Response) -> Result<T, UpstreamError> {
    let away = |cause: reqwest::Error| UpstreamError::Away(cause.without_url().to_string());
    let status = answer.status();
    if status.is_success() {
        return answer.json().await.map_err(away);
    }
    let problem: Problem = answer.json().await.map_err(away)?;
    let code = problem.code.clone();
    Err(UpstreamError::Refused { status, code, detail: problem.sentence() })
}
