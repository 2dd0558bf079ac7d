//! The pages of the front door, server-rendered over the services' public APIs: `shop`, a start page, the confirmation of
//! an e-mail address, the catalogue; and `flow`, what happens between the services. They work without JavaScript. The
//! back office will come here.

mod asked;
mod flow;
mod layout;
mod observe;
mod settings;
mod shop;
mod state;
mod unavailable;
mod upstream;

pub use layout::not_found;
pub use settings::{Documentation, Settings};

use axum::{Router, middleware, routing::get};
use service_kit::spans::Spans;
use shop::{products, start, verify_email};
use state::App;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use upstream::Upstream;

/// The port of the process `web`.
pub const PORT: u16 = 8086;

/// The pages. The front door has `/api` beside them, which pictures are fetched from. At `stop` those who watch are sent
/// away: their answers would never end.
///
/// # Errors
/// The HTTP client cannot be made.
pub fn router(settings: Settings, spans: Spans, stop: CancellationToken) -> anyhow::Result<Router> {
    let upstream = Upstream::new(settings.directory.clone())?;
    let flow = if settings.flow { flow::router(settings.services.clone(), stop)? } else { Router::new() };
    let app = App { settings: Arc::new(settings), upstream };
    Ok(Router::new()
        .route("/", get(start::start))
        .route("/products", get(products::products))
        .route("/verify-email", get(verify_email::ask).post(verify_email::confirm))
        .route("/assets/style.css", get(layout::style))
        .route("/favicon.ico", get(layout::icon))
        .layer(middleware::from_fn_with_state(spans, observe::observe))
        .with_state(app)
        // Not counted: what is away are others.
        .route("/unavailable", get(unavailable::unavailable))
        .merge(flow))
}
