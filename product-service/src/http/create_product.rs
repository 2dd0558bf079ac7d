//! `POST /products`: adds a product to the catalogue.

use super::{
    keyed::once_where_keyed,
    product::{PriceBody, created},
};
use crate::{
    changes::create_product::{self as change, Wish},
    domain::{Description, NewProduct, ProductName, Sku, Slug, Status, parse_price, parse_stock},
    error::Error,
    state::App,
};
use axum::{extract::State, response::Response};
use contracts::{access::WriteProducts, api::product::ProductView};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service_kit::{
    Cause, ClientAddress, Clock, Problem, Tx,
    auth::Staff,
    extract::Body,
    idempotency::{IdempotencyKey, Keyed, StoredAnswer, Work},
    one,
    problem::Fields,
};
use utoipa::ToSchema;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateProductRequest)]
pub(crate) struct CreateProductBody {
    /// 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit among them; never changes. Capital
    /// letters do not make another SKU.
    #[schema(min_length = 1, max_length = 64, pattern = "^[._-]*[A-Za-z0-9][A-Za-z0-9._-]*$", examples("MUG-0042"))]
    sku: String,
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        examples("Stoneware mug")
    )]
    name: String,
    #[schema(max_length = 5000)]
    description: Option<String>,
    /// A category's slug.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    category: String,
    price: PriceBody,
    /// Pieces on hand; 0 when left out.
    #[schema(minimum = 0, maximum = 1_000_000)]
    stock: Option<i64>,
    status: Option<NewStatus>,
}

/// `active` (sold at once) when left out, or `draft`.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NewStatus {
    Draft,
    Active,
}

impl From<NewStatus> for Status {
    fn from(status: NewStatus) -> Self {
        match status {
            NewStatus::Draft => Self::Draft,
            NewStatus::Active => Self::Active,
        }
    }
}

/// Adds a product. With an Idempotency-Key a repeat gets the first answer.
#[utoipa::path(
    post, path = "/products", tag = "staff", security(("bearer" = ["products:write"])), request_body = CreateProductBody,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$")),
    responses(
        (
            status = 201,
            description = "The product, at version 1.",
            body = ProductView,
            headers(
                ("ETag" = String, description = "The version; a change names it in If-Match."),
                ("Location" = String, description = "Where it is.")
            )
        ),
        (status = 409, description = "`sku_taken`.")
    )
)]
pub(crate) async fn create_product(
    staff: Staff<WriteProducts>,
    client: ClientAddress,
    State(app): State<App>,
    key: Option<IdempotencyKey>,
    Body(body): Body<CreateProductBody>,
) -> Result<Response, Problem> {
    let product = parse(&app.kit.clock, &body)?;
    let keyed = key.map(|key| Keyed::new(staff.actor, "create_product", key, &body)).transpose()?;
    let answers = create(&app, vec![(keyed, Wish { product, cause: Cause::by(staff.actor, client) })]).await;
    Ok(created(one(answers)?))
}

const CREATE: Work = Work { name: "create_product", status: StatusCode::CREATED };

/// Each once where it has a key.
pub(crate) async fn create(app: &App, wishes: Vec<(Option<Keyed>, Wish)>) -> Vec<Result<StoredAnswer, Error>> {
    let answers =
        once_where_keyed(app, app, CREATE, wishes, |app, tx, wishes| Box::pin(create_now(app, tx, wishes))).await;
    app.answers.forget();
    answers
}

async fn create_now(app: &App, tx: &mut Tx, wishes: Vec<Wish>) -> Result<Vec<Result<ProductView, Error>>, Error> {
    let made = change::create(&app.kit, tx, &wishes).await?;
    Ok(made.into_iter().map(|product| product.map(ProductView::from)).collect())
}

pub(crate) fn parse(clock: &Clock, body: &CreateProductBody) -> Result<NewProduct, Problem> {
    let mut fields = Fields::default();
    let sku = fields.check("/sku", Sku::parse_new(&body.sku));
    let name = fields.check("/name", ProductName::parse(&body.name));
    let description = body.description.as_deref().unwrap_or_default();
    let description = fields.check("/description", Description::parse(description));
    let category = fields.check("/category", Slug::parse(&body.category));
    let price = fields.check("/price", parse_price(body.price.into()));
    let stock = fields.check("/stock", parse_stock(body.stock.unwrap_or(0)));
    let (Some(sku), Some(name), Some(description), Some(category), Some(price), Some(stock)) =
        (sku, name, description, category, price, stock)
    else {
        return Err(fields.into_problem());
    };
    Ok(NewProduct {
        id: clock.new_id(),
        variant_id: clock.new_id(),
        sku,
        name,
        description,
        category,
        picture: None,
        price,
        stock,
        status: body.status.map_or(Status::Active, Status::from),
        created_at: clock.now(),
    })
}
