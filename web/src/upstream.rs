//! Calls to the services' public APIs, with a deadline.

use axum::body::Bytes;
use contracts::{
    ServiceName,
    api::product::{CategoryView, ProductView},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
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
    #[error("a service answered {}", .0.status)]
    Refused(Refused),
}

/// A problem (RFC 9457).
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    /// For people.
    pub(crate) detail: String,
    pub(crate) fields: Vec<FieldProblem>,
    /// When to come again, in seconds.
    pub(crate) wait: Option<u64>,
    /// With `second_factor_required`.
    pub(crate) ticket: Option<String>,
    pub(crate) methods: Vec<String>,
}

/// What is wrong with one field, in words that go on from its name.
#[derive(Debug, Deserialize)]
pub(crate) struct FieldProblem {
    pub(crate) pointer: String,
    pub(crate) detail: String,
}

impl FieldProblem {
    /// Of a form whose fields are those of the address itself.
    pub(crate) fn of_the_address(&mut self) {
        if let Some(name) = self.pointer.strip_prefix("/shipping_address") {
            self.pointer = name.to_owned();
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.pointer.trim_start_matches('/')
    }

    /// For whoever cannot be shown the field itself.
    pub(crate) fn sentence(&self) -> String {
        format!("The {} {}.", self.name().replace('_', " "), self.detail)
    }
}

impl Refused {
    /// What is refused before a service is asked.
    pub(crate) fn ours(status: StatusCode, code: &str, detail: &str) -> Self {
        let (code, detail) = (code.to_owned(), detail.to_owned());
        Self { status, code, detail, fields: Vec::new(), wait: None, ticket: None, methods: Vec::new() }
    }
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
    ticket: Option<String>,
    #[serde(default)]
    methods: Vec<String>,
}

/// What is asked of a service.
#[derive(Clone)]
pub(crate) struct Call<'a> {
    service: ServiceName,
    method: Method,
    path: &'a str,
    query: Vec<(&'a str, &'a str)>,
    body: Option<Value>,
    /// In place of it, with its kind.
    bytes: Option<(&'a str, Bytes)>,
    token: Option<&'a str>,
    user_agent: Option<&'a HeaderValue>,
    headers: Vec<(&'static str, &'a str)>,
}

impl<'a> Call<'a> {
    /// Of user-service, as are the others without a service in their name.
    pub(crate) fn get(path: &'a str) -> Self {
        Self::of(ServiceName::User, Method::GET, path)
    }

    pub(crate) fn post(path: &'a str, body: &impl Serialize) -> Self {
        Self::of(ServiceName::User, Method::POST, path).with_body(body)
    }

    pub(crate) fn put(path: &'a str, body: &impl Serialize) -> Self {
        Self::of(ServiceName::User, Method::PUT, path).with_body(body)
    }

    pub(crate) fn patch(path: &'a str, body: &impl Serialize) -> Self {
        Self::of(ServiceName::User, Method::PATCH, path).with_body(body)
    }

    pub(crate) fn delete(path: &'a str) -> Self {
        Self::of(ServiceName::User, Method::DELETE, path)
    }

    /// Of order-service.
    pub(crate) fn order(method: Method, path: &'a str) -> Self {
        Self::of(ServiceName::Order, method, path)
    }

    /// What payment-service is asked.
    pub(crate) fn payment(path: &'a str) -> Self {
        Self::of(ServiceName::Payment, Method::GET, path)
    }

    /// Of notify-service.
    pub(crate) fn notify(method: Method, path: &'a str) -> Self {
        Self::of(ServiceName::Notify, method, path)
    }

    /// Of product-service.
    pub(crate) fn product(method: Method, path: &'a str) -> Self {
        Self::of(ServiceName::Product, method, path)
    }

    /// The same at another path.
    pub(crate) fn at(self, path: &'a str) -> Self {
        Self { path, ..self }
    }

    pub(crate) fn of(service: ServiceName, method: Method, path: &'a str) -> Self {
        Self {
            service,
            method,
            path,
            query: Vec::new(),
            body: None,
            bytes: None,
            token: None,
            user_agent: None,
            headers: Vec::new(),
        }
    }

