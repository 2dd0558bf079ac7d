//! Puts a page's request into its trace, so that what it asks of the services is seen as part of it, and as its client's.

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use service_kit::{
    ClientAddress, client_address,
    spans::{Spans, conventions},
    trace,
};

pub(crate) async fn observe(
    State(spans): State<Spans>,
    client: ClientAddress,
    request: Request,
    next: Next,
) -> Response {
    let incoming = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    let (mut span, context) = spans.begin(incoming, || conventions::http_server(request.method(), route));
    let response = trace::within(context, client_address::within(client, next.run(request))).await;
    span.answered(response.status());
    response
}
