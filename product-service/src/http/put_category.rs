//! `PUT /categories/{slug}`: makes or renames a category.

use crate::{
    domain::{CategoryName, Slug},
    state::App,
    store::categories,
};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use service_kit::{
    Problem,
    auth::Admin,
    extract::{Body, Path},
};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutCategoryRequest)]
pub(crate) struct PutCategoryBody {
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        examples("Desk lamps")
    )]
    name: String,
}

/// Makes the category, or gives it another name.
#[utoipa::path(
    put, path = "/categories/{slug}", tag = "staff", security(("bearer" = ["admin"])),
    params(("slug" = String, Path, min_length = 1, max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")),
    request_body = PutCategoryBody, responses((status = 204, description = "Made, or renamed."))
)]
pub(crate) async fn put_category(
    _staff: Admin,
    State(app): State<App>,
    Path(slug): Path<String>,
    Body(body): Body<PutCategoryBody>,
) -> Result<StatusCode, Problem> {
    let slug = Slug::parse(&slug).map_err(|why| Problem::field("slug", why))?;
    let name = CategoryName::parse(&body.name).map_err(|why| Problem::field("/name", why.to_string()))?;
    categories::put(&mut *app.kit.database.acquire().await?, &slug, &name).await?;
    app.answers.forget();
    Ok(StatusCode::NO_CONTENT)
}
