//! The pages of the front door, server-rendered over the services' public APIs: a start page, the confirmation of an
//! e-mail address, the catalogue. They work without JavaScript. The shop and the back office will come here.

mod layout;
mod products;
mod settings;
mod start;
mod upstream;
mod verify_email;

pub use layout::not_found;
pub use settings::{Documentation, Settings};

use axum::{Router, extract::FromRef, routing::get};
use std::sync::Arc;
use upstream::Upstream;

/// The port of the process `web`.
pub const PORT: u16 = 8086;

#[derive(Clone)]
struct App {
    settings: Arc<Settings>,
    upstream: Upstream,
}

impl FromRef<App> for Upstream {
    fn from_ref(app: &App) -> Self {
        app.upstream.clone()
    }
}

/// The pages. The front door has `/api` beside them, which pictures are fetched from.
///
/// # Errors
/// The HTTP client cannot be made.
pub fn router(settings: Settings) -> anyhow::Result<Router> {
    let upstream = Upstream::new(settings.user_service.clone(), settings.product_service.clone())?;
    let app = App { settings: Arc::new(settings), upstream };
    Ok(Router::new()
        .route("/", get(start::start))
        .route("/products", get(products::products))
        .route("/verify-email", get(verify_email::ask).post(verify_email::confirm))
        .route("/assets/style.css", get(layout::style))
        .route("/favicon.ico", get(layout::icon))
        .with_state(app))
}
