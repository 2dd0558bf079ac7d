//! `/flow`: what happens between the services, as it happens, and one order's journey through them. All of it is asked of
//! the services' own ports when somebody looks; nothing is kept here that is not on a page.

mod board;
mod hub;
mod journey;
mod map;
mod overview;
mod panel;
mod services;
mod state;
mod stream;
mod timeline;
mod words;

use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use contracts::ServiceName;
use http::header;
use hub::Hub;
use services::Services;
use state::Flow;
use std::{collections::BTreeMap, sync::Arc};
use tokio_util::sync::CancellationToken;
use url::Url;

pub(crate) fn router(services: BTreeMap<ServiceName, Url>, stop: CancellationToken) -> reqwest::Result<Router> {
    let services = Services::new(services)?;
    let hub = Arc::new(Hub::new(services.clone(), stop));
    Ok(Router::new()
        .route("/flow", get(overview::overview))
        .route("/flow/stream", get(stream::stream))
        .route("/flow/orders", get(journey::look_up))
        .route("/flow/orders/{name}", get(journey::journey))
        .route("/assets/flow.css", get(style))
        .route("/assets/flow.js", get(script))
        .with_state(Flow { services, hub }))
}

async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")];
    (headers, include_str!("../../assets/flow.css")).into_response()
}

async fn script() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")];
    (headers, include_str!("../../assets/flow.js")).into_response()
}
