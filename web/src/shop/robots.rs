//! `/robots.txt` (RFC 9309) and `/sitemap.xml` (sitemaps.org 0.9): what search engines are told.

use crate::{layout, state::App, upstream::UpstreamError};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use std::fmt::Write as _;

/// So many products are named, the newest: with the categories, what one file holds (50,000) and more than a shop of this
/// size has. What is older is found through its category.
const PAGES: usize = 20;

pub(crate) async fn robots(State(app): State<App>) -> Response {
    let sitemap = layout::address_of(&app.settings, "/sitemap.xml");
    let personal = ["/account", "/cart", "/checkout", "/orders", "/office", "/api/", "/login", "/register", "/guest"];
    let mut text = "User-agent: *\n".to_owned();
    for path in personal {
        _ = writeln!(text, "Disallow: {path}");
    }
    _ = writeln!(text, "Sitemap: {sitemap}");
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")], text)
        .into_response()
}

pub(crate) async fn sitemap(State(app): State<App>) -> Response {
    match written(&app).await {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "application/xml; charset=utf-8"),
                (header::CACHE_CONTROL, "public, max-age=3600, stale-while-revalidate=86400"),
            ];
            (headers, text).into_response()
        }
        Err(cause) => {
            tracing::warn!(%cause, "the sitemap could not be written");
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "60")]).into_response()
        }
    }
}

async fn written(app: &App) -> Result<String, UpstreamError> {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                    <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
        .to_owned();
    let mut add = |path: &str, changed: Option<time::Date>| {
        let address = layout::address_of(&app.settings, path).replace('&', "&amp;");
        let changed = changed.map(|day| format!("<lastmod>{day}</lastmod>")).unwrap_or_default();
        _ = writeln!(text, "<url><loc>{address}</loc>{changed}</url>");
    };
    add("/", None);
    for category in app.upstream.categories().await? {
        if category.products > 0 {
            add(&format!("/products?category={}", category.slug), None);
        }
    }
    let mut after: Option<String> = None;
    for _ in 0..PAGES {
        let query = [("sort", "newest")].into_iter().chain(after.as_deref().map(|after| ("after", after)));
        let page = app.upstream.products("100", query).await?;
        for product in page.items {
            let sku: String = url::form_urlencoded::byte_serialize(product.sku.as_bytes()).collect();
            add(&format!("/products/{sku}"), Some(product.updated_at.date()));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    text.push_str("</urlset>\n");
    Ok(text)
}
