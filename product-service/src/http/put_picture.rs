//! `PUT /products/{id}/picture`: gives a product its picture.

use super::{product::ProductAnswer, update_product::change};
use crate::{
    app::App,
    domain::Picture,
    store::{pictures, products::Changes},
};
use axum::{body::Bytes, extract::State};
use contracts::ProductId;
use http::{HeaderMap, header};
use service_kit::{Kind, Problem, auth::Admin, extract::Path, if_match::IfMatch};

/// Gives a product its picture: the body is the image itself, up to 256 KiB.
#[utoipa::path(
    put, path = "/products/{id}/picture", tag = "staff", security(("bearer" = ["admin"])),
    params(("id" = ProductId, Path), IfMatch), request_body(content_type = "image/svg+xml", content = String),
    responses(
        (
            status = 200,
            description = "The product with its picture.",
            body = ProductAnswer,
            headers(("ETag" = String, description = "The version; a change names it in If-Match."))
        ),
        (status = 415, description = "`not_a_picture`.")
    )
)]
pub(crate) async fn put_picture(
    _staff: Admin,
    State(app): State<App>,
    Path(id): Path<ProductId>,
    wanted: IfMatch,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<ProductAnswer, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let picture = Picture::parse(content_type, bytes.to_vec());
    let unsupported = |why| Problem::new(Kind::UnsupportedMediaType, "not_a_picture", format!("The picture {why}."));
    let picture = picture.map_err(unsupported)?;
    // Pictures are kept by content: one that no product uses in the end does no harm.
    let name = pictures::insert(&mut *app.kit.database.pool().acquire().await?, &picture).await?;
    let changes = Changes { picture: Some(name), ..Changes::default() };
    Ok(change(&app, id, &wanted, &changes).await?)
}
