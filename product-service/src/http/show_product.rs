//! `GET /products/{id}` and `GET /products/by-sku/{sku}`: one product.

use super::{
    kept::{Asked, given},
    product::Tagged,
};
use crate::{
    answers::Answer,
    domain::{Product, Sku, Status},
    error::Error,
    state::App,
    store::catalogue,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use contracts::{ProductId, access::ReadProducts, api::product::ProductView};
use service_kit::{Problem, auth::OwnOr, extract::Path};

/// One product; its ETag is what a change must name. Archived ones are still shown, drafts to staff alone.
#[utoipa::path(
    get, path = "/products/{id}", tag = "catalogue", security((), ("bearer" = ["products:read"])),
    params(
        ("id" = ProductId, Path),
        ("If-None-Match" = Option<String>, Header, description = "ETags of answers that are there already; or `*`.")
    ),
    responses(
        (
            status = 200,
            description = "The product as it stands; for shoppers at most a second old.",
            body = ProductView,
            headers(("ETag" = String, description = "Begins with the version; a change names it in If-Match."))
        ),
        (status = 304, description = "The answer is one that If-None-Match names.")
    )
)]
pub(crate) async fn show_product(
    viewer: Result<OwnOr<ReadProducts>, Problem>,
    State(app): State<App>,
    Path(id): Path<ProductId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let read = async {
        let mut connection = app.kit.database.acquire().await?;
        Ok(catalogue::find(&mut connection, &[id.uuid()]).await?.pop())
    };
    show(&app, &viewer, &asked, &format!("product {id}"), read).await
}

/// One product by what it is ordered by.
#[utoipa::path(
    get, path = "/products/by-sku/{sku}", tag = "catalogue", security((), ("bearer" = ["products:read"])),
    params(
        ("sku" = String, Path, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$"),
        ("If-None-Match" = Option<String>, Header, description = "ETags of answers that are there already; or `*`.")
    ),
    responses(
        (
            status = 200,
            description = "The product as it stands; for shoppers at most a second old.",
            body = ProductView,
            headers(("ETag" = String, description = "Begins with the version; a change names it in If-Match."))
        ),
        (status = 304, description = "The answer is one that If-None-Match names.")
    )
)]
pub(crate) async fn show_product_by_sku(
    viewer: Result<OwnOr<ReadProducts>, Problem>,
    State(app): State<App>,
    Path(sku): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    // What cannot be a SKU is none of ours.
    let sku = Sku::parse(&sku).map_err(|_| Error::NoSuchProduct)?;
    let read = async {
        let mut connection = app.kit.database.acquire().await?;
        catalogue::find_by_sku(&mut connection, &sku).await
    };
    show(&app, &viewer, &asked, &format!("sku {}", sku.as_str()), read).await
}

/// A missing or expired token makes a shopper: it must not close the shop. Staff see it as it is now, drafts too, with
/// its version alone for a tag.
async fn show(
    app: &App,
    viewer: &Result<OwnOr<ReadProducts>, Problem>,
    asked: &Asked,
    question: &str,
    read: impl Future<Output = Result<Option<Product>, Error>>,
) -> Result<Response, Problem> {
    if viewer.as_ref().is_ok_and(|viewer| viewer.viewer.is_staff()) {
        return Ok(Tagged::from(read.await?.ok_or(Error::NoSuchProduct)?).into_response());
    }
    let read = async {
        let product = read.await?.filter(|product| product.status != Status::Draft).ok_or(Error::NoSuchProduct)?;
        let version = product.version;
        Answer::of_version(version, &ProductView::from(product))
    };
    Ok(given(&*app.answers.get(question, read).await?, asked))
}
