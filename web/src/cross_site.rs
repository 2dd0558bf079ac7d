//! Refuses what another site's page sends in the name of whoever looks at it (cross-site request forgery): every
//! request that may change something has to come from a page of ours. `Sec-Fetch-Site` says so; in browsers without
//! it, and where the pages are not reached by https, the `Origin`, which must be this host's.
//!
//! A request with neither comes from no browser of the last years, and so with no cookies that somebody else could use.

use crate::layout::{self, Notice};
use anyhow::Context;
use axum::response::Response;
use http::StatusCode;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use url::Url;

type Page = fn(ProtectionError) -> Response;

/// The layer. What people reach the pages by is known to it, whatever a proxy makes of `Host`.
pub(crate) fn refused(public_url: &Url) -> anyhow::Result<CsrfLayer<Page>> {
    let ours = public_url.origin().ascii_serialization();
    let layer = CsrfLayer::new().add_trusted_origin(ours).context("PUBLIC_URL is no origin of pages")?;
    let page: Page = |why| page(&why);
    Ok(layer.with_rejection_response(page))
}

fn page(why: &ProtectionError) -> Response {
    tracing::warn!(%why, "a request was refused that may come from another site's page");
    let notice = Notice { title: &t!("not-from-here"), text: &t!("not-from-here-text") };
    layout::page(StatusCode::FORBIDDEN, &notice)
}
