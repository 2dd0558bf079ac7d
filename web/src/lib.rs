//! The pages of the front door, server-rendered over the services' public APIs: `shop`, a start page, the
//! catalogue, the cart and what one ordered;
//! `account`, how one registers, logs in, and changes what one is known by; `office`, for staff; and `flow`, what happens
//! between the services. They work without JavaScript, but for passkeys, which browsers give to scripts alone.

// First: `t!` is known to all that come after it.
#[macro_use]
mod words;

mod account;
mod amount;
mod arrived;
mod asked;
mod cookies;
mod cross_site;
mod flow;
mod form;
#[doc(hidden)]
pub mod fuzzed;
mod layout;
mod member;
mod next;
mod observe;
mod office;
mod refusal;
mod settings;
mod shop;
mod shop_name;
mod state;
mod unavailable;
mod upstream;
mod visit;

pub use arrived::arrived;
pub use cookies::CookieKey;
pub use layout::not_found;
pub use settings::{Documentation, Settings};
pub use shop_name::ShopName;
pub use words::Language;

use anyhow::Context;
use axum::{
    Router, middleware,
    routing::{get, post},
};
use cookies::Cookies;
use service_kit::{Clock, spans::Spans};
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
    let watchers = shop::Watchers::new(stop.clone());
    let flow = if settings.flow { flow::router(settings.services.clone(), stop)? } else { Router::new() };
    let clock = Clock::system();
    let cookies = Cookies::new(&settings.cookie_key, clock.clone()).context("taking the key for cookies")?;
    let same_site = cross_site::refused(&settings.public_url)?;
    let app = App { settings: Arc::new(settings), upstream, cookies: cookies.clone(), clock, watchers };
    Ok(Router::new()
        .merge(shop::routes())
        .merge(account::routes())
        .merge(office::routes())
        .route("/assets/style.css", get(layout::style))
        .route("/assets/office.css", get(layout::office_style))
        .route("/assets/office.js", get(layout::office_script))
        .route("/assets/order.js", get(layout::order_script))
        .route("/assets/passkey.js", get(layout::passkey_script))
        .route("/assets/picture.js", get(layout::picture_script))
        .route("/favicon.ico", get(layout::icon))
        .route("/language", post(words::choose))
        .layer(middleware::from_fn_with_state(spans, observe::observe))
        .with_state(app)
        .merge(flow)
        // Within the visit: the page that refuses has the header of the others.
        .layer(same_site)
        .layer(middleware::from_fn_with_state(cookies, visit::visited))
        // Not counted: what is away are others.
        .route("/unavailable", get(unavailable::unavailable)))
}
