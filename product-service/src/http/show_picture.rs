//! `GET /products/pictures/{name}` and `GET /products/{id}/picture`: what a product looks like.

use crate::{
    domain::Status,
    error::Error,
    state::App,
    store::{
        catalogue,
        pictures::{self, Stored},
    },
};
use axum::{
    extract::State,
    response::{AppendHeaders, IntoResponse, Response},
};
use contracts::ProductId;
use http::header;
use service_kit::{Problem, auth::Anybody, extract::Path};

/// An SVG is a document: opened by itself it must not run, load or send anything, nor stand in somebody's frame.
const POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; \
                      frame-ancestors 'none'";
/// The name is the content's hash: it never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const FIVE_MINUTES: &str = "public, max-age=300";

/// A picture by its name, as a product's `picture` says. May be kept for ever.
#[utoipa::path(
    get, path = "/products/pictures/{name}", tag = "catalogue",
    params(("name" = String, Path, pattern = "^[A-Za-z0-9.]+$")),
    responses((status = 200, description = "The picture.", content_type = "image/svg+xml", body = String))
)]
pub(crate) async fn show_picture(
    _anybody: Anybody,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    show(&app, &name, FOR_EVER).await
}

/// The picture a product has now.
#[utoipa::path(
    get, path = "/products/{id}/picture", tag = "catalogue", params(("id" = ProductId, Path)),
    responses((status = 200, description = "The picture.", content_type = "image/svg+xml", body = String))
)]
pub(crate) async fn show_picture_of_product(
    _anybody: Anybody,
    State(app): State<App>,
    Path(id): Path<ProductId>,
) -> Result<Response, Problem> {
    let product = catalogue::find(&mut *app.kit.database.acquire().await?, &[id.uuid()]).await?.pop();
    let product = product.filter(|product| product.status != Status::Draft).ok_or(Error::NoSuchProduct)?;
    show(&app, &product.picture.ok_or(Error::NoSuchPicture)?, FIVE_MINUTES).await
}

async fn show(app: &App, name: &str, keep: &'static str) -> Result<Response, Problem> {
    // The database refuses zero bytes; no picture has them in its name.
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
        return Err(Error::NoSuchPicture.into());
    }
    let picture = pictures::find(&mut *app.kit.database.acquire().await?, name).await?;
    let Stored { content_type, bytes } = picture.ok_or(Error::NoSuchPicture)?;
    let headers = AppendHeaders([
        (header::CONTENT_TYPE, content_type.as_str()),
        (header::CACHE_CONTROL, keep),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ]);
    // `AppendHeaders` would add to the content type that raw bytes bring along.
    let mut response = axum::body::Body::from(bytes).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    Ok((headers, response).into_response())
}
