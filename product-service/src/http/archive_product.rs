//! `POST /products/{id}/archive`: takes a product off sale.

use super::product::ProductAnswer;
use crate::{
    Error,
    app::App,
    domain::Status,
    store::{
        catalogue,
        products::{self, Changes},
    },
};
use axum::extract::State;
use contracts::{ProductId, events::product::Archived};
use service_kit::{Cause, Problem, auth::Admin, extract::Path, if_match::IfMatch};

/// Takes a product off sale. What is reserved of it stays so; old orders and links still find it.
#[utoipa::path(
    post, path = "/products/{id}/archive", tag = "staff", security(("bearer" = ["admin"])),
    params(("id" = ProductId, Path), IfMatch),
    responses(
        (
            status = 200,
            description = "The product, off sale.",
            body = ProductAnswer,
            headers(("ETag" = String, description = "The version; a change names it in If-Match."))
        ),
        (status = 409, description = "`already_archived`.")
    )
)]
pub(crate) async fn archive_product(
    _staff: Admin,
    State(app): State<App>,
    Path(id): Path<ProductId>,
    wanted: IfMatch,
) -> Result<ProductAnswer, Problem> {
    let mut tx = app.kit.database.begin("archive_product").await?;
    if products::lock(&mut tx, id, &wanted).await? == Status::Archived {
        return Err(Error::AlreadyArchived.into());
    }
    let changes = Changes { status: Some(Status::Archived), ..Changes::default() };
    let version = products::update(&mut tx, id, &changes, app.kit.clock.now()).await?;
    let product = catalogue::find(&mut tx, id).await?.ok_or(Error::NoSuchProduct)?;
    app.kit.announce(&mut tx, &Cause::current(), version, Archived { product_id: id, sku: product.sku.clone() })?;
    let _committed = tx.commit().await?;
    tracing::info!(product.id = %id, version, "product archived");
    Ok(product.into())
}
