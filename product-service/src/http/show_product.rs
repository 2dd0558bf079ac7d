//! `GET /products/{id}` and `GET /products/by-sku/{sku}`: one product.

use super::product::Tagged;
use crate::{
    domain::{Product, Sku, Status},
    error::Error,
    state::App,
    store::catalogue,
};
use axum::extract::State;
use contracts::{ProductId, api::product::ProductView};
use service_kit::{Problem, auth::Viewer, extract::Path};

/// One product; its ETag is what a change must name. Archived ones are still shown, drafts to staff alone.
#[utoipa::path(
    get, path = "/products/{id}", tag = "catalogue", security((), ("bearer" = [])), params(("id" = ProductId, Path)),
    responses(
        (
            status = 200,
            description = "The product as it stands.",
            body = ProductView,
            headers(("ETag" = String, description = "The version; a change names it in If-Match."))
        )
    )
)]
pub(crate) async fn show_product(
    viewer: Result<Viewer, Problem>,
    State(app): State<App>,
    Path(id): Path<ProductId>,
) -> Result<Tagged, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    visible(catalogue::find(&mut connection, &[id.uuid()]).await?.pop(), &viewer)
}

/// One product by what it is ordered by.
#[utoipa::path(
    get, path = "/products/by-sku/{sku}", tag = "catalogue", security((), ("bearer" = [])),
    params(("sku" = String, Path, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$")),
    responses(
        (
            status = 200,
            description = "The product as it stands.",
            body = ProductView,
            headers(("ETag" = String, description = "The version; a change names it in If-Match."))
        )
    )
)]
pub(crate) async fn show_product_by_sku(
    viewer: Result<Viewer, Problem>,
    State(app): State<App>,
    Path(sku): Path<String>,
) -> Result<Tagged, Problem> {
    // What cannot be a SKU is none of ours.
    let sku = Sku::parse(&sku).map_err(|_| Error::NoSuchProduct)?;
    let mut connection = app.kit.database.acquire().await?;
    visible(catalogue::find_by_sku(&mut connection, &sku).await?, &viewer)
}

/// A missing or expired token makes a shopper: it must not close the shop.
fn visible(found: Option<Product>, viewer: &Result<Viewer, Problem>) -> Result<Tagged, Problem> {
    let found = found
        .filter(|product| product.status != Status::Draft || viewer.as_ref().is_ok_and(|viewer| viewer.is_staff()));
    Ok(found.ok_or(Error::NoSuchProduct)?.into())
}
