//! `GET /categories`: what the catalogue is divided into.

use super::kept::{Asked, given};
use crate::{
    answers::Answer,
    error::Error,
    state::App,
    store::categories::{self, Category},
};
use axum::{extract::State, response::Response};
use contracts::api::product::CategoryView;
use service_kit::{Problem, auth::Anybody, paging::Page};

/// All categories by name, on one page.
#[utoipa::path(
    get, path = "/categories", tag = "catalogue",
    params(("If-None-Match" = Option<String>, Header, description = "ETags of answers that are there already; or `*`.")),
    responses(
        (
            status = 200,
            description = "All of them, at most a second old.",
            body = Page<CategoryView>,
            headers(("ETag" = String, description = "Of just this answer, for If-None-Match."))
        ),
        (status = 304, description = "The answer is one that If-None-Match names.")
    )
)]
pub(crate) async fn list_categories(
    _anybody: Anybody,
    State(app): State<App>,
    asked: Asked,
) -> Result<Response, Problem> {
    let answer = app.answers.get("categories", read(&app)).await?;
    Ok(given(&answer, &asked))
}

async fn read(app: &App) -> Result<Answer, Error> {
    let mut connection = app.kit.database.acquire().await?;
    let view = |Category { slug, name, products }| CategoryView { slug, name, products };
    let items = categories::list(&mut connection).await?.into_iter().map(view).collect();
    Answer::json(&Page { items, next: None })
}
