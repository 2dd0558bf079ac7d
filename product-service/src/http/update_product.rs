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
    Problem,
    auth::Admin,
    extract::{Body, IfMatch, Path},
    problem::Fields,
};
use utoipa::ToSchema;

/// What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateProductRequest {
    name: Option<String>,
    description: Option<String>,
    /// A category's slug.
    category: Option<String>,
    price: Option<PriceBody>,
    /// `active` puts a draft or an archived product on sale; POST …/archive takes it off.
    status: Option<NewStatus>,
}

/// Changes a product. `If-Match` names the version the change is based on.
#[utoipa::path(
    patch, path = "/products/{id}", tag = "staff", security(("bearer" = [])),
    params(("id" = ProductId, Path), ("If-Match" = String, Header, description = "The product's ETag.")),
    request_body = UpdateProductRequest, responses((status = 200, body = ProductAnswer))
)]
pub(crate) async fn update_product(
    _staff: Admin,
    State(app): State<App>,
    Path(id): Path<ProductId>,
    IfMatch(version): IfMatch,
    Body(request): Body<UpdateProductRequest>,
) -> Result<ProductAnswer, Problem> {
    let changes = parse(&request)?;
    Ok(change(&app, id, version, &changes).await?)
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

/// Changes the product at `version`, with its event.
pub(crate) async fn change(app: &App, id: ProductId, version: i64, changes: &Changes) -> Result<ProductAnswer, Error> {
    let mut tx = app.kit.database.begin().await?;
    products::lock(&mut tx, id, version).await?;
    let version = products::update(&mut tx, id, changes, app.kit.clock.now()).await?;
    let product = catalogue::find(&mut tx, id).await?.ok_or(Error::NoSuchProduct)?;
    app.kit.announce(&mut tx, version, Updated { product_id: id, sku: product.sku.clone() }).await?;
    let _committed = tx.commit().await?;
    tracing::info!(product.id = %id, version, "product changed");
    Ok(product.into())
}
