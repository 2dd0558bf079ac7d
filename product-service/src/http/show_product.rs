//! `GET /products/{id}` and `GET /products/by-sku/{sku}`: one product.

use super::{product::ProductAnswer, viewer::Viewer};
use crate::{
    Error,
    app::App,
    domain::{Sku, Status},
    store::catalogue::{self, Product},
};
use axum::extract::State;
use contracts::ProductId;
use service_kit::{Problem, extract::Path};

/// One product; its ETag is what a change must name. Archived ones are still shown, drafts to staff alone.
#[utoipa::path(
    get, path = "/products/{id}", tag = "catalogue", security((), ("bearer" = [])), params(("id" = ProductId, Path)),
    responses(
        (
            status = 200,
            description = "The product as it stands.",
            body = ProductAnswer,
            headers(("ETag" = String, description = "The version; a change names it in If-Match."))
        )
    )
)]
pub(crate) async fn show_product(
    viewer: Viewer,
    State(app): State<App>,
    Path(id): Path<ProductId>,
) -> Result<ProductAnswer, Problem> {
    let mut connection = app.kit.database.pool().acquire().await?;
    visible(catalogue::find(&mut connection, id).await?, &viewer)
}

/// One product by what it is ordered by.
#[utoipa::path(
    get, path = "/products/by-sku/{sku}", tag = "catalogue", security((), ("bearer" = [])),
    params(("sku" = String, Path, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$")),
    responses(
        (
            status = 200,
            description = "The product as it stands.",
            body = ProductAnswer,
            headers(("ETag" = String, description = "The version; a change names it in If-Match."))
        )
    )
)]
pub(crate) async fn show_product_by_sku(
    viewer: Viewer,
    State(app): State<App>,
    Path(sku): Path<String>,
) -> Result<ProductAnswer, Problem> {
    // What cannot be a SKU is none of ours.
    let sku = Sku::parse(&sku).map_err(|_| Error::NoSuchProduct)?;
    let mut connection = app.kit.database.pool().acquire().await?;
    visible(catalogue::find_by_sku(&mut connection, &sku).await?, &viewer)
}

fn visible(found: Option<Product>, viewer: &Viewer) -> Result<ProductAnswer, Problem> {
    let found = found.filter(|product| product.status != Status::Draft || viewer.is_staff());
    Ok(found.ok_or(Error::NoSuchProduct)?.into())
}
