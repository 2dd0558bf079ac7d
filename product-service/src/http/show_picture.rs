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
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use service_kit::{
    Kind, Problem,
    auth::Anybody,
    extract::{Path, Query},
    if_none_match::IfNoneMatch,
};
use utoipa::IntoParams;

/// An SVG is a document: opened by itself it must not run, load or send anything, nor stand in somebody's frame.
const POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; \
                      frame-ancestors 'none'";
/// The name is the content's hash: it never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const FIVE_MINUTES: &str = "public, max-age=300";

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SizeQuery {
    /// How many pixels wide it will be shown. The answer is the least wide one that is as wide: of 320, 640, 1280; the
    /// widest there is without it. A drawing has every width.
    #[param(minimum = 1, maximum = 10_000)]
    width: Option<i32>,
}

impl SizeQuery {
    fn checked(&self) -> Result<(), Problem> {
        if self.width.is_some_and(|width| !(1..=10_000).contains(&width)) {
            return Err(Problem::new(Kind::Invalid, "invalid_query", "width= must be 1 to 10000."));
        }
        Ok(())
    }
}

/// A picture by its name, as a product's `picture` says. May be kept for ever.
#[utoipa::path(
    get, path = "/products/pictures/{name}", tag = "catalogue",
    params(("name" = String, Path, pattern = "^[A-Za-z0-9.]+$"), SizeQuery),
    responses(
        (
            status = 200,
            description = "The picture.",
            content_type = "image/svg+xml",
            body = String,
            headers(("ETag" = String, description = "Of just these bytes, for If-None-Match."))
        ),
        (status = 304, description = "The picture is one that If-None-Match names.")
    )
)]
pub(crate) async fn show_picture(
    _anybody: Anybody,
    State(app): State<App>,
    Path(name): Path<String>,
    Query(size): Query<SizeQuery>,
    has: IfNoneMatch,
) -> Result<Response, Problem> {
    size.checked()?;
    show(&app, &name, &size, &has, FOR_EVER).await
}

/// The picture a product has now.
#[utoipa::path(
    get, path = "/products/{id}/picture", tag = "catalogue", params(("id" = ProductId, Path), SizeQuery),
    responses(
        (
            status = 200,
            description = "The picture.",
            content_type = "image/svg+xml",
            body = String,
            headers(("ETag" = String, description = "Of just these bytes, for If-None-Match."))
        ),
        (status = 304, description = "The picture is one that If-None-Match names.")
    )
)]
pub(crate) async fn show_picture_of_product(
    _anybody: Anybody,
    State(app): State<App>,
    Path(id): Path<ProductId>,
    Query(size): Query<SizeQuery>,
    has: IfNoneMatch,
) -> Result<Response, Problem> {
    size.checked()?;
    let product = catalogue::find(&mut *app.kit.database.acquire().await?, &[id.uuid()]).await?.pop();
    let product = product.filter(|product| product.status != Status::Draft).ok_or(Error::NoSuchProduct)?;
    show(&app, &product.picture.ok_or(Error::NoSuchPicture)?, &size, &has, FIVE_MINUTES).await
}

async fn show(
    app: &App,
    name: &str,
    size: &SizeQuery,
    has: &IfNoneMatch,
    keep: &'static str,
) -> Result<Response, Problem> {
    // The database refuses zero bytes; no picture has them in its name.
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
        return Err(Error::NoSuchPicture.into());
    }
    let picture = pictures::find(&mut *app.kit.database.acquire().await?, name, size.width).await?;
    let Stored { content_type, width, bytes } = picture.ok_or(Error::NoSuchPicture)?;
    let tag = width.map_or_else(|| name.to_owned(), |width| format!("{name}-{width}"));
    let headers = AppendHeaders([
        (header::ETAG, format!("\"{tag}\"")),
        (header::CACHE_CONTROL, keep.to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ]);
    if has.has(&tag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let bytes = match bytes {
        Some(bytes) => bytes.into(),
        None => {
            app.bucket
                .as_ref()
                .ok_or_else(|| Error::Bucket(format!("PICTURES_URL names none, and {name} lies in one")))?
                .get(name, width)
                .await?
        }
    };
    let mut response = (headers, bytes).into_response();
    let content_type = HeaderValue::from_str(&content_type);
    let unfit = |_| Error::Stored { what: "a content type", value: name.to_owned() };
    response.headers_mut().insert(header::CONTENT_TYPE, content_type.map_err(unfit)?);
    Ok(response)
}
