//! `GET /products/stock`: how much there is of everything, or what runs out.

use super::kept::{Asked, given};
use crate::{answers::Answer, domain::Sku, error::Error, state::App, store::stock};
use axum::{extract::State, response::Response};
use contracts::{access::ReadStock, api::product::StockLineView};
use serde::Deserialize;
use service_kit::{
    Kind, Problem,
    auth::Staff,
    extract::Listed,
    paging::{List, Page, PageQuery},
};
use std::sync::Arc;
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StockQuery {
    /// Only what is sold and of which at most so many pieces can be had; the lowest first, on one page.
    #[param(minimum = 0, maximum = 1000)]
    low: Option<i64>,
    /// How a SKU begins; capital letters make no difference. Not with `low`.
    #[param(max_length = 64, pattern = "^[A-Za-z0-9._-]*$")]
    sku: Option<String>,
}

/// Stock levels: by SKU, page by page, or with `low` the lowest.
#[utoipa::path(
    get, path = "/products/stock", tag = "staff", security(("bearer" = ["stock:read"])),
    params(PageQuery, StockQuery),
    responses((status = 200, description = "Levels; with `low` at most a second old.", body = Page<StockLineView>))
)]
pub(crate) async fn list_stock(
    _staff: Staff<ReadStock>,
    State(app): State<App>,
    asked: Asked,
    Listed { page, filter }: Listed<StockQuery>,
) -> Result<Response, Problem> {
    let limit = page.limit()?;
    let invalid = |detail: &str| Err(Problem::new(Kind::Invalid, "invalid_query", detail));
    let begins = filter.sku.unwrap_or_default();
    let answer = match filter.low {
        Some(_) if !begins.is_empty() || page.after.is_some() => {
            return invalid("low= is one page of all SKUs: leave out sku= and after=.");
        }
        Some(most) if !(0..=1000).contains(&most) => return invalid("low= must be 0 to 1000."),
        // However many look at it, all levels are walked through once a second at the most.
        Some(most) => app.answers.get(&format!("low stock {most} {limit}"), lowest(&app, most, limit)).await?,
        None if !Sku::may_begin(&begins) => {
            return invalid("sku= must be letters, digits, dots, dashes and underscores, 64 at the most.");
        }
        None => {
            let begins = Sku::key(&begins);
            let list = List::new("stock", &begins);
            let after = list.after(page.after.as_deref())?;
            Arc::new(by_sku(&app, list, &begins, after, limit).await?)
        }
    };
    Ok(given(&answer, &asked))
}

async fn by_sku(app: &App, list: List, begins: &str, after: Option<String>, limit: i64) -> Result<Answer, Error> {
    // Behind that SKU, and before every longer one.
    let first = after.map_or_else(|| begins.to_owned(), |sku| sku + "\u{1}");
    let mut connection = app.kit.database.acquire().await?;
    // No sign of a SKU comes behind `~`.
    let lines = stock::list(&mut connection, &first, &format!("{begins}~"), limit + 1).await?;
    let Page { items, next } = list.page(lines, limit, |line| Sku::key(&line.level.sku));
    Answer::json(&Page { items: views(items)?, next })
}

async fn lowest(app: &App, most: i64, limit: i64) -> Result<Answer, Error> {
    let mut connection = app.kit.database.acquire().await?;
    Answer::json(&Page { items: views(stock::lowest(&mut connection, most, limit).await?)?, next: None })
}

fn views(lines: Vec<stock::Line>) -> Result<Vec<StockLineView>, Error> {
    lines.into_iter().map(StockLineView::try_from).collect()
}
