//! What happens around every request: it is put into its trace, counted, and what went wrong is logged; so is who was
//! refused, with the address they came from.

use crate::{
    ClientAddress,
    metrics::Requests,
    problem::ProblemCode,
    shedding::Shed,
    spans::{Spans, conventions},
    trace,
};
use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use contracts::{AccountId, ServiceName};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};
use tracing::{Instrument, Span};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Asked every few seconds by machines and by open pages: they would bury what people do.
const UNRECORDED: [&str; 4] = ["/livez", "/readyz", "/metrics", "/flow"];

/// Whose token came with a request; known once it has been checked, which happens further in.
#[derive(Clone, Default)]
pub(crate) struct Account(Arc<OnceLock<AccountId>>);

impl Account {
    pub(crate) fn known(&self, id: AccountId) {
        let _ = self.0.set(id);
    }
}

/// Who watches the requests of a service.
pub(crate) struct Observer {
    service: ServiceName,
    spans: Spans,
    requests: Requests,
}

impl Observer {
    pub(crate) fn new(service: ServiceName, spans: Spans) -> Self {
        Self { service, spans, requests: Requests::new(service) }
    }

    /// Has a request answered by `work`.
    pub(crate) async fn observe<W: Future<Output = Response>>(
        &self,
        mut request: Request,
        work: impl FnOnce(Request) -> W,
    ) -> Response {
        let started = Instant::now();
        let method = request.method().clone();
        let path = request.extensions().get::<MatchedPath>().cloned();
        let route = path.as_ref().map_or("none", MatchedPath::as_str);
        let incoming = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
        let off = Spans::off();
        let unrecorded = UNRECORDED.iter().any(|looking| route.starts_with(looking));
        let spans = if unrecorded { &off } else { &self.spans };
        let (mut recorded, context) = spans.begin(incoming, || conventions::http_server(&method, route));
        let traceparent = HeaderValue::from_str(&context.traceparent);
        // At the highest level, so that it is there whatever is filtered.
        let span = tracing::error_span!(
            "request",
            service.name = self.service.as_str(),
            http.request.method = method.as_str(),
            http.route = route,
            trace.id = context.trace_id()
        );
        let personal = !method.is_safe() || request.headers().contains_key(header::AUTHORIZATION);
        let (client, account) = (request.extensions().get().copied(), Account::default());
        request.extensions_mut().insert(account.clone());
        let mut response = trace::within(context, work(request)).instrument(span.clone()).await;
        if let Ok(traceparent) = traceparent {
            response.headers_mut().insert(TRACEPARENT, traceparent);
        }
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if personal {
            keep_out_of_caches(response.headers_mut());
        }
        let status = response.status();
        recorded.answered(status);
        self.requests.note(route, &method, status, started.elapsed());
        log(&span, &response, client, &account);
        response
    }
}

/// What was asked for with a token, or done, is for whoever asked alone (RFC 9111, 5.2.2.5). An answer that says itself how
/// long it may be kept is left as it is.
fn keep_out_of_caches(headers: &mut HeaderMap) {
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

fn log(span: &Span, response: &Response, client: Option<ClientAddress>, account: &Account) {
    let status = response.status();
    if status.is_server_error() && response.extensions().get::<Shed>().is_none() {
        span.in_scope(|| tracing::warn!(http.response.status_code = status.as_u16(), "answered with an error"));
        return;
    }
    // A client's address is a person's: it is logged here, where somebody tried what they may not, and in no event or span.
    let refused = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS);
    if !refused {
        return;
    }
    let code = response.extensions().get::<ProblemCode>().map_or("none", |code| code.0.as_str());
    span.in_scope(|| {
        tracing::info!(
            http.response.status_code = status.as_u16(),
            error.code = code,
            client.address = client.map(tracing::field::display),
            account.id = account.0.get().map(tracing::field::display),
            "a request was refused"
        );
    });
}