    pub(crate) fn with_body(self, body: &impl Serialize) -> Self {
        // Of our own bodies none fails; one that did would be refused for what it lacks.
        Self { body: Some(serde_json::to_value(body).unwrap_or_default()), ..self }
    }

    /// With a file as its body.
    pub(crate) fn with_bytes(self, kind: &'a str, bytes: Bytes) -> Self {
        Self { bytes: Some((kind, bytes)), ..self }
    }

    pub(crate) fn with_query(self, query: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self { query: query.into_iter().collect(), ..self }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &'a str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// In the name of the token's owner.
    pub(crate) fn with_token(self, token: &'a str) -> Self {
        Self { token: Some(token), ..self }
    }

    /// With what the browser calls itself: a session is shown to its owner by that.
    pub(crate) fn with_browser(self, headers: &'a HeaderMap) -> Self {
        Self { user_agent: headers.get(header::USER_AGENT), ..self }
    }
}

impl Upstream {
    pub(crate) fn new(directory: Directory) -> reqwest::Result<Self> {
        Ok(Self { client: discovery::client().timeout(DEADLINE).build()?, directory })
    }

    /// A page of the catalogue, of so many products.
    pub(crate) async fn products<'q>(
        &self,
        limit: &'q str,
        query: impl Iterator<Item = (&'q str, &'q str)>,
    ) -> Result<Page<ProductView>, UpstreamError> {
        let query = [("limit", limit)].into_iter().chain(query);
        self.ask(&Call::of(ServiceName::Product, Method::GET, "/products").with_query(query)).await
    }

    /// By what it is ordered by.
    pub(crate) async fn product(&self, sku: &str) -> Result<ProductView, UpstreamError> {
        let sku: String = url::form_urlencoded::byte_serialize(sku.as_bytes()).collect();
        self.ask(&Call::of(ServiceName::Product, Method::GET, &format!("/products/by-sku/{sku}"))).await
    }

    pub(crate) async fn categories(&self) -> Result<Vec<CategoryView>, UpstreamError> {
        let call = Call::of(ServiceName::Product, Method::GET, "/categories");
        let categories: Page<CategoryView> = self.ask(&call).await?;
        Ok(categories.items)
    }

    /// Asks the first instance that can be connected to.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, call: &Call<'_>) -> Result<T, UpstreamError> {
        let mut trouble = format!("{} has no address", call.service);
        for url in self.directory.addresses(call.service).iter().filter_map(|address| address.join(call.path).ok()) {
            let mut span = spans::child(|| conventions::http_client(&call.method, &url, call.path));
            let request = self.request(call, url).header("traceparent", span.traceparent());
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

    fn request(&self, call: &Call<'_>, mut url: Url) -> reqwest::RequestBuilder {
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let mut request = self.client.request(call.method.clone(), url);
        // Where bounds count by the client, it is the browser and not the pages.
        if let Some(client) = client_address::current() {
            request = request.header("x-forwarded-for", client.to_string());
        }
        if let Some(token) = call.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in &call.headers {
            request = request.header(*name, *value);
        }
        if let Some(user_agent) = call.user_agent {
            request = request.header(header::USER_AGENT, user_agent);
        }
        match (&call.bytes, &call.body) {
            (Some((kind, bytes)), _) => request.header(header::CONTENT_TYPE, *kind).body(bytes.clone()),
            (None, Some(body)) => request.json(body),
            (None, None) => request,
        }
    }
}

pub(crate) async fn read<T: DeserializeOwned>(answer: reqwest::Response) -> Result<T, UpstreamError> {
    let away = |cause: reqwest::Error| UpstreamError::Away(cause.without_url().to_string());
    // Not in the parser's words, which repeat what it read: a name, a token.
    let unreadable = |cause: serde_json::Error| UpstreamError::Away(format!("unexpected at column {}", cause.column()));
    let status = answer.status();
    let wait = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let body = answer.bytes().await.map_err(away)?;
    // An answer without content (204) is none to whoever wants none.
    let body = if body.is_empty() { b"null" } else { &body[..] };
    if status.is_success() {
        return serde_json::from_slice(body).map_err(unreadable);
    }
    let Problem { code, detail, errors, ticket, methods } = serde_json::from_slice(body).map_err(unreadable)?;
    Err(UpstreamError::Refused(Refused { status, code, detail, fields: errors, wait, ticket, methods }))
}
