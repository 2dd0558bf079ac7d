//! How a product is answered.

use crate::{
    domain::Status,
    store::catalogue::{self, Product},
};
use axum::{
    Json,
    response::{AppendHeaders, IntoResponse, Response},
};
use contracts::{Currency, Money, ProductId};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A product in the flat shape of its default variant.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Product)]
pub(crate) struct ProductAnswer {
    id: ProductId,
    /// What it is ordered by.
    #[schema(examples("MUG-0042"))]
    sku: String,
    name: String,
    description: String,
    /// The category's slug.
    category: String,
    price: Money,
    /// Pieces that can be bought now; 0 for what is not sold.
    available: i64,
    /// The path of its picture on this service; never changes what it shows.
    picture: Option<String>,
    status: Status,
    /// Counts its changes; the ETag. Stock does not count.
    version: i64,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

/// A price as it is sent.
// What is announced is read with whatever a newer version added to it; what somebody sends must hold nothing else.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceBody {
    /// Minor units (cents for EUR).
    #[schema(minimum = 1, maximum = 100_000_000_000_i64, examples(1999))]
    amount: i64,
    currency: Currency,
}

impl From<PriceBody> for Money {
    fn from(PriceBody { amount, currency }: PriceBody) -> Self {
        Self { amount, currency }
    }
}

impl From<catalogue::Product> for ProductAnswer {
    fn from(product: Product) -> Self {
        Self {
            id: product.id,
            sku: product.sku,
            name: product.name,
            description: product.description,
            category: product.category,
            price: product.price,
            available: if product.status == Status::Active { product.available } else { 0 },
            picture: product.picture.map(|name| format!("/products/pictures/{name}")),
            status: product.status,
            version: product.version,
            created_at: product.created_at,
            updated_at: product.updated_at,
        }
    }
}

/// With the ETag that a change must name.
impl IntoResponse for ProductAnswer {
    fn into_response(self) -> Response {
        (AppendHeaders([(header::ETAG, etag(self.version))]), Json(self)).into_response()
    }
}

pub(crate) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// 201 with address and ETag.
pub(crate) fn created(id: &str, version: i64, body: impl IntoResponse) -> Response {
    let location = (header::LOCATION, format!("/products/{id}"));
    (StatusCode::CREATED, AppendHeaders([location, (header::ETAG, etag(version))]), body).into_response()
}
