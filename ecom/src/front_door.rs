//! The front door of the all-in-one: the pages at `/`, the services' public routes under `/api`, and in development
//! `/dev/mails` and `/dev/events`.
//!
//! What must never pass it (`/internal/*`, `/metrics`, operators' routes) is not in the routers it holds.

use axum::{
    Json, Router,
    extract::{Request, State},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use contracts::ServiceName;
use http::{HeaderName, Uri, header, uri::PathAndQuery};
use serde::Deserialize;
use serde_json::Value;
use service_kit::{
    Env, Environment, Kind, Kit, Problem, Settings, arrival, client_address, config, extract::Query,
    forwarded_prefix::ForwardedPrefix, outbox, spans::Spans,
};
use std::{collections::BTreeMap, convert::Infallible, sync::Arc};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

/// The first part of a path under `/api`, and whose it is.
const OWNERS: &[(&str, ServiceName)] = &[
    ("auth", ServiceName::User),
    ("users", ServiceName::User),
    ("products", ServiceName::Product),
    ("categories", ServiceName::Product),
    ("orders", ServiceName::Order),
    ("carts", ServiceName::Order),
    ("payments", ServiceName::Payment),
    ("webhooks", ServiceName::Payment),
    ("notifications", ServiceName::Notify),
];

/// At `stop` those who watch `/flow` are sent away.
///
/// # Errors
/// A variable is wrong.
pub fn router(
    env: &Env,
    public: BTreeMap<ServiceName, Router>,
    kits: &BTreeMap<ServiceName, Kit>,
    stop: CancellationToken,
) -> anyhow::Result<Router> {
    let settings = web::Settings::read(env)?;
    let said_everywhere = settings.said_everywhere();
    let mut pages =
        web::router(settings, Spans::off(), stop)?.route("/livez", get(|| async { "alive" })).fallback(web::not_found);
    if config::environment(env)? == Environment::Development {
        let kits: Vec<_> = kits.values().cloned().collect();
        pages = pages.route("/dev/events", get(events).with_state(Arc::new(kits)));
        let placeholder = env.clone().with("DATABASE_URL", "postgres://unused");
        let settings = Settings::read(&placeholder, ServiceName::Notify)?;
        if let Some(folder) = notify_service::Config::read(settings, env)?.folder() {
            pages = pages.merge(notify_service::dev_mails(folder.to_owned()));
        }
    }
    let trusted = config::trusted_proxies(env)?;
    let noted = middleware::map_request(move |request| {
        let request = client_address::noted(request, &trusted);
        async move { request }
    });
    // A fallback and no route: a path's parameters belong to the router behind the door alone.
    let api = Router::new().fallback(to_owner).with_state(Arc::new(public)).layer(middleware::from_fn(arrival::whole));
    let api = config::origins(env)?.admitted(api);
    let pages = pages.layer(middleware::from_fn_with_state(said_everywhere, web::arrived));
    Ok(Router::new().fallback(forward).with_state(Arc::new(Behind { api, pages })).layer(noted))
}

/// What the door leads to.
struct Behind {
    api: Router,
    pages: Router,
}

async fn forward(State(behind): State<Arc<Behind>>, request: Request) -> Response {
    let behind = if request.uri().path().starts_with("/api/") { &behind.api } else { &behind.pages };
    served(behind.clone().oneshot(request).await)
}

/// Hands a request to its owner's public routes, with `/api` taken off.
async fn to_owner(State(public): State<Arc<BTreeMap<ServiceName, Router>>>, mut request: Request) -> Response {
    let path = request.uri().path_and_query().map_or("", PathAndQuery::as_str);
    let rest = path.strip_prefix("/api").unwrap_or_default();
    let first = rest.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
    let owner = OWNERS.iter().find(|(name, _)| *name == first).and_then(|(_, owner)| public.get(owner));
    let (Some(owner), Ok(uri)) = (owner, rest.parse::<Uri>()) else {
        return Problem::new(Kind::NotFound, "not_found", "There is nothing at this address.").into_response();
    };
    *request.uri_mut() = uri;
    request.extensions_mut().insert(ForwardedPrefix::new("/api"));
    served(owner.clone().oneshot(request).await)
}

fn served(answer: Result<Response, Infallible>) -> Response {
    answer.unwrap_or_else(|impossible| match impossible {})
}

#[derive(Deserialize)]
struct Journey {
    journey: Uuid,
}

/// Development only: every event of one journey (an order's id, an account's id), from all five event logs.
async fn events(
    State(kits): State<Arc<Vec<Kit>>>,
    Query(Journey { journey }): Query<Journey>,
) -> Result<([(HeaderName, &'static str); 1], Json<Value>), Problem> {
    let mut events = Vec::new();
    for kit in kits.iter() {
        let mut connection = kit.database.acquire().await?;
        events.extend(outbox::journey(&mut connection, journey).await?);
    }
    events.sort_by_key(|event| (event.time, event.id));
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(events.iter().map(contracts::RawEvent::to_json).collect())))
}
