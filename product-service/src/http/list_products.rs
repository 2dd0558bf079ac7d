//! `GET /products`: the catalogue, filtered, searched and sorted.

use super::kept::{Asked, given};
use crate::{
    answers::Answer,
    domain::{SearchText, Slug, Status},
    error::Error,
    state::App,
    store::product_list::{self, Filter, Found, MOST_HITS, Place, Sort},
};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use contracts::{
    Currency,
    access::ReadProducts,
    api::product::{ProductStatus, ProductView},
};
use serde::{Deserialize, Serialize};
use service_kit::{
    Kind, Problem,
    auth::OwnOr,
    extract::Listed,
    paging::{List, Page, PageQuery},
};
use std::{fmt::Display, sync::Arc};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// A category's slug.
    #[param(max_length = 60, pattern = "^([a-z0-9]+(-[a-z0-9]+)*)?$")]
    category: Option<String>,
    /// At least this many minor units of `currency`.
    min_price: Option<i64>,
    /// At most this many minor units of `currency`.
    max_price: Option<i64>,
    /// What prices are compared in: EUR when left out. Given, or with a filter or order by price, only products
    /// priced in it are listed.
    #[param(value_type = Option<String>, pattern = "^[A-Z]{3}$")]
    currency: Option<Currency>,
    /// Best match when `q` is given, else newest.
    #[param(inline)]
    sort: Option<SortName>,
    /// Words to search for, or their beginnings of at least two letters, or a SKU or its beginning; "quoted words"
    /// together, -word without, `or` between. Capital letters and accents make no difference.
    #[param(max_length = 200, pattern = r"^[^\x00-\x1F\x7F-\x9F]*$")]
    q: Option<String>,
    /// For staff: drafts or archived products instead of active ones.
    #[param(inline)]
    status: Option<ProductStatus>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SortName {
    Newest,
    Price,
    #[serde(rename = "-price")]
    MinusPrice,
    Name,
}

/// A page of products.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProductPage {
    /// In the order of the list.
    items: Vec<ProductView>,
    /// Give it as `after` for the next page of the same list; null on the last.
    #[schema(required)]
    next: Option<String>,
    /// With `q`, where there are more hits than so many: the newest of them are listed, and no more. Else null.
    #[schema(required)]
    limited_to: Option<i64>,
}

/// Products, page by page. Shoppers see what is sold.
#[utoipa::path(
    get, path = "/products", tag = "catalogue", security((), ("bearer" = ["products:read"])),
    params(
        PageQuery, ListQuery,
        ("If-None-Match" = Option<String>, Header, description = "ETags of answers that are there already; or `*`.")
    ),
    responses(
        (
            status = 200,
            description = "A page of products, at most a second old.",
            body = ProductPage,
            headers(("ETag" = String, description = "Of just this answer, for If-None-Match."))
        ),
        (status = 304, description = "The answer is one that If-None-Match names."),
        (
            status = 401,
            description = "A status other than `active` is for staff: `token_required`, `invalid_token`, `token_expired`."
        ),
        (status = 403, description = "A status other than `active` is for staff: `forbidden`.")
    )
)]
pub(crate) async fn list_products(
    viewer: Result<OwnOr<ReadProducts>, Problem>,
    State(app): State<App>,
    asked: Asked,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let staff = viewer.as_ref().is_ok_and(|viewer| viewer.viewer.is_staff());
    // Looked into only where the answer is not there yet.
    let read = async { Wanted::of(&query, viewer)?.read(&app).await.map_err(Problem::from) };
    // Staff see what they changed, whichever instance they did it at.
    let answer =
        if staff { Arc::new(read.await?) } else { app.answers.get(&format!("products?{query}"), read).await? };
    Ok(given(&answer, &asked))
}

/// One page of one list.
pub(crate) struct Wanted {
    filter: Filter,
    sort: Sort,
    after: Place,
    limit: i64,
    list: List,
}

impl Wanted {
    pub(crate) fn of(query: &str, viewer: Result<OwnOr<ReadProducts>, Problem>) -> Result<Self, Problem> {
        let Listed { page, filter: query } = Listed::<ListQuery>::read(query)?;
        if query.status.is_some_and(|status| status != ProductStatus::Active) {
            viewer?.viewer.require_staff()?;
        }
        let limit = page.limit()?;
        let filter = filter(&query)?;
        let sort = sort(&query, &filter);
        let list = list(&filter, sort);
        let after = list.after(page.after.as_deref())?.unwrap_or(sort.start());
        if !sort.has(&after) {
            let detail = "after= is the next of a list in another order: start again without it.";
            return Err(Problem::new(Kind::Invalid, "invalid_cursor", detail));
        }
        Ok(Self { filter, sort, after, limit, list })
    }

    async fn read(&self, app: &App) -> Result<Answer, Error> {
        let Self { filter, sort, after, limit, list } = self;
        let mut connection = app.kit.database.acquire().await?;
        let Found { products, more_hits } = product_list::list(&mut connection, filter, after, limit + 1).await?;
        drop(connection);
        let page = list.page(products, *limit, |listed| sort.place(listed));
        let Page { items, next } = page.map(|listed| listed.product.into());
        Answer::json(&ProductPage { items, next, limited_to: more_hits.then_some(MOST_HITS) })
    }
}

fn filter(query: &ListQuery) -> Result<Filter, Problem> {
    let invalid =
        |name: &str, why: &dyn Display| Problem::new(Kind::Invalid, "invalid_query", format!("{name}= {why}."));
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let category = given(&query.category).map(|text| Slug::parse(&text));
    let search = given(&query.q).map(|text| SearchText::parse(&text));
    let by_price = query.min_price.is_some()
        || query.max_price.is_some()
        || matches!(query.sort, Some(SortName::Price | SortName::MinusPrice));
    Ok(Filter {
        status: query.status.map_or(Status::Active, Status::from),
        category: category.transpose().map_err(|why| invalid("category", &why))?,
        currency: query.currency.or(by_price.then_some(Currency::EUR)),
        min_price: query.min_price,
        max_price: query.max_price,
        search: search.transpose().map_err(|why| invalid("q", &why))?,
    })
}

/// What a cursor belongs to.
fn list(filter: &Filter, sort: Sort) -> List {
    let Filter { status, category, currency, min_price, max_price, search } = filter;
    let (category, search) = (category.as_ref().map(Slug::as_str), search.as_ref().map(SearchText::as_str));
    List::new("products", &(format!("{sort:?}"), status.as_str(), category, currency, min_price, max_price, search))
}

fn sort(query: &ListQuery, filter: &Filter) -> Sort {
    match query.sort {
        Some(SortName::Newest) => Sort::Newest,
        Some(SortName::Price) => Sort::Cheapest,
        Some(SortName::MinusPrice) => Sort::Dearest,
        Some(SortName::Name) => Sort::Name,
        None if filter.search.is_some() => Sort::Relevance,
        None => Sort::Newest,
    }
}
