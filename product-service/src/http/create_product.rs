//! `POST /products`: adds a product to the catalogue.

use super::product::{PriceBody, ProductAnswer, created};
use crate::{
    Error,
    app::App,
    domain::{Description, ProductName, Sku, Slug, Status, parse_price, parse_stock},
    store::{
        catalogue,
        products::{self, NewProduct},
    },
};
use axum::{Json, extract::State, response::Response};
use contracts::events::product::Created;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service_kit::{
    Cause, Problem, Tx,
    auth::Admin,
    extract::Body,
    idempotency::{self, IdempotencyKey, Keyed, StoredAnswer},
    problem::Fields,
};
use utoipa::ToSchema;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateProductRequest {
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
    post, path = "/products", tag = "staff", security(("bearer" = ["admin"])), request_body = CreateProductRequest,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$")),
    responses(
        (
            status = 201,
            description = "The product, at version 1.",
            body = ProductAnswer,
            headers(
                ("ETag" = String, description = "The version; a change names it in If-Match."),
                ("Location" = String, description = "Where it is.")
            )
        ),
        (status = 409, description = "`sku_taken`.")
    )
)]
pub(crate) async fn create_product(
    staff: Admin,
    State(app): State<App>,
    key: Option<IdempotencyKey>,
    Body(request): Body<CreateProductRequest>,
) -> Result<Response, Problem> {
    let new = parse(&app, &request)?;
    let keyed = key.map(|key| Keyed::new(staff.account_id, "create_product", key, &request)).transpose()?;
    let mut tx = app.kit.database.begin("create_product").await?;
    let known = match &keyed {
        Some(keyed) => idempotency::find(&mut tx, keyed).await?,
        None => None,
    };
    if let Some(known) = known {
        return Ok(again(known));
    }
    let inserted = insert(&app, &mut tx, &new).await;
    let answer = match (inserted, &keyed) {
        // Of two with one key at the same moment the second meets the first one's SKU.
        (Err(Error::SkuTaken(sku)), Some(keyed)) => {
            tx.rollback().await?;
            let known = idempotency::find(&mut *app.kit.database.pool().acquire().await?, keyed).await?;
            return Ok(again(known.ok_or(Error::SkuTaken(sku))?));
        }
        (inserted, _) => inserted?,
    };
    if let Some(keyed) = &keyed
        && !idempotency::store(&mut tx, keyed, StatusCode::CREATED, &answer, new.created_at).await?
    {
        // The key was used for another SKU meanwhile: `find` says so.
        tx.rollback().await?;
        let known = idempotency::find(&mut *app.kit.database.pool().acquire().await?, keyed).await?;
        return Ok(again(known.ok_or(Error::SkuTaken(request.sku))?));
    }
    let _committed = tx.commit().await?;
    tracing::info!(product.id = %new.id, product.sku = new.sku.as_str(), "product created");
    Ok(created(&new.id.to_string(), 1, Json(answer)))
}

fn parse(app: &App, request: &CreateProductRequest) -> Result<NewProduct, Problem> {
    let mut fields = Fields::default();
    let sku = fields.check("/sku", Sku::parse_new(&request.sku));
    let name = fields.check("/name", ProductName::parse(&request.name));
    let description = request.description.as_deref().unwrap_or_default();
    let description = fields.check("/description", Description::parse(description));
    let category = fields.check("/category", Slug::parse(&request.category));
    let price = fields.check("/price", parse_price(request.price.into()));
    let stock = fields.check("/stock", parse_stock(request.stock.unwrap_or(0)));
    let (Some(sku), Some(name), Some(description), Some(category), Some(price), Some(stock)) =
        (sku, name, description, category, price, stock)
    else {
        return Err(fields.into_problem());
    };
    Ok(NewProduct {
        id: app.kit.clock.new_id(),
        variant_id: app.kit.clock.new_id(),
        sku,
        name,
        description,
        category,
        price,
        stock,
        status: request.status.map_or(Status::Active, Status::from),
        created_at: app.kit.clock.now(),
    })
}

async fn insert(app: &App, tx: &mut Tx, new: &NewProduct) -> Result<ProductAnswer, Error> {
    products::insert(tx, new).await?;
    let created = Created { product_id: new.id, sku: new.sku.as_str().to_owned() };
    app.kit.announce(tx, &Cause::current(), 1, created)?;
    let product = catalogue::find(tx, new.id).await?.ok_or(Error::NoSuchProduct)?;
    Ok(product.into())
}

/// The first answer, with the headers it had.
fn again(stored: StoredAnswer) -> Response {
    let id = stored.body["id"].as_str().unwrap_or_default().to_owned();
    created(&id, 1, Json(stored.body))
}
