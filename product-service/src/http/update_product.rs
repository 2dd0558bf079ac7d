//! `PATCH /products/{id}`: changes a product.

use super::{
    changing::{change, edit},
    create_product::NewStatus,
    product::{PriceBody, Tagged},
};
use crate::{
    domain::{Description, Edit, ProductName, Slug, Status, parse_price},
    state::App,
};
use axum::extract::State;
use contracts::{ProductId, access::WriteProducts, api::product::ProductView};
use http::StatusCode;
use serde::Deserialize;
use service_kit::{
    Cause, ClientAddress, Problem,
    auth::Staff,
    extract::{Body, Path},
    idempotency::Work,
    if_match::IfMatch,
    one,
    problem::Fields,
};
use utoipa::ToSchema;

/// What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateProductRequest)]
pub(crate) struct UpdateProductBody {
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    name: Option<String>,
    #[schema(max_length = 5000)]
    description: Option<String>,
    /// A category's slug.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    category: Option<String>,
    price: Option<PriceBody>,
    /// `active` puts a draft or an archived product on sale; POST …/archive takes it off.
    status: Option<NewStatus>,
}

const UPDATE: Work = Work { name: "update_product", status: StatusCode::OK };

/// Changes a product. `If-Match` names the version the change is based on.
#[utoipa::path(
    patch, path = "/products/{id}", tag = "staff", security(("bearer" = ["products:write"])),
    params(("id" = ProductId, Path), IfMatch), request_body = UpdateProductBody,
    responses(
        (
            status = 200,
            description = "The product as it is now.",
            body = ProductView,
            headers(("ETag" = String, description = "The version; a change names it in If-Match."))
        )
    )
)]
pub(crate) async fn update_product(
    staff: Staff<WriteProducts>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<ProductId>,
    wanted: IfMatch,
    Body(body): Body<UpdateProductBody>,
) -> Result<Tagged, Problem> {
    let wishes = vec![edit(id, wanted, parse(&body)?, Cause::by(staff.actor, client))];
    Ok(one(change(&app, UPDATE, wishes).await)?.into())
}

pub(crate) fn parse(body: &UpdateProductBody) -> Result<Edit, Problem> {
    let mut fields = Fields::default();
    let name = body.name.as_deref().map(|name| fields.check("/name", ProductName::parse(name)));
    let description = body.description.as_deref();
    let description = description.map(|text| fields.check("/description", Description::parse(text)));
    let category = body.category.as_deref().map(|slug| fields.check("/category", Slug::parse(slug)));
    let price = body.price.map(|price| fields.check("/price", parse_price(price.into())));
    // Given, and refused.
    let refused = matches!(name, Some(None))
        || matches!(description, Some(None))
        || matches!(category, Some(None))
        || matches!(price, Some(None));
    if refused {
        return Err(fields.into_problem());
    }
    Ok(Edit {
        name: name.flatten(),
        description: description.flatten(),
        category: category.flatten(),
        price: price.flatten(),
        picture: None,
        status: body.status.map(Status::from),
    })
}
