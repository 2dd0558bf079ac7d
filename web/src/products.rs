//! `/products`: the catalogue, page by page.

use crate::{
    layout::{self, Notice},
    upstream::{Product, Upstream, UpstreamError},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Place {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "products.html")]
struct ProductsPage<'a> {
    products: &'a [Product],
    next: Option<&'a str>,
}

impl Product {
    /// Where the browser finds the picture: behind the front door's `/api`. Addresses elsewhere are not shown.
    fn picture_address(&self) -> Option<String> {
        let path = self.picture.as_deref()?;
        path.starts_with("/products/")
            .then(|| format!("/api{path}"))
            .or_else(|| path.starts_with("/api/").then(|| path.to_owned()))
    }
}

pub(crate) async fn products(State(upstream): State<Upstream>, Query(place): Query<Place>) -> Response {
    match upstream.products(place.after.as_deref()).await {
        Ok(catalogue) => {
            let page = ProductsPage { products: &catalogue.items, next: catalogue.next.as_deref() };
            layout::page(StatusCode::OK, &page)
        }
        Err(UpstreamError::Refused { status, detail }) if status.is_client_error() => {
            layout::page(status, &Notice { title: "That did not work", text: &detail })
        }
        Err(cause) => {
            tracing::warn!(%cause, "the catalogue could not be shown");
            let text = "The catalogue cannot be reached at the moment. Come again in a minute.";
            layout::page(StatusCode::SERVICE_UNAVAILABLE, &Notice { title: "Not just now", text })
        }
    }
}
