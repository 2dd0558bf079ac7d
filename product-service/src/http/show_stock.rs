//! `GET /products/{id}/stock`: what is on hand, what of it is reserved, and the movements that made it so.

use crate::{
    Error,
    app::App,
    store::stock::{self, Level, Movement},
};
use axum::{Json, extract::State};
use contracts::ProductId;
use serde::{Deserialize, Serialize};
use service_kit::{
    Problem,
    auth::Admin,
    extract::{Path, Query},
    paging::{self, List, Page},
};
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
#[schema(as = StockLevel)]
pub(crate) struct LevelAnswer {
    sku: String,
    location: String,
    on_hand: i64,
    /// Held for orders that are not shipped yet.
    reserved: i64,
    /// On hand less reserved.
    available: i64,
}

impl From<Level> for LevelAnswer {
    fn from(level: Level) -> Self {
        Self {
            sku: level.sku,
            location: level.location,
            on_hand: level.on_hand,
            reserved: level.reserved,
            available: level.on_hand - level.reserved,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct StockAnswer {
    #[serde(flatten)]
    level: LevelAnswer,
    /// Newest first; on hand is their sum.
    movements: Page<Movement>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StockQuery {
    /// 1 to 100; 20 when left out.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// The `next` of the page of movements before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    after: Option<String>,
}

/// A product's stock and its movements, page by page.
#[utoipa::path(
    get, path = "/products/{id}/stock", tag = "staff", security(("bearer" = ["admin"])),
    params(("id" = ProductId, Path), StockQuery),
    responses((status = 200, description = "Level and movements, newest first.", body = StockAnswer))
)]
pub(crate) async fn show_stock(
    _staff: Admin,
    State(app): State<App>,
    Path(id): Path<ProductId>,
    Query(query): Query<StockQuery>,
) -> Result<Json<StockAnswer>, Problem> {
    let limit = paging::limit(query.limit)?;
    let list = List::new("stock movements", &id);
    let before = list.after(query.after.as_deref())?.unwrap_or(i64::MAX);
    let mut connection = app.kit.database.pool().acquire().await?;
    let level = stock::find(&mut connection, id).await?.ok_or(Error::NoSuchProduct)?;
    let movements = stock::movements(&mut connection, level.variant_id, before, limit + 1).await?;
    let movements = list.page(movements, limit, |movement| movement.position);
    Ok(Json(StockAnswer { level: level.into(), movements }))
}
