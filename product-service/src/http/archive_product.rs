//! `POST /products/{id}/archive`: takes a product off sale.

use super::{
    changing::{change, wish},
    product::Tagged,
};
use crate::{changes::change_product::What, state::App};
use axum::extract::State;
use contracts::{ProductId, access::WriteProducts, api::product::ProductView};
use http::StatusCode;
use service_kit::{
    Cause, ClientAddress, Problem, auth::Staff, extract::Path, idempotency::Work, if_match::IfMatch, one,
};

const ARCHIVE: Work = Work { name: "archive_product", status: StatusCode::OK };

/// Takes a product off sale. What is reserved of it stays so; old orders and links still find it.
#[utoipa::path(
    post, path = "/products/{id}/archive", tag = "staff", security(("bearer" = ["products:write"])),
    params(("id" = ProductId, Path), IfMatch),
    responses(
        (
            status = 200,
            description = "The product, off sale.",
            body = ProductView,
            headers(("ETag" = String, description = "The version; a change names it in If-Match."))
        ),
        (status = 409, description = "`already_archived`.")
    )
)]
pub(crate) async fn archive_product(
    staff: Staff<WriteProducts>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<ProductId>,
    wanted: IfMatch,
) -> Result<Tagged, Problem> {
    let wishes = vec![wish(id, wanted, What::Archive, Cause::by(staff.actor, client))];
    Ok(one(change(&app, ARCHIVE, wishes).await)?.into())
}
