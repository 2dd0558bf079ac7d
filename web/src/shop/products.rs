//! `/products`: the catalogue, page by page; searched, of one category, between two prices.

use super::shelf::Shelf;
use crate::{
    amount,
    asked::Asked,
    layout,
    refusal::Refusal,
    state::App,
    upstream::{Page, UpstreamError},
};
use askama::Template;
use axum::{extract::State, response::Response};
use contracts::{
    Currency,
    api::product::{CategoryView, ProductView},
};
use http::StatusCode;
use serde::Deserialize;
use service_kit::if_none_match::IfNoneMatch;
use std::borrow::Cow;
use url::form_urlencoded;

/// What prices are compared in unless the address says otherwise, as in product-service.
const CURRENCY: &str = "EUR";

/// What the catalogue is asked for; its own words, so that it judges them. Empty is left out.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wish {
    q: Option<String>,
    category: Option<String>,
    sort: Option<String>,
    /// Prices as people type them.
    from: Option<String>,
    to: Option<String>,
    currency: Option<String>,
    /// The place in the list of all that.
    after: Option<String>,
}

/// A field that holds no price.
pub(crate) struct NoPrice {
    field: &'static str,
}

impl Wish {
    /// What it asks for, without its place in the list.
    fn kept(&self) -> impl Iterator<Item = (&'static str, &str)> + Clone {
        let Self { q, category, sort, from, to, currency, after: _ } = self;
        let all =
            [("q", q), ("category", category), ("sort", sort), ("from", from), ("to", to), ("currency", currency)];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)))
            .filter(|(_, value)| !value.is_empty())
    }

    fn has(&self, name: &str) -> Option<&str> {
        self.kept().find(|(kept, _)| *kept == name).map(|(_, value)| value)
    }

    /// The query of `GET /products`.
    pub(crate) fn query(&self) -> Result<Vec<(&'static str, String)>, NoPrice> {
        let currency = self.currency();
        let mut query = Vec::new();
        for (name, value) in self.kept() {
            let bound = match name {
                "from" => Some("min_price"),
                "to" => Some("max_price"),
                _ => None,
            };
            match (bound, currency) {
                (Some(bound), Some(currency)) => {
                    let minor = amount::asked(value, currency).ok_or(NoPrice { field: name })?;
                    query.push((bound, minor.to_string()));
                }
                // The catalogue says what is wrong with the currency.
                (Some(_), None) => {}
                (None, _) => query.push((name, value.to_owned())),
            }
        }
        query.extend(self.after.clone().map(|after| ("after", after)));
        Ok(query)
    }

    fn currency(&self) -> Option<Currency> {
        self.has("currency").unwrap_or(CURRENCY).parse().ok()
    }

    /// Its page, at `place` in the list where there is one.
    pub(crate) fn address(&self, place: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.kept()).extend_pairs(place.map(|place| ("after", place)));
        let query = query.finish();
        if query.is_empty() { "/products".to_owned() } else { format!("/products?{query}") }
    }
}

/// How the list can be sorted; else it is by what fits the words best, or by what is newest.
fn orders() -> [(&'static str, Cow<'static, str>); 4] {
    [
        ("newest", t!("products-newest")),
        ("price", t!("products-cheapest")),
        ("-price", t!("products-dearest")),
        ("name", t!("products-by-name")),
    ]
}

#[derive(Template)]
#[template(path = "products.html")]
struct ProductsPage<'a> {
    products: &'a [ProductView],
    categories: &'a [CategoryView],
    wish: &'a Wish,
    next: Option<String>,
    canonical: String,
    no_price: Option<NoPrice>,
}

impl ProductsPage<'_> {
    fn shelf(&self) -> Shelf<'_> {
        Shelf { products: self.products }
    }

    fn title(&self) -> String {
        let category = self.categories.iter().find(|category| self.is("category", &category.slug));
        match (self.wish.has("q"), category) {
            (Some(words), _) => t!("products-searched", words = words).into_owned(),
            (None, Some(category)) => category.name.clone(),
            (None, None) => t!("catalogue").into_owned(),
        }
    }

    fn typed(&self, name: &str) -> &str {
        self.wish.has(name).unwrap_or_default()
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.wish.has(name) == Some(value)
    }

    fn currency(&self) -> &str {
        self.wish.has("currency").unwrap_or(CURRENCY)
    }

    fn is_wrong(&self, field: &str) -> bool {
        self.no_price.as_ref().is_some_and(|wrong| wrong.field == field)
    }

    fn asks(&self) -> bool {
        self.wish.kept().next().is_some()
    }

    /// What somebody searched for is no page that others look for.
    fn is_to_be_found(&self) -> bool {
        self.wish.kept().all(|(name, _)| name == "category")
    }
}

pub(crate) async fn products(State(app): State<App>, seen: IfNoneMatch, Asked(wish): Asked<Wish>) -> Response {
    let (query, no_price) = match wish.query() {
        Ok(query) => (query, None),
        Err(wrong) => (Vec::new(), Some(wrong)),
    };
    let query = query.iter().map(|(name, value)| (*name, value.as_str()));
    let asked = async {
        match no_price {
            Some(_) => Ok(Page { items: Vec::new(), next: None }),
            None => app.upstream.products("24", query).await,
        }
    };
    let (catalogue, categories) = tokio::join!(asked, app.upstream.categories());
    let Page { items, next } = match catalogue {
        Ok(catalogue) => catalogue,
        Err(UpstreamError::Refused(refused)) if refused.status.is_client_error() => {
            return Refusal::from(UpstreamError::Refused(refused)).page();
        }
        Err(cause) => {
            tracing::warn!(%cause, "the catalogue could not be shown");
            return Refusal::away(t!("catalogue-away")).page();
        }
    };
    // Without its categories the form still searches.
    let categories = categories.unwrap_or_default();
    let next = next.as_deref().map(|next| wish.address(Some(next)));
    let canonical = layout::address_of(&app.settings, &wish.address(wish.after.as_deref()));
    let page = ProductsPage { products: &items, categories: &categories, wish: &wish, next, canonical, no_price };
    if page.no_price.is_some() {
        return layout::page(StatusCode::BAD_REQUEST, &page);
    }
    layout::shared_page(&seen, &page)
}
