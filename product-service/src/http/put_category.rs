//! `PUT /categories/{slug}`: makes or renames a category.

use crate::{
    domain::{CategoryName, Slug},
    error::Error,
    state::App,
    store::categories,
};
use axum::extract::State;
use contracts::access::WriteProducts;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{
    ClientAddress, Problem,
    audit::Entry,
    auth::Staff,
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
    put, path = "/categories/{slug}", tag = "staff", security(("bearer" = ["products:write"])),
    params(("slug" = String, Path, min_length = 1, max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")),
    request_body = PutCategoryBody, responses((status = 204, description = "Made, or renamed."))
)]
pub(crate) async fn put_category(
    staff: Staff<WriteProducts>,
    client: ClientAddress,
    State(app): State<App>,
    Path(slug): Path<String>,
    Body(body): Body<PutCategoryBody>,
) -> Result<StatusCode, Problem> {
    let slug = Slug::parse(&slug).map_err(|why| Problem::field("slug", why))?;
    let name = CategoryName::parse(&body.name).map_err(|why| Problem::field("/name", why.to_string()))?;
    let mut tx = app.kit.database.begin("put_category").await?;
    categories::put(&mut tx, &slug, &name).await?;
    // A category has no id of its own.
    let put = Entry::new(staff.actor, "category.put").from(client);
    app.kit.audit(&mut tx, put.changed(Value::Null, json!({ "slug": slug.as_str(), "name": name.as_str() })));
    let _committed = tx.commit().await.map_err(Error::from)?;
    app.answers.forget();
    Ok(StatusCode::NO_CONTENT)
}
