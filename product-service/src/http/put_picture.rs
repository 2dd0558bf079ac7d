//! `PUT /products/{id}/picture`: gives a product its picture.

use super::{
    changing::{change, edit},
    product::Tagged,
};
use crate::{
    domain::{Edit, Picture},
    state::App,
    store::pictures,
};
use axum::{body::Bytes, extract::State};
use contracts::{ProductId, access::WriteProducts, api::product::ProductView};
use http::{HeaderMap, StatusCode, header};
use service_kit::{
    Cause, ClientAddress, Kind, Problem, auth::Staff, extract::Path, idempotency::Work, if_match::IfMatch, one,
};

const PUT: Work = Work { name: "put_picture", status: StatusCode::OK };

/// Gives a product its picture: the body is the image itself, up to 256 KiB.
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
        (status = 415, description = "`not_a_picture`.")
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
    let picture = Picture::parse(content_type, bytes.to_vec());
    let unsupported = |why| Problem::new(Kind::UnsupportedMediaType, "not_a_picture", format!("The picture {why}."));
    let picture = picture.map_err(unsupported)?;
    // Pictures are kept by content: one that no product uses in the end does no harm.
    pictures::insert(&mut *app.kit.database.acquire().await?, &[&picture]).await?;
    let cause = Cause::by(staff.actor, client);
    let wishes = vec![edit(id, wanted, Edit { picture: Some(picture.name()), ..Edit::default() }, cause)];
    Ok(one(change(&app, PUT, wishes).await)?.into())
}
