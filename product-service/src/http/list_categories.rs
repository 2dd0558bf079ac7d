//! `GET /categories`: what the catalogue is divided into.

use crate::{app::App, store::categories};
use axum::{Json, extract::State};
use serde::Serialize;
use service_kit::{Problem, paging::Page};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = Category)]
pub(crate) struct CategoryAnswer {
    /// What products name it by.
    pub(crate) slug: String,
    pub(crate) name: String,
    /// How many products of it are sold.
    pub(crate) products: i64,
}

/// All categories by name, on one page.
#[utoipa::path(
    get, path = "/categories", tag = "catalogue",
    responses((status = 200, description = "All of them.", body = Page<CategoryAnswer>))
)]
pub(crate) async fn list_categories(State(app): State<App>) -> Result<Json<Page<CategoryAnswer>>, Problem> {
    let mut connection = app.kit.database.pool().acquire().await?;
    let categories = categories::list(&mut connection).await?.into_iter();
    let items = categories.map(|category| CategoryAnswer {
        slug: category.slug,
        name: category.name,
        products: category.products,
    });
    Ok(Json(Page { items: items.collect(), next: None }))
}
