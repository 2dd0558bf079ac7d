//! `PATCH /products/{id}`: changes a product.

use super::{
    create_product::NewStatus,
    product::{PriceBody, ProductAnswer},
};
use crate::{
    Error,
    app::App,
    domain::{Description, ProductName, Slug, Status, parse_price},
    store::{
        catalogue,
        products::{self, Changes},
    },
};
use axum::extract::State;
use contracts::{ProductId, events::product::Updated};
use serde::Deserialize;
use service_kit::{
    Cause, Problem,
    auth::Admin,
    extract::{Body, Path},
    if_match::IfMatch,
    problem::Fields,
};
use utoipa::ToSchema;

/// What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateProductRequest {
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    name: Option<String>,
    #[schema(max_length = 5000)]
    description: Option<String>,
    /// A category's slug.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    category: Option<String>,
    price: Option<PriceBody>,
    /// `active` puts a draft or an archived product on sale; POST …/archive takes it off.
    status: Option<NewStatus>,
}

/// Changes a product. `If-Match` names the version the change is based on.
#[utoipa::path(
    patch, path = "/products/{id}", tag = "staff", security(("bearer" = ["admin"])),
    params(("id" = ProductId, Path), IfMatch), request_body = UpdateProductRequest,
    responses(
        (
            status = 200,
            description = "The product as it is now.",
            body = ProductAnswer,
            headers(("ETag" = String, description = "The version; a change names it in If-Match."))
        )
    )
)]
pub(crate) async fn update_product(
    _staff: Admin,
    State(app): State<App>,
    Path(id): Path<ProductId>,
    wanted: IfMatch,
    Body(request): Body<UpdateProductRequest>,
) -> Result<ProductAnswer, Problem> {
    let changes = parse(&request)?;
    Ok(change(&app, id, &wanted, &changes).await?)
}

fn parse(request: &UpdateProductRequest) -> Result<Changes, Problem> {
    let mut fields = Fields::default();
    let name = request.name.as_deref().map(|name| fields.check("/name", ProductName::parse(name)));
    let description = request.description.as_deref();
    let description = description.map(|text| fields.check("/description", Description::parse(text)));
    let category = request.category.as_deref().map(|slug| fields.check("/category", Slug::parse(slug)));
    let price = request.price.map(|price| fields.check("/price", parse_price(price.into())));
    // Given, and refused.
    let refused = matches!(name, Some(None))
        || matches!(description, Some(None))
        || matches!(category, Some(None))
        || matches!(price, Some(None));
    if refused {
        return Err(fields.into_problem());
    }
    Ok(Changes {
        name: name.flatten(),
        description: description.flatten(),
        category: category.flatten(),
        price: price.flatten(),
        picture: None,
        status: request.status.map(Status::from),
    })
}

/// Changes the product at a version that is wanted, with its event. What would change nothing makes no version: nobody
/// has to read again, and no ETag that somebody holds goes stale.
pub(crate) async fn change(
    app: &App,
    id: ProductId,
    wanted: &IfMatch,
    changes: &Changes,
) -> Result<ProductAnswer, Error> {
    let mut tx = app.kit.database.begin("update_product").await?;
    products::lock(&mut tx, id, wanted).await?;
    let before = catalogue::find(&mut tx, id).await?.ok_or(Error::NoSuchProduct)?;
    if !changes.alter(&before) {
        tx.rollback().await?;
        return Ok(before.into());
    }
    let version = products::update(&mut tx, id, changes, app.kit.clock.now()).await?;
    let product = catalogue::find(&mut tx, id).await?.ok_or(Error::NoSuchProduct)?;
    app.kit.announce(&mut tx, &Cause::current(), version, Updated { product_id: id, sku: product.sku.clone() })?;
    let _committed = tx.commit().await?;
    tracing::info!(product.id = %id, version, "product changed");
    Ok(product.into())
}
