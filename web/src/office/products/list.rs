//! `/office/products`: all of them, by what is looked for.

use super::status_word;
use crate::{
    asked::Asked,
    layout,
    member::Stopped,
    office::Clerk,
    refusal::Refusal,
    shop::shelf::sized,
    state::App,
    upstream::{Call, Page},
};
use askama::Template;
use axum::{extract::State, response::Response};
use contracts::{
    access::{Permission, ReadProducts},
    api::product::{CategoryView, ProductStatus, ProductView},
};
use http::{Method, StatusCode};
use serde::Deserialize;
use url::form_urlencoded;

/// In the catalogue's own words, so that it judges them. Empty is left out.
#[derive(Default, Deserialize)]
pub(crate) struct Wish {
    q: Option<String>,
    status: Option<String>,
    category: Option<String>,
    sort: Option<String>,
    after: Option<String>,
}

const STATUSES: [(&str, &str); 3] = [("active", "On sale"), ("draft", "Drafts"), ("archived", "Archived")];
const ORDERS: [(&str, &str); 4] =
    [("newest", "Newest"), ("name", "By name"), ("price", "Cheapest"), ("-price", "Dearest")];

impl Wish {
    fn kept(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { q, status, category, sort, after: _ } = self;
        [("q", q), ("status", status), ("category", category), ("sort", sort)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref().filter(|value| !value.is_empty())?)))
    }

    fn address_of(&self, next: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let query = query.extend_pairs(self.kept()).append_pair("after", next).finish();
        format!("/office/products?{query}")
    }

    fn has(&self, name: &str, value: &str) -> bool {
        self.kept().any(|kept| kept == (name, value))
    }
}

#[derive(Template)]
#[template(path = "office/products.html")]
struct ProductsPage<'a> {
    products: Vec<ProductView>,
    categories: Vec<CategoryView>,
    wish: &'a Wish,
    next: Option<String>,
    may_write: bool,
    refusal: Option<&'a str>,
}

impl ProductsPage<'_> {
    fn category<'p>(&'p self, product: &'p ProductView) -> &'p str {
        let known = self.categories.iter().find(|category| category.slug == product.category);
        known.map_or(&product.category, |category| &category.name)
    }
}

pub(crate) async fn list(clerk: Clerk<ReadProducts>, State(app): State<App>, Asked(wish): Asked<Wish>) -> Response {
    let asked = wish.kept().chain(wish.after.as_deref().map(|after| ("after", after)));
    let mut query: Vec<(&str, &str)> = vec![("limit", "50")];
    asked.for_each(|one| query.push(one));
    let call = Call::product(Method::GET, "/products").with_query(query);
    let (products, categories) = tokio::join!(clerk.ask::<Page<ProductView>>(call), app.upstream.categories());
    // Without its categories the form still searches.
    let categories = categories.unwrap_or_default();
    let may_write = clerk.permissions().contains(Permission::WriteProducts);
    let (page, refusal) = match products {
        Ok(page) => (page, None),
        Err(Stopped::LoginOver(answer)) => return answer,
        Err(Stopped::Failed(cause)) => (Page { items: Vec::new(), next: None }, Some(Refusal::from(cause))),
    };
    let next = page.next.as_deref().map(|next| wish.address_of(next));
    let text = refusal.as_ref().map(|refusal| &*refusal.text);
    let shown = ProductsPage { products: page.items, categories, wish: &wish, next, may_write, refusal: text };
    let answer = layout::office_page(StatusCode::OK, &shown);
    match &refusal {
        Some(refusal) => refusal.stamped(answer),
        None => answer,
    }
}
