//! `GET /categories`: what the catalogue is divided into.

use crate::{
    state::App,
    store::categories::{self, Category},
};
use axum::{Json, extract::State};
use contracts::api::product::CategoryView;
use service_kit::{Problem, paging::Page};

/// All categories by name, on one page.
#[utoipa::path(
    get, path = "/categories", tag = "catalogue",
    responses((status = 200, description = "All of them.", body = Page<CategoryView>))
)]
pub(crate) async fn list_categories(State(app): State<App>) -> Result<Json<Page<CategoryView>>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let view = |Category { slug, name, products }| CategoryView { slug, name, products };
    let items = categories::list(&mut connection).await?.into_iter().map(view).collect();
    Ok(Json(Page { items, next: None }))
}
