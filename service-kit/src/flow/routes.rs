//! The operator's routes of `/flow`, on the service's own port.

use super::{Journey, Now, Work};
use crate::{
    Kind, Kit, Problem,
    extract::{Path, Query},
};
use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use std::str::FromStr;
use uuid::Uuid;

/// So many events and traces are looked for at a time.
const MANY: usize = 200;

/// None of them are there when nothing is kept.
pub(crate) fn routes(kit: &Kit) -> Router {
    if kit.flow.0.is_none() {
        return Router::new();
    }
    Router::new()
        .route("/flow/now", get(now))
        .route("/flow/stream", get(stream))
        .route("/flow/journeys/{name}", get(journey))
        .route("/flow/journeys/{name}/work", get(work))
        .with_state(kit.clone())
}

async fn now(State(kit): State<Kit>) -> Result<Json<Now>, Problem> {
    kit.flow.now(&kit).await.map(Json).ok_or_else(nothing)
}

async fn stream(State(kit): State<Kit>) -> Response {
    kit.flow.watch().map_or_else(
        || {
            let detail = "As many as may are watching already: come again later.";
            Problem::new(Kind::Unavailable, "too_many_viewers", detail).into_response()
        },
        IntoResponse::into_response,
    )
}

async fn journey(State(kit): State<Kit>, Path(name): Path<String>) -> Result<Json<Journey>, Problem> {
    Ok(Json(kit.flow.journey(&kit, &name).await?))
}

/// Ids separated by commas.
#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    events: String,
    #[serde(default)]
    traces: String,
}

async fn work(
    State(kit): State<Kit>,
    Path(journey): Path<Uuid>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Work>, Problem> {
    let (events, traces) = (list(&wanted.events), list(&wanted.traces));
    Ok(Json(kit.flow.work(&kit, journey, &events, &traces).await?))
}

/// What cannot be read is not there to be found.
fn list<T: FromStr>(text: &str) -> Vec<T> {
    text.split(',').filter_map(|part| part.parse().ok()).take(MANY).collect()
}

fn nothing() -> Problem {
    Problem::new(Kind::NotFound, "not_found", "There is nothing at this address.")
}
