//! The HTTP side that all services share: the operator's routes, and what happens around every request.

use crate::{
    Kind, Kit, Problem, Routes, arrival, client_address, flow, metrics,
    shedding::{Places, Shed},
    spans::{Spans, conventions},
    trace,
};
use ::metrics::{counter, histogram};
use axum::{
    Json, Router,
    extract::{MatchedPath, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use contracts::ServiceName;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::json;
use std::time::{Duration, Instant};
use tracing::Instrument;
use utoipa::openapi::{
    ComponentsBuilder, OpenApi, RefOr, ResponseBuilder,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_swagger_ui::{Config, SwaggerUi};

/// No request takes longer once it is there.
const DEADLINE: Duration = Duration::from_secs(10);
/// Asked every few seconds by machines and by open pages: they would bury what people do.
const UNRECORDED: [&str; 4] = ["/livez", "/readyz", "/metrics", "/flow"];

/// The router of the service's own port, and that of its public routes alone (for the front door).
pub(crate) fn routers<App: Clone + Send + Sync + 'static>(
    kit: &Kit,
    routes: Routes<App>,
    app: App,
) -> (Router, Router) {
    let service = kit.service;
    let places = Places::new(service, kit.settings.max_in_flight);
    let (public, _) = routes.public.clone().with_state::<()>(app.clone()).split_for_parts();
    let public = around(places.bound(public), kit);
    let (all, all_api) = routes.public.merge(routes.internal).with_state::<()>(app).split_for_parts();
    let all = places.bound(all).merge(operators(kit)).merge(flow::routes(kit)).merge(pages(document(service, all_api)));
    (around(all, kit), public)
}

/// The document, and the page that shows it. Off localhost it would send the document's address to an online
/// validator unless told not to.
fn pages(document: OpenApi) -> SwaggerUi {
    SwaggerUi::new("/docs").url("/openapi.json", document).config(Config::default().validator_url("none"))
}

fn operators(kit: &Kit) -> Router {
    Router::new()
        .route("/livez", get(|| async { "alive" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(|| async { metrics::answer() }))
        .route("/.well-known/jwks.json", get(|State(kit): State<Kit>| async move { Json(kit.identity.jwks()) }))
        .with_state(kit.clone())
}

/// Ready: the own database answers (it was migrated at start) and the keys of people's tokens are known. The bus is
/// shown and does not decide: without it orders are still taken.
async fn ready(State(kit): State<Kit>) -> Response {
    let database = kit.database.answers().await;
    let keys = kit.verifier.knows(ServiceName::User);
    let status = if database && keys { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "service": kit.service,
        "ready": database && keys,
        "database": if database { "reachable" } else { "away" },
        "keys": if keys { "known" } else { "user-service has not been reached yet" },
        "bus": kit.describe_bus(),
        "directory": kit.directory.describe(),
    });
    (status, Json(body)).into_response()
}

fn around(router: Router, kit: &Kit) -> Router {
    let (service, spans, begun, trusted) =
        (kit.service, kit.spans.clone(), kit.begun.clone(), kit.settings.trusted_proxies.clone());
    router
        .fallback(|| async { Problem::new(Kind::NotFound, "not_found", "There is nothing at this address.") })
        .method_not_allowed_fallback(|| async {
            Problem::new(Kind::MethodNotAllowed, "method_not_allowed", "This address does not take this method.")
        })
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::new(Kind::Internal, "internal", "Something went wrong on our side. It has been logged.")
                .into_response()
        }))
        .layer(middleware::from_fn(move |request, next| begun.clone().see_through(request, next)))
        .layer(middleware::from_fn(bounded))
        .layer(middleware::from_fn(arrival::whole))
        .layer(middleware::from_fn(move |request, next| observe(service, spans.clone(), request, next)))
        .layer(middleware::map_request(move |request| {
            let request = client_address::noted(request, &trusted);
            async move { request }
        }))
}

async fn bounded(request: Request, next: Next) -> Response {
    tokio::time::timeout(DEADLINE, next.run(request)).await.unwrap_or_else(|_| {
        let detail =
            "This took too long and was given up. Whether it was done is unknown: send the same request again.";
        Problem::new(Kind::Unavailable, "deadline_exceeded", detail).into_response()
    })
}

/// Puts a request into its trace, counts it, logs what went wrong.
async fn observe(service: ServiceName, spans: Spans, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", |path| path.as_str()).to_owned();
    let incoming = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let spans = if UNRECORDED.iter().any(|looking| route.starts_with(looking)) { Spans::off() } else { spans };
    let (mut recorded, context) = spans.begin(incoming, || conventions::http_server(&method, &route));
    let traceparent = HeaderValue::from_str(&context.traceparent);
    // At the highest level, so that it is there whatever is filtered.
    let span = tracing::error_span!(
        "request", service.name = service.as_str(), http.request.method = %method, http.route = route,
        trace.id = context.trace_id()
    );
    let mut response = trace::within(context, next.run(request)).instrument(span.clone()).await;
    if let Ok(traceparent) = traceparent {
        response.headers_mut().insert("traceparent", traceparent);
    }
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let status = response.status();
    recorded.answered(status);
    let labels = [
        ("service", service.as_str().to_owned()),
        ("method", method_label(&method)),
        ("route", route),
        ("status", status.as_u16().to_string()),
    ];
    counter!("http_requests_total", &labels).increment(1);
    histogram!("http_request_duration_seconds", &labels[..3]).record(started.elapsed());
    if status.is_server_error() && response.extensions().get::<Shed>().is_none() {
        span.in_scope(|| tracing::warn!(http.response.status_code = status.as_u16(), "answered with an error"));
    }
    response
}

/// A stranger's method must not make a new time series.
fn method_label(method: &Method) -> String {
    let known = [&Method::GET, &Method::HEAD, &Method::POST, &Method::PUT, &Method::PATCH, &Method::DELETE];
    if known.contains(&method) || method == Method::OPTIONS { method.to_string() } else { "other".to_owned() }
}

/// Completes the document utoipa collected: who we are, how to log in, what every error looks like.
pub(crate) fn document(service: ServiceName, mut api: OpenApi) -> OpenApi {
    service.as_str().clone_into(&mut api.info.title);
    env!("CARGO_PKG_VERSION").clone_into(&mut api.info.version);
    api.info.description = Some("Errors are RFC 9457 problems with a stable `code`.".to_owned());
    api.info.license = None;
    api.info.contact = None;
    let mut components = api.components.take().unwrap_or_else(|| ComponentsBuilder::new().build());
    let mut schemas = Vec::new();
    Problem::schemas(&mut schemas);
    schemas.push((Problem::name().into_owned(), Problem::schema()));
    components.schemas.extend(schemas);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    api.components = Some(components);
    let problem = ResponseBuilder::new()
        .description("A problem (RFC 9457).")
        .content(
            "application/problem+json",
            utoipa::openapi::ContentBuilder::new()
                .schema(Some(utoipa::openapi::Ref::from_schema_name(Problem::name())))
                .build(),
        )
        .build();
    for path in api.paths.paths.values_mut() {
        let operations = [&mut path.get, &mut path.post, &mut path.put, &mut path.patch, &mut path.delete];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), RefOr::T(problem.clone()));
        }
    }
    api
}
