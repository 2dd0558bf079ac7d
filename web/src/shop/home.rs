//! `/`: the shop's first page.

use super::shelf::Shelf;
use crate::{layout, state::App};
use askama::Template;
use axum::{extract::State, response::Response};
use contracts::api::product::{CategoryView, ProductView};
use service_kit::{Environment, if_none_match::IfNoneMatch};

/// So many of the newest are shown.
const SHOWN: &str = "8";

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    categories: &'a [CategoryView],
    newest: &'a [ProductView],
    /// Whether the catalogue could be asked.
    is_open: bool,
    development: bool,
    flow: bool,
    canonical: String,
}

impl HomePage<'_> {
    fn shelf(&self) -> Shelf<'_> {
        Shelf { products: self.newest }
    }
}

pub(crate) async fn home(State(app): State<App>, seen: IfNoneMatch) -> Response {
    let newest = app.upstream.products(SHOWN, [("sort", "newest")].into_iter());
    let (catalogue, categories) = tokio::join!(newest, app.upstream.categories());
    let is_open = catalogue.is_ok();
    if let Err(cause) = &catalogue {
        tracing::warn!(%cause, "the newest products could not be shown");
    }
    let newest = catalogue.map(|page| page.items).unwrap_or_default();
    let categories: Vec<_> = categories.unwrap_or_default().into_iter().filter(|one| one.products > 0).collect();
    let page = HomePage {
        categories: &categories,
        newest: &newest,
        is_open,
        development: app.settings.environment == Environment::Development,
        flow: app.settings.flow,
        canonical: layout::address_of(&app.settings, "/"),
    };
    // A page that lacks what it is there for is kept by nobody.
    if is_open { layout::shared_page(&seen, &page) } else { layout::page(http::StatusCode::OK, &page) }
}
