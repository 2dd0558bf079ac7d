//! `GET /products/{id}/stock`: what is on hand, what of it is reserved, and the movements that made it so.

use crate::{
    error::Error,
    state::App,
    store::{movements, stock},
};
use axum::{Json, extract::State};
use contracts::{
    ProductId,
    access::ReadStock,
    api::product::{LevelView, MovementView},
};
use serde::{Deserialize, Serialize};
use service_kit::{
    Problem,
    auth::Staff,
    extract::{Listed, Path},
    paging::{List, Page, PageQuery},
};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = StockAnswer)]
pub(crate) struct StockView {
    #[serde(flatten)]
    level: LevelView,
    /// Newest first; on hand is their sum.
    movements: Page<MovementView>,
}

/// There is nothing to filter by.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct All {}

/// A product's stock and its movements, page by page.
#[utoipa::path(
    get, path = "/products/{id}/stock", tag = "staff", security(("bearer" = ["stock:read"])),
    params(("id" = ProductId, Path), PageQuery),
    responses((status = 200, description = "Level and movements, newest first.", body = StockView))
)]
pub(crate) async fn show_stock(
    _staff: Staff<ReadStock>,
    State(app): State<App>,
    Path(id): Path<ProductId>,
    Listed { page, filter: All {} }: Listed<All>,
) -> Result<Json<StockView>, Problem> {
    let limit = page.limit()?;
    let list = List::new("stock movements", &id);
    let before = list.after(page.after.as_deref())?.unwrap_or(i64::MAX);
    let mut connection = app.kit.database.acquire().await?;
    let level = stock::find(&mut connection, id).await?.ok_or(Error::NoSuchProduct)?;
    let movements = movements::list(&mut connection, level.variant_id, before, limit + 1).await?;
    let Page { items, next } = list.page(movements, limit, |movement| movement.position);
    let items = items.into_iter().map(MovementView::try_from).collect::<Result<_, Error>>()?;
    Ok(Json(StockView { level: level.into(), movements: Page { items, next } }))
}
