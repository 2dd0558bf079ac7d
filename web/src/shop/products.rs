//! `/products`: the catalogue, page by page.

use crate::{
    asked::Asked,
    layout::{self, Notice},
    upstream::{Upstream, UpstreamError},
};
use askama::Template;
use axum::{extract::State, response::Response};
use contracts::api::product::{CategoryView, ProductView};
use http::StatusCode;
use serde::Deserialize;
use url::form_urlencoded;

/// What the catalogue is asked for; its own words, so that it judges them. Empty is left out.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wish {
    q: Option<String>,
    category: Option<String>,
    sort: Option<String>,
    min_price: Option<String>,
    max_price: Option<String>,
    currency: Option<String>,
    /// The place in the list of all that.
    after: Option<String>,
}

impl Wish {
    /// What it asks for, without its place in the list.
    fn kept(&self) -> impl Iterator<Item = (&'static str, &str)> + Clone {
        let Self { q, category, sort, min_price, max_price, currency, after: _ } = self;
        let all = [
            ("q", q),
            ("category", category),
            ("sort", sort),
            ("min_price", min_price),
            ("max_price", max_price),
            ("currency", currency),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)))
            .filter(|(_, value)| !value.is_empty())
    }

    /// The query of `GET /products`.
    pub(crate) fn query(&self) -> impl Iterator<Item = (&'static str, &str)> + Clone {
        self.kept().chain(self.after.as_deref().map(|after| ("after", after)))
    }

    /// The page that goes on at `next`.
    pub(crate) fn address_of(&self, next: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let query = query.extend_pairs(self.kept()).append_pair("after", next).finish();
        format!("/products?{query}")
    }
}

/// How the list can be sorted; else it is by what fits the words best, or by what is newest.
const ORDERS: [(&str, &str); 4] =
    [("newest", "Newest"), ("price", "Cheapest"), ("-price", "Dearest"), ("name", "By name")];

#[derive(Template)]
#[template(path = "products.html")]
struct ProductsPage<'a> {
    products: &'a [ProductView],
    categories: &'a [CategoryView],
    wish: &'a Wish,
    next: Option<String>,
}

impl ProductsPage<'_> {
    fn words(&self) -> &str {
        self.wish.q.as_deref().unwrap_or_default()
    }

    fn in_category(&self, slug: &str) -> bool {
        self.wish.category.as_deref() == Some(slug)
    }

    fn sorted_by(&self, order: &str) -> bool {
        self.wish.sort.as_deref() == Some(order)
    }

    /// What the form has no field for and the next search keeps.
    fn unseen(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.wish.kept().filter(|(name, _)| !matches!(*name, "q" | "category" | "sort"))
    }

    fn asks(&self) -> bool {
        self.wish.kept().next().is_some()
    }
}

/// Where the browser finds the picture: behind the front door's `/api`. Addresses elsewhere are not shown.
pub(super) fn picture_of(product: &ProductView) -> Option<String> {
    let path = product.picture.as_deref()?;
    path.starts_with("/products/")
        .then(|| format!("/api{path}"))
        .or_else(|| path.starts_with("/api/").then(|| path.to_owned()))
}

pub(crate) async fn products(State(upstream): State<Upstream>, Asked(wish): Asked<Wish>) -> Response {
    let (catalogue, categories) = tokio::join!(upstream.products(wish.query()), upstream.categories());
    match catalogue {
        Ok(catalogue) => {
            // Without its categories the form still searches.
            let categories = categories.unwrap_or_default();
            let next = catalogue.next.as_deref().map(|next| wish.address_of(next));
            let page = ProductsPage { products: &catalogue.items, categories: &categories, wish: &wish, next };
            layout::page(StatusCode::OK, &page)
        }
        Err(UpstreamError::Refused(refused)) if refused.status.is_client_error() => {
            layout::page(refused.status, &Notice { title: "That did not work", text: &refused.sentence() })
        }
        Err(cause) => {
            tracing::warn!(%cause, "the catalogue could not be shown");
            let text = "The catalogue cannot be reached at the moment. Come again in a minute.";
            layout::page(StatusCode::SERVICE_UNAVAILABLE, &Notice { title: "Not just now", text })
        }
    }
}
