//! The HTTP side that all services share: the operator's routes, and what happens around every request.

use crate::{
    Kind, Kit, Problem, Routes, arrival,
    client_address::{self, TrustedProxies},
    declared::Declared,
    document::document,
    flow, forwarded_prefix, leaving, metrics,
    observe::Observer,
    seen_through::Begun,
    shedding::Places,
};
use axum::{
    Json, Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use contracts::ServiceName;
use http::{StatusCode, header};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// No request takes longer once it is there.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long the published keys may be kept, in seconds: a new one has to be there as long before it signs. Our own
/// services keep no answer, so an unknown key is known to them within moments.
const KEYS: &str = "public, max-age=60";

/// The router of the service's own port, and that of its public routes alone (for the front door).
pub(crate) fn routers(kit: &Kit, routes: Routes<()>) -> (Router, Router) {
    let service = kit.service;
    let places = Places::new(service, kit.settings.max_in_flight);
    let document = document(service, routes.clone().into_document());
    let (public, public_api) = routes.public.split_for_parts();
    let (internal, internal_api) = routes.internal.split_for_parts();
    let public = bound(public, &places, &Declared::of(&public_api));
    let internal = bound(internal, &places, &Declared::of(&internal_api));
    let rest = internal.merge(operators(kit)).merge(flow::routes(kit)).merge(pages(document));
    // What is no page's business has no word for pages of other origins; the front door has its own for what it shows.
    let own =
        around(rest.fallback(nothing_here), kit).merge(kit.settings.origins.admitted(around(public.clone(), kit)));
    let own = leaving::told_by(own, kit.leaving.clone());
    (own, around(public.fallback(nothing_here), kit))
}

/// These routes take no more requests at a time than there are places, and nothing that they do not declare. What an
/// operator asks for is merged afterwards: it must answer at all times.
fn bound(router: Router, places: &Places, declared: &Declared) -> Router {
    let (places, declared) = (places.clone(), declared.clone());
    router.layer(middleware::from_fn(move |request, next: Next| {
        let (places, declared) = (places.clone(), declared.clone());
        async move {
            let _place = match places.take() {
                Ok(place) => place,
                Err(turned_away) => return *turned_away,
            };
            match declared.checked(request).await {
                Ok(request) => next.run(request).await,
                Err(problem) => problem.into_response(),
            }
        }
    }))
}

async fn nothing_here() -> Problem {
    Problem::new(Kind::NotFound, "not_found", "There is nothing at this address.")
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
        .route("/.well-known/jwks.json", get(keys))
        .with_state(kit.clone())
}

async fn keys(State(kit): State<Kit>) -> Response {
    ([(header::CACHE_CONTROL, KEYS)], Json(kit.identity.jwks())).into_response()
}

/// Ready: the own database answers (its tables were seen to at start), the keys of people's tokens are known, and it was
/// not told to end. The bus is shown and does not decide: without it orders are still taken.
async fn ready(State(kit): State<Kit>) -> Response {
    let database = kit.database.answers().await;
    let keys = kit.verifier.knows(ServiceName::User);
    let leaving = kit.leaving.is_cancelled();
    let ready = database && keys && !leaving;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "service": kit.service,
        "ready": ready,
        "leaving": leaving,
        "database": if database { "reachable" } else { "away" },
        "tables": format!("at version {}", kit.database.tables()),
        "keys": if keys { "known" } else { "user-service has not been reached yet" },
        "bus": kit.describe_bus(),
        "directory": kit.directory.describe(),
    });
    (status, Json(body)).into_response()
}

/// What is around every request, from the outside inwards.
struct Around {
    trusted: TrustedProxies,
    observer: Observer,
    begun: Begun,
}

/// One layer for all of it: each is a boxed service more, which is cloned for every request with all that is within.
fn around(router: Router, kit: &Kit) -> Router {
    let around = Arc::new(Around {
        trusted: kit.settings.trusted_proxies.clone(),
        observer: Observer::new(kit.service, kit.spans.clone()),
        begun: kit.begun.clone(),
    });
    router
        .method_not_allowed_fallback(|| async {
            Problem::new(Kind::MethodNotAllowed, "method_not_allowed", "This address does not take this method.")
        })
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::new(Kind::Internal, "internal", "Something went wrong on our side. It has been logged.")
                .into_response()
        }))
        .layer(middleware::from_fn(move |request, next| Arc::clone(&around).answer(request, next)))
}

impl Around {
    async fn answer(self: Arc<Self>, request: Request, next: Next) -> Response {
        let prefix = forwarded_prefix::of(&request, &self.trusted);
        let request = client_address::noted(request, &self.trusted);
        let work = async |request| match arrival::arrived(request).await {
            Ok(request) => bounded(DEADLINE, self.begun.see_through(request, next)).await,
            Err(response) => *response,
        };
        forwarded_prefix::restore(prefix, self.observer.observe(request, work).await)
    }
}

/// What changes something goes on without whoever was told so; see [`crate::seen_through`].
pub(crate) async fn bounded(deadline: Duration, work: impl Future<Output = Response>) -> Response {
    tokio::time::timeout(deadline, work).await.unwrap_or_else(|_| {
        let detail =
            "This took too long and was given up. Whether it was done is unknown: send the same request again.";
        Problem::new(Kind::Unavailable, "deadline_exceeded", detail).into_response()
    })
}
