//! `PUT /products/{id}/picture`: gives a product its picture.

use super::{
    changing::{change, edit},
    product::Tagged,
};
use crate::{
    domain::{Edit, Picture},
    error::Error,
    state::App,
    store::pictures::{self, Keep},
};
use axum::{body::Bytes, extract::State};
use contracts::{ProductId, access::WriteProducts, api::product::ProductView};
use http::{HeaderMap, StatusCode, header};
use service_kit::{
    Cause, ClientAddress, Problem, auth::Staff, extract::Path, idempotency::Work, if_match::IfMatch, one,
};

const PUT: Work = Work { name: "put_picture", status: StatusCode::OK };

/// Gives a product its picture: the body is the image itself, up to 256 KiB. A JPEG, PNG or WebP is made anew from its
/// pixels, 320, 640 and 1280 wide and upright, without what else the file says; an SVG stays as it is, and may only draw.
#[utoipa::path(
    put, path = "/products/{id}/picture", tag = "staff", security(("bearer" = ["products:write"])),
    params(("id" = ProductId, Path), IfMatch), request_body(content_type = "image/svg+xml", content = String),
    responses(
        (
            status = 200,
            description = "The product with its picture.",
            body = ProductView,
            headers(("ETag" = String, description = "The version; a change names it in If-Match."))
        ),
        (status = 415, description = "`not_a_picture`: it is none, has more than 16 million pixels, or does more than draw.")
    )
)]
pub(crate) async fn put_picture(
    staff: Staff<WriteProducts>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<ProductId>,
    wanted: IfMatch,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Tagged, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let picture = Picture::parse(content_type, bytes.to_vec()).map_err(|why| Error::NotAPicture(why.to_owned()))?;
    let shown = app.darkroom.develop(picture).await?;
    // Pictures are kept by content: one that no product uses in the end does no harm.
    // So does one in the bucket that the database does not know, if this ends here: it is never the other way round.
    if let Some(bucket) = &app.bucket {
        bucket.put(&shown).await?;
    }
    let keep = if app.bucket.is_some() { Keep::Elsewhere } else { Keep::Here };
    let mut connection = app.kit.database.acquire().await?;
    pictures::insert(&mut connection, &[&shown.widest], keep).await?;
    pictures::insert_narrower(&mut connection, &shown.widest.name(), &shown.narrower, keep).await?;
    drop(connection);
    let cause = Cause::by(staff.actor, client);
    let wishes = vec![edit(id, wanted, Edit { picture: Some(shown.widest.name()), ..Edit::default() }, cause)];
    Ok(one(change(&app, PUT, wishes).await)?.into())
}
